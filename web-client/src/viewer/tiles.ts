/** Levels, tile counts and URLs of one page. z = 0 is the whole page in one tile, levels-1 is full size. */
import type { Page } from '../protocol/generated/protocol';

export const TILE = 512;

export function levelSize(p: Page, z: number): { width: number; height: number } {
  const down = 2 ** (p.levels - 1 - z);
  return { width: Math.max(1, Math.ceil(p.width / down)), height: Math.max(1, Math.ceil(p.height / down)) };
}

export function tileCount(p: Page, z: number): { x: number; y: number } {
  const s = levelSize(p, z);
  return { x: Math.ceil(s.width / TILE), y: Math.ceil(s.height / TILE) };
}

export function tileUrl(document: string, p: Page, z: number, x: number, y: number): string {
  return `/t/${document}/${p.digest}/${z}/${x}_${y}`;
}

/** The coarsest level that is sharp for a whole page in a pane of `px` device pixels. */
export function fittingLevel(p: Page, px: { width: number; height: number }): number {
  for (let z = 0; z < p.levels; z++) {
    const s = levelSize(p, z);
    if (s.width >= px.width || s.height >= px.height) return z;
  }
  return Math.max(0, p.levels - 1);
}

/** Tiles of a whole page, coarse first, up to level `z`: what is fetched ahead. */
export function pageTiles(document: string, p: Page, z: number): string[] {
  const out: string[] = [];
  for (const level of z > 0 ? [0, z] : [0]) {
    const n = tileCount(p, level);
    for (let y = 0; y < n.y; y++) for (let x = 0; x < n.x; x++) out.push(tileUrl(document, p, level, x, y));
  }
  return out;
}
