/** Keeps the viewer at what the room shows: follows, tells the presenter's moves, fetches ahead. */
import { effect, signal } from '@preact/signals';
import type { Document, Page } from '../protocol/generated/protocol';
import { type Region, pageAt } from '../state/picture';
import { Ahead } from '../viewer/ahead';
import { wholePage } from '../viewer/geometry';
import { fittingLevel, pageTiles } from '../viewer/tiles';
import type { Viewer } from '../viewer/viewer';
import type { Room } from './control';

export interface OnScreen {
  document: Document;
  page: Page;
  n: number; // from 1
}

export function onScreen(room: Room): OnScreen | null {
  const { shown, documents } = room.state.value.picture;
  const document = shown && documents.find((d) => d.document === shown.document);
  const page = document?.pages[shown!.page - 1];
  return document && page ? { document, page, n: shown!.page } : null;
}

const LIVE_MS = 100;

export class Stagehand {
  readonly drawn = signal(0); // grows with every move of the picture: overlays look again
  readonly failed = signal(0);
  readonly view = signal<Region | null>(null);
  viewer: Viewer | null = null;
  private readonly ahead = new Ahead();
  private stops: (() => void)[] = [];
  private lastLive = 0;
  private lastPoint = 0;
  private element: HTMLElement | null = null;

  constructor(private readonly room: Room) {}

  /** Loads the viewer once sound came, never before. */
  mount(element: HTMLElement): void {
    this.element = element;
    this.stops.push(effect(() => {
      if (this.room.pictures.value && onScreen(this.room) && !this.viewer && this.element === element) void this.load(element);
    }));
    this.stops.push(effect(() => {
      const quality = this.room.quality.value;
      if (quality === 'sharp' && this.room.pictures.value) this.fetchAhead();
    }));
  }

  unmount(): void {
    this.element = null;
    for (const stop of this.stops) stop();
    this.stops = [];
    this.ahead.stop();
    this.viewer?.destroy();
    this.viewer = null;
    this.room.quality.value = 'none';
  }

  /** Presenter's step through the pages of the item. */
  step(by: number): void {
    const to = pageAt(this.room.state.value.picture, by);
    if (to) void this.room.press('page.show', { document: to.document.document, page: to.page });
  }

  lookAround(alone: boolean): void {
    if (this.room.presents.value) return;
    this.room.alone.value = alone;
    this.room.called.value = '';
    if (!alone) this.follow(false);
  }

  /** Presenter or chair: nothing is shown, or again what was shown last. */
  hide(on: boolean): void {
    const { last } = this.room.state.value.picture;
    if (on) void this.room.press('picture.hide', {});
    else if (last) void this.room.press('page.show', last);
  }

  pointAt(px: number, py: number): void {
    const now = performance.now();
    if (!this.room.presents.value || now - this.lastPoint < LIVE_MS) return;
    const p = this.viewer?.point(px, py);
    if (!p) return;
    this.lastPoint = now;
    const seat = this.room.you.value?.seat ?? '';
    this.room.pointer.value = { seat, ...p, on: true };
    this.room.tell('pointer', { ...p, on: true });
  }

  pointAway(): void {
    if (!this.room.presents.value) return;
    this.room.pointer.value = null;
    this.room.tell('pointer', { x: 0, y: 0, on: false });
  }

  private async load(element: HTMLElement): Promise<void> {
    const { Viewer } = await import('../viewer/viewer');
    if (this.element !== element || this.viewer) return;
    this.viewer = new Viewer(element, {
      quality: (q) => (this.room.quality.value = q),
      failed: (n) => (this.failed.value = n),
      touched: () => !this.room.presents.value && (this.room.alone.value = true),
      moved: (r) => this.moved(r),
      settled: (r) => this.room.presents.value && void this.room.ask('view.settle', r),
      drawn: () => (this.drawn.value += 1),
    });
    this.stops.push(effect(() => this.showPage()));
    this.stops.push(effect(() => this.showRegion()));
  }

  private showPage(): void {
    const at = onScreen(this.room);
    if (!at) this.viewer?.clear();
    else this.viewer?.open(at.document.document, at.page);
  }

  private showRegion(): void {
    const live = this.room.live.value; // read all, so that each of them wakes this effect
    const { region } = this.room.state.value.picture;
    if (this.room.alone.value) return;
    if (this.room.presents.value && region) return; // the own hand led there
    this.follow(live !== null);
  }

  private follow(atOnce: boolean): void {
    const at = onScreen(this.room);
    if (!at) return;
    const live = this.room.live.peek();
    const region = live && live.seat === this.room.presenter.peek() ? live : this.room.state.peek().picture.region;
    this.viewer?.show(region ?? wholePage(at.page), atOnce);
  }

  private moved(r: Region): void {
    this.view.value = r;
    const now = performance.now();
    if (!this.room.presents.value || now - this.lastLive < LIVE_MS) return;
    this.lastLive = now;
    this.room.tell('view.live', r);
  }

  /** The next page whole, at the level that fits this pane; the page before it is in the cache already. */
  private fetchAhead(): void {
    const next = pageAt(this.room.state.value.picture, 1);
    const page = next?.document.pages[next.page - 1];
    const size = this.viewer?.size();
    if (!next || !page || !size) return;
    this.ahead.want(pageTiles(next.document.document, page, fittingLevel(page, size)));
  }
}
