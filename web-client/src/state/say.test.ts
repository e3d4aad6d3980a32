import { expect, test } from 'vitest';
import { writer } from './log.fixture';
import { foldPlan, noPlan, lineField } from './plan';
import { emptyRoom } from './room';
import { fieldSentence } from './labels';
import { sayEvent } from './say';

const label = fieldSentence;

test('a finished line is one sentence with its owner, and an empty field is none', () => {
  const w = writer('case');
  const set = (field: string, value: string) => w({ k: 'plan.set', d: { field, version: 1, value, seat: 's', name: 'S' } });
  const p = [w({ k: 'plan.line_added', d: { line: 'l', at: 0 } }), set(lineField('l', 'what'), 'Brain MRI.'), set(lineField('l', 'owner'), 'Okafor'), set(lineField('l', 'due'), '2026-11-25')].reduce(foldPlan, noPlan);
  expect(fieldSentence(p, lineField('l', 'owner'))).toBe('Line 1: Brain MRI., Okafor, by 25 Nov 2026');
  expect(fieldSentence(p, 'reasons')).toBe('');
});

test('strokes, timers, joining and leaving are never said', () => {
  const c = writer('case');
  const m = writer('meeting');
  for (const e of [
    c({ k: 'plan.set', d: { field: 'reasons', version: 1, value: 'x', seat: 's', name: 'S' } }), m({ k: 'seat.left', d: { seat: 's' } }),
    m({ k: 'item.extended', d: { item: 'i', minutes: 2 } }), m({ k: 'hand.raised', d: { seat: 's' } }),
  ]) expect(sayEvent(emptyRoom, e, 'me', label)).toBeNull();
});

test('the floor and a mute are said to the one they concern', () => {
  const m = writer('meeting');
  expect(sayEvent(emptyRoom, m({ k: 'floor.given', d: { seat: 'me' } }), 'me', label)?.region).toBe('you');
  expect(sayEvent(emptyRoom, m({ k: 'floor.given', d: { seat: 'other' } }), 'me', label)).toBeNull();
  expect(sayEvent(emptyRoom, m({ k: 'sound.muted', d: { seat: 'me', muted: true, by: 'me' } }), 'me', label)).toBeNull();
});

test('everybody hears that it is recorded, off the record, and over', () => {
  const m = writer('meeting');
  for (const [state, text] of [['on', 'Recording'], ['paused', 'Off the record'], ['off', 'Not recorded']] as const)
    expect(sayEvent(emptyRoom, m({ k: 'recording.set', d: { state } }), 'me', label)).toEqual({ region: 'you', text });
});
