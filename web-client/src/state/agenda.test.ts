import { expect, test } from 'vitest';
import { START, item, writer } from './log.fixture';
import { budgetS, endsUs, foldAgenda, nextItem, noAgenda, runningItem, spentS } from './agenda';

function heard() {
  const w = writer('meeting');
  return [
    w({ k: 'agenda.set', d: { version: 1, items: [item('a', 5), item('b', 9), item('c', 8)] } }),
    w({ k: 'item.started', d: { item: 'a', documents: [] } }, 0),
    w({ k: 'item.signed', d: { item: 'a', plan: 'p', version: 1 } }, 250),
    w({ k: 'item.ended', d: { item: 'a', outcome: 'signed' } }, 260),
    w({ k: 'item.started', d: { item: 'b', documents: [] } }, 300),
    w({ k: 'item.extended', d: { item: 'b', minutes: 2 } }, 400),
  ].reduce(foldAgenda, noAgenda);
}

test('one item runs, with the minutes the chair gave', () => {
  const a = heard();
  expect(runningItem(a)?.item).toBe('b');
  expect(budgetS(runningItem(a)!)).toBe(11 * 60);
  expect(a.items[0]?.state).toBe('signed');
});

test('time spent runs from the start of the item and stands at its end', () => {
  const a = heard();
  expect(spentS(a.items[1]!, START + 360e6)).toBe(60);
  expect(spentS(a.items[0]!, START + 9999e6)).toBe(260);
  expect(spentS(a.items[2]!, START + 360e6)).toBe(0);
});

test('the end is what is left of the running case and all that is planned', () => {
  expect(endsUs(heard(), START + 360e6)).toBe(START + (360 + 600 + 480) * 1e6);
});

test('a case over its minutes costs nothing more by itself', () => {
  expect(endsUs(heard(), START + 2000e6)).toBe(START + (2000 + 480) * 1e6);
});

test('next is the one after what ran last, then what was passed over', () => {
  const w = writer('meeting');
  let a = heard();
  expect(nextItem(a)?.item).toBe('c');
  a = foldAgenda(a, w({ k: 'item.started', d: { item: 'c', documents: [] } }, 500));
  expect(nextItem(a)).toBeUndefined();
});

test('a new order keeps what happened to the items that stay', () => {
  const w = writer('meeting');
  const a = foldAgenda(heard(), w({ k: 'agenda.set', d: { version: 2, items: [item('c', 8), item('a', 5), item('b', 9), item('d', 4)] } }));
  expect(a.items.map((i) => [i.item, i.state])).toEqual([['c', 'planned'], ['a', 'signed'], ['b', 'running'], ['d', 'planned']]);
  expect(a.items[2]?.extra).toBe(2);
});

test('a change of case taken back: the one before runs on, the other was never heard', () => {
  const w = writer('meeting');
  const a = [
    w({ k: 'agenda.set', d: { version: 1, items: [item('a', 5), item('b', 5)] } }), w({ k: 'item.started', d: { item: 'a', documents: [] } }, 0),
    w({ k: 'item.ended', d: { item: 'a', outcome: 'deferred' } }, 60), w({ k: 'item.started', d: { item: 'b', documents: [] } }, 60),
    w({ k: 'item.undone', d: { item: 'b', was: 'planned', back: 'a', documents: [] } }, 65),
  ].reduce(foldAgenda, noAgenda);
  expect(a.running).toBe('a');
  expect(a.items.map((i) => i.state)).toEqual(['running', 'planned']);
  expect(spentS(a.items[0]!, START + 70e6)).toBe(70);
});
