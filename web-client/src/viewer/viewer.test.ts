import { expect, test } from 'vitest';
import { contains, fit, same, toRect, toRegion, wholePage } from './geometry';
import { beatPicture, quality } from './quality';
import { fittingLevel, levelSize, pageTiles, tileCount } from './tiles';

const page = { width: 2000, height: 1125, levels: 3, digest: 'abc' };

test('every pane, whatever its shape, shows all of the region with a margin', () => {
  const r = toRect({ x: 2000, y: 1000, w: 3000, h: 2000 });
  for (const aspect of [0.3, 1, 16 / 9, 3]) {
    const b = fit(r, aspect);
    expect(contains(b, r)).toBe(true);
    expect(b.w / b.h).toBeCloseTo(aspect);
    expect(b.x).toBeLessThan(r.x);
    expect(b.y).toBeLessThan(r.y);
  }
});

test('the whole page has the width of ten thousand and the height of its shape', () => {
  expect(wholePage(page)).toEqual({ x: 0, y: 0, w: 10000, h: 5625 });
});

test('regions stay within the contract', () => {
  expect(toRegion({ x: -99, y: 99, w: 0, h: 1e9 })).toEqual({ x: -100000, y: 100000, w: 1, h: 100000 });
});

test('a shift of half a per cent is no new view', () => {
  const a = { x: 0, y: 0, w: 10000, h: 5000 };
  expect(same(a, { ...a, x: 40 })).toBe(true);
  expect(same(a, { ...a, x: 60 })).toBe(false);
});

test('level 0 is one tile, the last is full size', () => {
  expect(tileCount(page, 0)).toEqual({ x: 1, y: 1 });
  expect(levelSize(page, 0)).toEqual({ width: 500, height: 282 });
  expect(levelSize(page, 2)).toEqual({ width: 2000, height: 1125 });
  expect(tileCount(page, 2)).toEqual({ x: 4, y: 3 });
});

test('ahead goes the coarse tile first, then the level that fits the pane', () => {
  expect(fittingLevel(page, { width: 960, height: 700 })).toBe(1);
  expect(fittingLevel(page, { width: 9000, height: 9000 })).toBe(2);
  const tiles = pageTiles('d', page, 1);
  expect(tiles[0]).toBe('/t/d/abc/0/0_0');
  expect(tiles).toHaveLength(1 + 2 * 2);
});

test('sharp is said only when every wanted tile is here', () => {
  expect(quality({ any: false, best: 0, wanted: 2, full: false })).toBe('none');
  expect(quality({ any: true, best: 0, wanted: 2, full: false })).toBe('preview');
  expect(quality({ any: true, best: 1, wanted: 2, full: false })).toBe('sharpening');
  expect(quality({ any: true, best: 2, wanted: 2, full: true })).toBe('sharp');
  expect(beatPicture('sharpening')).toBe('coarse');
});
