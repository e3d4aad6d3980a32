/**
 * The one file that touches OpenSeadragon. One page at a time, at x 0 and width 1, so that viewport
 * units are page widths. Loaded after sound, as a chunk of its own.
 */
import OpenSeadragon from 'openseadragon';
import type { Page } from '../protocol/generated/protocol';
import type { Region } from '../state/picture';
import { type Rect, contains, fit, same, toPoint, toRect, toRegion, wholePage } from './geometry';
import { type Quality, quality } from './quality';
import { TILE, tileUrl } from './tiles';

export interface ViewerUse {
  quality(q: Quality): void;
  failed(tiles: number): void;
  touched(): void; // the person moved the picture with the own hand
  moved(region: Region): void; // while moving; all that is in the pane
  settled(region: Region): void; // where an own movement ended
  drawn(): void; // anything moved or drew: overlays look again
}

interface Load {
  any: boolean;
  best: number;
  failed: number;
}

/**
 * OpenSeadragon would write a style element of its own into the page, which our policy refuses (style-src
 * 'self') with a line in the console. It does so only where none is marked; this mark styles nothing.
 */
function noStyleOfItsOwn(): void {
  const name = 'data-openseadragon-mobile-css';
  if (document.querySelector(`style[${name}]`)) return;
  const mark = document.createElementNS('urn:consilium', 'style');
  mark.setAttribute(name, 'ours');
  document.head.append(mark);
}

export class Viewer {
  private readonly osd: OpenSeadragon.Viewer;
  private page: Page | null = null;
  private key = '';
  private load: Load = { any: false, best: 0, failed: 0 };
  private own = false; // the movement under way is the person's
  private lastSent: Region | null = null;
  private target: Region | null = null;

  constructor(element: HTMLElement, private readonly use: ViewerUse) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    noStyleOfItsOwn();
    this.osd = OpenSeadragon({
      element, drawer: 'canvas', showNavigationControl: false, showNavigator: false, autoHideControls: false,
      // Levels are powers of two: half a device pixel as the least keeps every device pixel filled.
      minPixelRatio: 0.5 / Math.max(1, window.devicePixelRatio || 1),
      imageLoaderLimit: 5, timeout: 120000, tileRetryMax: 4, tileRetryDelay: 1500, maxImageCacheCount: 240,
      animationTime: still ? 0 : 0.24, springStiffness: 7, blendTime: 0, immediateRender: false,
      visibilityRatio: 0.1, minZoomImageRatio: 0.5, maxZoomPixelRatio: 4, preserveViewport: true,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true, flickEnabled: false },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, flickEnabled: false },
      tabIndex: -1,
    } as OpenSeadragon.Options);
    this.listen();
  }

  /** Shows another page; the old one goes at once, so that no label ever stands beside another picture. */
  open(document: string, page: Page): void {
    const key = `${document}/${page.digest}`;
    if (key === this.key) return;
    this.key = key;
    this.page = page;
    this.load = { any: false, best: 0, failed: 0 };
    this.target = null;
    this.osd.world.removeAll();
    this.use.quality('none');
    this.use.failed(0);
    this.osd.addTiledImage({
      tileSource: {
        width: page.width, height: page.height, tileSize: TILE, tileOverlap: 0, minLevel: 0, maxLevel: page.levels - 1,
        getTileUrl: (z: number, x: number, y: number) => tileUrl(document, page, z, x, y),
      } as unknown as OpenSeadragon.TileSourceOptions,
      x: 0, y: 0, width: 1,
      success: (e: Event) => {
        if (key !== this.key) return;
        const item = (e as unknown as { item: OpenSeadragon.TiledImage }).item;
        item.addHandler('fully-loaded-change', () => this.tell());
        this.show(this.target ?? wholePage(page), true);
      },
    });
  }

  clear(): void {
    this.key = '';
    this.page = null;
    this.osd.world.removeAll();
    this.use.quality('none');
  }

  /** Shows all of a region with a margin, whatever the pane's shape. */
  show(region: Region, atOnce: boolean): void {
    this.target = region;
    this.fitTo(region, atOnce);
  }

  private fitTo(region: Region, atOnce: boolean, margin?: number): void {
    const b = fit(toRect(region), this.aspect(), margin);
    this.own = false;
    this.osd.viewport?.fitBounds(new OpenSeadragon.Rect(b.x, b.y, b.w, b.h), atOnce);
  }

  zoom(by: number): void {
    this.own = true;
    this.use.touched();
    this.osd.viewport?.zoomBy(by);
    this.osd.viewport?.applyConstraints();
  }

  pan(dx: number, dy: number): void {
    this.own = true;
    this.use.touched();
    const b = this.osd.viewport.getBounds(true);
    this.osd.viewport.panBy(new OpenSeadragon.Point(dx * b.width, dy * b.height));
    this.osd.viewport.applyConstraints();
  }

  whole(): void {
    if (!this.page) return;
    this.show(wholePage(this.page), false);
    this.own = true;
  }

  /** Pixel in the pane of a point in 1/10000; null while nothing is open. */
  pixel(x: number, y: number): { x: number; y: number } | null {
    if (!this.osd.viewport || this.osd.world.getItemCount() === 0) return null;
    const r = toRect({ x, y, w: 1, h: 1 });
    const p = this.osd.viewport.pixelFromPoint(new OpenSeadragon.Point(r.x, r.y), true);
    return { x: p.x, y: p.y };
  }

  point(px: number, py: number): { x: number; y: number } | null {
    if (!this.osd.viewport || this.osd.world.getItemCount() === 0) return null;
    const p = this.osd.viewport.pointFromPixel(new OpenSeadragon.Point(px, py), true);
    return toPoint(p.x, p.y);
  }

  /** What the pane shows of the page. */
  region(): Region | null {
    if (!this.page || !this.osd.viewport) return null;
    const b = this.osd.viewport.getBounds(true);
    const whole = toRect(wholePage(this.page));
    const seen = clip({ x: b.x, y: b.y, w: b.width, h: b.height }, whole);
    return toRegion(seen ?? { x: b.x, y: b.y, w: b.width, h: b.height });
  }

  /** Does the pane show all of this region? For tests and the follower's own check. */
  shows(region: Region): boolean {
    if (!this.osd.viewport) return false;
    const b = this.osd.viewport.getBounds(true);
    return contains({ x: b.x, y: b.y, w: b.width, h: b.height }, toRect(region));
  }

  size(): { width: number; height: number } {
    const el = this.osd.element;
    const dpr = window.devicePixelRatio || 1;
    return { width: el.clientWidth * dpr, height: el.clientHeight * dpr };
  }

  destroy(): void {
    this.osd.destroy();
  }

  private aspect(): number {
    const el = this.osd.element;
    return el.clientWidth / Math.max(1, el.clientHeight) || 1;
  }

  private listen(): void {
    const osd = this.osd;
    const touched = (): void => {
      this.own = true;
      this.use.touched();
    };
    for (const name of ['canvas-drag', 'canvas-scroll', 'canvas-pinch', 'canvas-double-click'] as const) osd.addHandler(name, touched);
    osd.addHandler('animation', () => this.moving());
    osd.addHandler('animation-finish', () => this.ended());
    osd.addHandler('update-viewport', () => this.use.drawn());
    osd.addHandler('resize', () => this.resized());
    osd.addHandler('tile-loaded', (e) => {
      const tile = (e as unknown as { tile: { level: number } }).tile;
      this.load.any = true;
      this.load.best = Math.max(this.load.best, tile.level);
      this.tell();
    });
    osd.addHandler('tile-load-failed', () => {
      this.load.failed += 1;
      this.use.failed(this.load.failed);
    });
  }

  /** Another shape of the pane is no movement of the person: the same region stays, and nobody is told of a new one. */
  private resized(): void {
    const own = this.own;
    const target = this.target;
    this.own = false;
    if (target) requestAnimationFrame(() => target === this.target && this.fitTo(target, true, own ? 0 : undefined));
  }

  private moving(): void {
    this.use.drawn();
    const r = this.own ? this.region() : null;
    if (r) this.use.moved(r);
    this.tell();
  }

  private ended(): void {
    this.tell();
    if (!this.own) return;
    const r = this.region();
    if (!r || (this.lastSent && same(r, this.lastSent))) return;
    this.lastSent = r;
    this.target = r;
    this.use.settled(r);
  }

  private tell(): void {
    const item = this.osd.world.getItemAt(0);
    const page = this.page;
    if (!item || !page) return;
    const pixels = page.width * this.osd.viewport.getZoom(true) ** -1; // page pixels across the pane
    const down = pixels / Math.max(1, this.size().width);
    const wanted = Math.max(0, page.levels - 1 - Math.floor(Math.log2(Math.max(1, down))));
    const full = this.load.any && item.getFullyLoaded() && this.load.best >= Math.min(wanted, page.levels - 1) && this.load.failed === 0;
    this.use.quality(quality({ any: this.load.any, best: this.load.best, wanted, full }));
  }
}

function clip(a: Rect, b: Rect): Rect | null {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const w = Math.min(a.x + a.w, b.x + b.w) - x;
  const h = Math.min(a.y + a.h, b.y + b.h) - y;
  return w > 0 && h > 0 ? { x, y, w, h } : null;
}
