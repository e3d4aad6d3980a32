import { expect, test } from 'vitest';
import { deck, writer } from './log.fixture';
import { foldPicture, noPicture, pageAt, pages } from './picture';

test('a page resets the region, a settled view sets it, and what was shown is remembered', () => {
  const w = writer('meeting');
  const p = [
    w({ k: 'item.started', d: { item: 'i', documents: [deck('d', 3)] } }), w({ k: 'page.shown', d: { document: 'd', page: 1, digest: 'd0' } }),
    w({ k: 'view.settled', d: { x: 1, y: 2, w: 3, h: 4 } }), w({ k: 'page.shown', d: { document: 'd', page: 2, digest: 'd1' } }),
  ].reduce(foldPicture, noPicture);
  expect(p.region).toBeNull();
  expect(p.shown).toEqual({ document: 'd', page: 2 });
  expect(p.seen).toEqual(['d/1', 'd/2']);
});

test('an older view never wins over a newer one', () => {
  const w = writer('meeting');
  const start = w({ k: 'item.started', d: { item: 'i', documents: [deck('d', 1)] } });
  const shown = w({ k: 'page.shown', d: { document: 'd', page: 1, digest: 'd0' } });
  const old = w({ k: 'view.settled', d: { x: 0, y: 0, w: 1, h: 1 } });
  const fresh = w({ k: 'view.settled', d: { x: 5, y: 5, w: 9, h: 9 } });
  const p = [start, shown, fresh, old].reduce(foldPicture, noPicture);
  expect(p.region).toEqual({ x: 5, y: 5, w: 9, h: 9 });
});

test('nothing of a case stays on screen when its item ends', () => {
  const w = writer('meeting');
  const p = [
    w({ k: 'item.started', d: { item: 'i', documents: [deck('d', 1)] } }), w({ k: 'page.shown', d: { document: 'd', page: 1, digest: 'd0' } }),
    w({ k: 'item.ended', d: { item: 'i', outcome: 'deferred' } }),
  ].reduce(foldPicture, noPicture);
  expect(p).toMatchObject({ documents: [], shown: null, seen: [] });
});

test('paging goes over the documents in order and stops at both ends', () => {
  const w = writer('meeting');
  let p = foldPicture(noPicture, w({ k: 'item.started', d: { item: 'i', documents: [deck('a', 2), deck('b', 1)] } }));
  expect(pages(p)).toHaveLength(3);
  expect(pageAt(p, 1)).toMatchObject({ page: 1 });
  p = foldPicture(p, w({ k: 'page.shown', d: { document: 'a', page: 2, digest: 'a1' } }));
  expect(pageAt(p, 1)).toMatchObject({ page: 1, document: { document: 'b' } });
  expect(pageAt(p, 2)).toBeUndefined();
  expect(pageAt(p, -2)).toBeUndefined();
});

test('a document that becomes readable while the item runs takes its place', () => {
  const w = writer('meeting');
  let p = foldPicture(noPicture, w({ k: 'item.started', d: { item: 'i', documents: [{ ...deck('a', 0), state: 'rendering' }] } }));
  p = foldPicture(p, w({ k: 'document.shared', d: { item: 'i', document: deck('a', 4) } }));
  expect(p.documents).toHaveLength(1);
  expect(pages(p)).toHaveLength(4);
});

test('hidden is nothing shown, and what was shown last is known for showing it again', () => {
  const w = writer('meeting');
  const p = [
    w({ k: 'item.started', d: { item: 'i', documents: [deck('a', 2)] } }), w({ k: 'page.shown', d: { document: 'a', page: 2, digest: 'a1' } }),
    w({ k: 'view.settled', d: { x: 1, y: 1, w: 5, h: 5 } }), w({ k: 'page.hidden', d: {} }),
  ].reduce(foldPicture, noPicture);
  expect(p).toMatchObject({ shown: null, region: null, last: { document: 'a', page: 2 }, seen: ['a/2'] });
});
