import { expect, test } from 'vitest';
import { lineField, noPlan, type Plan } from './plan';
import { element, elementText, lineComplete, missing, rules } from './rules';

function plan(values: Record<string, string>, lines: string[] = []): Plan {
  const fields = Object.fromEntries(Object.entries(values).map(([k, value]) => [k, { value, version: 1, seat: '', name: '', atUs: 0 }]));
  return { ...noPlan, plan: 'p', fields, lines };
}

const ids = (p: Plan): string[] => missing(p).map((r) => r.id);

const full = {
  answered: 'a', kind: 'pre_treatment', decision: 'consensus', wishes: 'w', tells_who: 'x', tells_when: '2026-11-20', no_lines: 'because',
  guideline: 'discussed', genetics: 'not_applicable: tested', trials: 'discussed', supportive: 'not_discussed',
};

test('an empty draft lacks all that always counts', () => {
  expect(ids(noPlan)).toEqual(rules.filter((r) => r.id !== 'line_parts' && r.id !== 'dissent_reasons').map((r) => r.id));
});

test('a complete one lacks nothing, and blanks are not texts', () => {
  expect(ids(plan(full))).toEqual([]);
  expect(ids(plan({ ...full, wishes: '  \n' }))).toEqual(['wishes']);
});

test('a therapy needs its intent, a test does not', () => {
  const parts = (kind: string, more: Record<string, string> = {}) =>
    plan(Object.fromEntries(Object.entries({ what: 'x', kind, owner: 'o', due: '2026-12-01', ...more }).map(([k, v]) => [lineField('l', k), v])), ['l']);
  expect(lineComplete(parts('test_imaging'), 'l')).toBe(true);
  expect(lineComplete(parts('systemic'), 'l')).toBe(false);
  expect(lineComplete(parts('systemic', { intent: 'curative' }), 'l')).toBe(true);
});

test('a dissent asks for the reasons of the majority', () => {
  const p = plan(full);
  const dissent = { seat: 's', person: 's', name: 'S', specialty: '', text: 'no' };
  expect(ids({ ...p, dissents: [{ ...dissent, in_note: true }] })).toEqual(['dissent_reasons']);
  expect(ids({ ...p, dissents: [{ ...dissent, in_note: false }] })).toEqual([]);
});

test('an element is one of three words and maybe a remark', () => {
  expect(element('not_applicable: tested in 2025')).toEqual({ word: 'not_applicable', remark: 'tested in 2025' });
  expect(element('talked about')).toEqual({ word: '', remark: 'talked about' });
  expect(elementText('discussed', ' ')).toBe('discussed');
});
