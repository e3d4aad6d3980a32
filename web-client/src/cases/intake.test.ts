import { describe, expect, it } from 'vitest';
import { emptyIntake, faultsOf, faultsTitle, fieldOfProblem, toIntake, toRecord, type Intake } from './intake';
import { gateOfForm, gateOrder, thereOf } from './gate';

const me = { person: 'p1', name: 'Dr Okafor', site: 'Prairie Fork' };
const complete: Intake = {
  ...emptyIntake(me), question: 'Which?', name: 'Marlow, June', birth_date: '1959-03-14', local_id: '00412', diagnosis: 'Adenocarcinoma',
};
const fields = (intake: Intake) => faultsOf(intake, '2026-11-24').map((it) => it.field);

describe('intake', () => {
  it('needs what tells a patient apart, the diagnosis and the question, in the order of the page', () => {
    expect(fields(emptyIntake(me))).toEqual(['question', 'name', 'birth_date', 'local_id', 'diagnosis']);
    expect(fields(complete)).toEqual([]);
  });

  it('refuses a birth date that cannot be', () => {
    for (const birth_date of ['2027-01-01', '1850-01-01', '1959-13-01', '14.3.1959']) expect(fields({ ...complete, birth_date })).toEqual(['birth_date']);
  });

  it('takes a question of 300 characters and not of 301', () => {
    expect(fields({ ...complete, question: 'x'.repeat(300) })).toEqual([]);
    expect(fields({ ...complete, question: 'x'.repeat(301) })).toEqual(['question']);
  });

  it('keeps the stage through form and record, and trims texts', () => {
    const record = toRecord({ ...complete, name: ' Marlow, June ', stage: { t: 'cT2a', n: 'cN2a', m: 'cM0', rest: 'IIIA' } });
    expect(record.stage).toBe('cT2a cN2a cM0, IIIA');
    expect(record.name).toBe('Marlow, June');
    expect(toRecord(toIntake(record))).toEqual(record);
  });

  it('puts the fault of the server beside the right field', () => {
    expect(fieldOfProblem('record.stage')).toBe('stage_t');
    expect(fieldOfProblem('birth_date')).toBe('birth_date');
    expect(faultsTitle(1)).toBe('One thing to correct before it can be saved');
  });
});

describe('the gate of an unsaved case', () => {
  it('counts only what is written, and gives every gap the owner', () => {
    const rows = gateOfForm(complete, 'Dr Okafor');
    expect(thereOf(rows)).toBe(3);
    expect(gateOrder(rows).slice(0, 6).every((it) => it.state === 'missing' && it.owner === 'Dr Okafor')).toBe(true);
    expect(thereOf(gateOfForm({ ...complete, ecog: 0, wishes: 'home' }, ''))).toBe(5);
  });
});
