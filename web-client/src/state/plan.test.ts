import { expect, test } from 'vitest';
import { item, writer } from './log.fixture';
import { changedFields, foldPlan, lineField, noPlan, value, type Plan } from './plan';
import type { EventData } from '../protocol/generated/protocol';

const begun: EventData = { k: 'plan.begun', d: { plan: 'p', version: 1, supersedes: '', meeting: 'm', item: 'i', question: 'q', question_by: 'Dr. O' } };
const set = (field: string, version: number, text: string): EventData => ({ k: 'plan.set', d: { field, version, value: text, seat: 's', name: 'Priya Raman' } });

function fold(...events: EventData[]): Plan {
  const w = writer('case');
  return events.map((e) => w(e)).reduce(foldPlan, noPlan);
}

test('the newest version of a field stands, a replayed older one does not', () => {
  expect(value(fold(begun, set('reasons', 1, 'a'), set('reasons', 2, 'b'), set('reasons', 1, 'a')), 'reasons')).toBe('b');
});

test('lines keep their texts when they move and lose them when they go', () => {
  const add = (line: string, at: number): EventData => ({ k: 'plan.line_added', d: { line, at } });
  const p = fold(begun, add('x', 0), add('y', 1), add('z', 1), set(lineField('y', 'what'), 1, 'MRI'), { k: 'plan.line_moved', d: { line: 'y', to: 0 } });
  expect(p.lines).toEqual(['y', 'x', 'z']);
  expect(value(p, lineField('y', 'what'))).toBe('MRI');
  const w = writer('case');
  const gone = foldPlan(p, w({ k: 'plan.line_removed', d: { line: 'y' } }));
  expect(gone.lines).toEqual(['x', 'z']);
  expect(value(gone, lineField('y', 'what'))).toBe('');
});

test('one writer a field; read back ends all writing', () => {
  let p = fold(begun, { k: 'plan.taken', d: { field: 'reasons', seat: 'a', name: 'A' } }, { k: 'plan.taken', d: { field: 'reasons', seat: 'b', name: 'B' } });
  expect(p.writers['reasons']?.seat).toBe('b');
  const w = writer('case');
  p = foldPlan(p, w({ k: 'readback.begun', d: { digest: '', text: '', wording: '', lines: 0, quorum_met: true, missing: [], attendance: [], pictures: [], referring_plan: '', proposed: [] } }));
  expect(p.writers).toEqual({});
});

test('a dissent is replaced by its author and withdrawn by an empty text', () => {
  const dissent = (seat: string, text: string): EventData => ({ k: 'plan.dissented', d: { seat, person: seat, name: seat, specialty: '', text, in_note: true } });
  expect(fold(begun, dissent('a', 'one'), dissent('b', 'two'), dissent('a', 'three')).dissents.map((d) => d.text)).toEqual(['two', 'three']);
  expect(fold(begun, dissent('a', 'one'), dissent('a', '')).dissents).toEqual([]);
});

test('the next case begins with an empty plan', () => {
  const p = fold(begun, set('reasons', 1, 'a'), { k: 'item.started', d: { item: item('i2', 5).item, documents: [] } });
  expect(p).toEqual(noPlan);
});

test('what was missed counts fields, not strokes, and never another case', () => {
  const before = fold(begun, set('reasons', 1, 'a'));
  const after = fold(begun, set('reasons', 1, 'a'), set('reasons', 2, 'ab'), set('reasons', 3, 'abc'), set('options', 1, 'x'));
  expect(changedFields(before, after)).toBe(2);
  expect(changedFields({ ...before, plan: 'other' }, after)).toBe(0);
});

test('a note to the scribe waits until it is taken or put aside', () => {
  const w = writer('case');
  const noted = (note: string) => w({ k: 'plan.noted', d: { note, seat: 's', name: 'Dr. S', text: 'Brain MRI' } }, 3);
  const p = [noted('n1'), noted('n2'), noted('n1')].reduce(foldPlan, noPlan);
  expect(p.notes.map((n) => n.note)).toEqual(['n1', 'n2']);
  expect(foldPlan(p, w({ k: 'plan.note_closed', d: { note: 'n1', taken: true } })).notes.map((n) => n.note)).toEqual(['n2']);
});
