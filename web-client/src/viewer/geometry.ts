/** Regions and pointers in 1/10000 of the page's width, both ways, so that every seat means the same place. */
import type { Page } from '../protocol/generated/protocol';
import type { Region } from '../state/picture';

export const UNIT = 10000;
const LIMIT = 100000; // of the contract

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

export function wholePage(p: Page): Region {
  return { x: 0, y: 0, w: UNIT, h: Math.max(1, Math.round((UNIT * p.height) / p.width)) };
}

/** Rectangle in page widths (OpenSeadragon's viewport units for one picture of width 1). */
export function toRect(r: Region): Rect {
  return { x: r.x / UNIT, y: r.y / UNIT, w: r.w / UNIT, h: r.h / UNIT };
}

function bound(v: number, low: number): number {
  return Math.max(low, Math.min(LIMIT, Math.round(v)));
}

export function toRegion(r: Rect): Region {
  return { x: bound(r.x * UNIT, -LIMIT), y: bound(r.y * UNIT, -LIMIT), w: bound(r.w * UNIT, 1), h: bound(r.h * UNIT, 1) };
}

export function toPoint(x: number, y: number): { x: number; y: number } {
  return { x: bound(x * UNIT, -LIMIT), y: bound(y * UNIT, -LIMIT) };
}

/** The smallest rectangle of the pane's shape that shows all of `r` with a margin on every side. */
export function fit(r: Rect, aspect: number, margin = 0.02): Rect {
  const w = r.w * (1 + 2 * margin);
  const h = r.h * (1 + 2 * margin);
  const width = Math.max(w, h * aspect);
  const height = width / aspect;
  return { x: r.x + (r.w - width) / 2, y: r.y + (r.h - height) / 2, w: width, h: height };
}

export function contains(outer: Rect, inner: Rect): boolean {
  const e = 1e-9;
  return outer.x <= inner.x + e && outer.y <= inner.y + e && outer.x + outer.w >= inner.x + inner.w - e && outer.y + outer.h >= inner.y + inner.h - e;
}

/** Is the view the same up to half a per cent of its width? Then nothing is sent. */
export function same(a: Region, b: Region): boolean {
  const e = Math.max(a.w, b.w) / 200;
  return Math.abs(a.x - b.x) <= e && Math.abs(a.y - b.y) <= e && Math.abs(a.w - b.w) <= e && Math.abs(a.h - b.h) <= e;
}
