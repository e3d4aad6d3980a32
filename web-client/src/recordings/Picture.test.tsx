import { render } from 'preact';
import { expect, test } from 'vitest';
import { Picture } from './Picture';

const at = { kind: 'page' as const, at_ms: 0, document: 'd', title: 'CT', number: 3, page: { width: 2000, height: 1500, levels: 3, digest: 'x' } };

function show(view: { x: number; y: number; w: number; h: number }, pointer: { x: number; y: number } | null) {
  const box = document.createElement('div');
  render(<Picture at={at} view={view} pointer={pointer} />, box);
  const style = (el: Element | null): string => (el?.getAttribute('style') ?? '').replaceAll(/ |;$/g, '');
  return { name: box.querySelector('[role=img]')?.getAttribute('aria-label'), tiles: [...box.querySelectorAll('img')].map((it) => [it.getAttribute('src'), style(it)]), ring: style(box.querySelector('.points')) };
}

test('a whole page, coarse enough for the pane', () => {
  const { name, tiles } = show({ x: 0, y: 0, w: 10_000, h: 7500 }, null);
  expect(name).toBe('CT, page 3');
  expect(tiles).toEqual([
    ['/t/d/x/1/0_0', 'left:0.000%;top:0.000%;width:51.200%'], ['/t/d/x/1/1_0', 'left:51.200%;top:0.000%;width:48.800%'],
    ['/t/d/x/1/0_1', 'left:0.000%;top:68.267%;width:51.200%'], ['/t/d/x/1/1_1', 'left:51.200%;top:68.267%;width:48.800%'],
  ]);
});

test('a part is finer, only its tiles are asked for, and the pointer stays at its place of the page', () => {
  const { name, tiles, ring } = show({ x: 2500, y: 0, w: 5000, h: 3750 }, { x: 5000, y: 1875 });
  expect(name).toBe('CT, page 3, a part of it');
  expect(tiles.map(([src]) => src)).toEqual(['/t/d/x/2/0_0', '/t/d/x/2/1_0', '/t/d/x/2/2_0', '/t/d/x/2/0_1', '/t/d/x/2/1_1', '/t/d/x/2/2_1']);
  expect(tiles[1]?.[1]).toBe('left:1.200%;top:0.000%;width:51.200%');
  expect(ring).toBe('left:50.000%;top:50.000%');
});

test('a view of another shape is seen whole, with more of the page around it', () => {
  expect(show({ x: 0, y: 0, w: 4000, h: 6000 }, { x: 2000, y: 3000 }).ring).toBe('left:50.000%;top:50.000%');
});
