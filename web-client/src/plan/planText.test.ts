import { describe, expect, it } from 'vitest';
import { fieldWords, readPlan } from './planText';
import { presentWords } from './PlanSheet';

const text = JSON.stringify({
  format: 'consilium.plan/1', board: 'Thoracic board', kind: 'pre_treatment', decision: 'majority_with_dissent', question: 'Which first?', question_by: 'Dr Okafor',
  case: { name: 'Marlow, June', birth_date: '1959-03-14', local_id: '00412', diagnosis: 'Adenocarcinoma', stage: 'cT2a' },
  fields: { answered: 'Induction first.', guideline: 'not_applicable: none exists' }, not_available: 'STK11',
  lines: [{ n: 1, what: 'Brain MRI', kind: 'test_imaging', intent: '', owner: 'Dr Okafor', due: '2026-11-25', where: '', waits_for: '' }],
  dissent: [{ name: 'Dr Sato', specialty: 'radiation_oncology', text: 'Chemoradiation first.' }],
  quorum: { met: false, missing: ['Surgery'], reason: 'Urgent.' }, outcome: ['changed_treatment'],
  attendance: [
    { person: 'p1', name: 'Solheim', specialty: 'medical_oncology', site: '', role: 'chair', here: true, confirmed: true },
    { person: 'p2', name: 'Brandt', specialty: 'pulmonology', site: '', role: 'guest', here: true, confirmed: false },
    { person: 'p3', name: 'Gone', specialty: 'pathology', site: '', role: 'member', here: false, confirmed: true },
  ],
  pictures: [{ document: 'd', title: 'CT', page: 1, digest: 'ab' }], wording: 'line 1\nline 2',
});

describe('the signed text', () => {
  it('is read part by part', () => {
    const plan = readPlan(text);
    expect(plan?.values.get('answered')).toBe('Induction first.');
    expect(plan?.values.get('kind')).toBe('pre_treatment');
    expect(plan?.values.get('not_available')).toBe('STK11');
    expect(plan?.patient.local_id).toBe('00412');
    expect([plan?.quorum_met, plan?.missing, plan?.reason]).toEqual([false, ['Surgery'], 'Urgent.']);
    expect(plan?.lines[0]?.due).toBe('2026-11-25');
    expect(plan?.dissents).toHaveLength(1);
    expect(plan?.wording).toBe('line 1\nline 2');
  });

  it('names who was here, by specialty, and says what was not confirmed', () => {
    expect(presentWords(readPlan(text) ?? { attendance: [] })).toEqual(['Medical oncology: Solheim (chair).', 'Pulmonology: Brandt (specialty not confirmed).']);
  });

  it('spells choices and elements out and leaves unknown ones as they are', () => {
    expect(fieldWords('decision', 'majority_with_dissent')).toBe('Majority with dissent');
    expect(fieldWords('guideline', 'not_applicable: none exists')).toBe('Does not apply: none exists');
    expect(fieldWords('kind', 'of_another_time')).toBe('of_another_time');
  });

  it('is not guessed at where it is no JSON', () => {
    expect(readPlan('Plan: operate')).toBeUndefined();
    expect(readPlan('[]')?.lines).toEqual([]);
  });
});
