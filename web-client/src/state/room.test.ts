import { expect, test } from 'vitest';
import { asServer, item, join, snapshot, writer } from './log.fixture';
import { applyEvent, applySnapshot, emptyRoom, missed } from './room';

test('a snapshot and the events after it give the same state as all events', () => {
  const m = writer('meeting');
  const c = writer('case');
  const log = [
    m({ k: 'agenda.set', d: { version: 1, items: [item('a', 5)] } }), m(join('s1', 'radiology')), m({ k: 'item.started', d: { item: 'a', documents: [] } }),
    c({ k: 'plan.begun', d: { plan: 'p', version: 1, supersedes: '', meeting: 'm', item: 'a', question: 'q', question_by: '' } }),
    c({ k: 'plan.set', d: { field: 'reasons', version: 1, value: 'x', seat: 's1', name: 'S' } }), m({ k: 'hand.raised', d: { seat: 's1' } }),
  ];
  const all = log.map(asServer).reduce(applyEvent, emptyRoom);
  const half = applySnapshot(snapshot(log.slice(0, 4), 3, 1));
  const caught = log.map(asServer).reduce(applyEvent, half);
  expect(caught).toEqual(all);
});

test('events that were folded before are skipped', () => {
  const m = writer('meeting');
  const join1 = asServer(m(join('s1', 'radiology')));
  const hand = asServer(m({ k: 'hand.raised', d: { seat: 's1' } }));
  const down = asServer(m({ k: 'hand.lowered', d: { seat: 's1' } }));
  const s = [join1, hand, down].reduce(applyEvent, emptyRoom);
  expect(applyEvent(s, hand)).toBe(s);
});

test('another case counts its events from its own beginning', () => {
  const one = writer('case', 'case1');
  const two = writer('case', 'case2');
  const set = (w: typeof one, v: number) => asServer(w({ k: 'plan.set', d: { field: 'reasons', version: v, value: `${v}`, seat: 's', name: 'S' } }));
  let s = [set(one, 1), set(one, 2), set(one, 3)].reduce(applyEvent, emptyRoom);
  expect(s).toMatchObject({ caseId: 'case1', caseN: 3 });
  s = applyEvent(s, set(two, 4));
  expect(s).toMatchObject({ caseId: 'case2', caseN: 1 });
});

test('what was written while away is counted', () => {
  const c = writer('case');
  const begun = asServer(c({ k: 'plan.begun', d: { plan: 'p', version: 1, supersedes: '', meeting: 'm', item: 'a', question: 'q', question_by: '' } }));
  const before = applyEvent(emptyRoom, begun);
  const after = applyEvent(before, asServer(c({ k: 'plan.set', d: { field: 'reasons', version: 1, value: 'x', seat: 's1', name: 'S' } })));
  expect(missed(before, after)).toBe(1);
});
