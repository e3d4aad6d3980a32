import { expect, test } from 'vitest';
import { barsOf, decibel, step } from './level';

const rest = { bars: 0, voiceMs: 0, silentMs: 0, quietMs: 0 };
const run = (dbs: number[]) => dbs.reduce(step, rest);

test('speech counts on through the gaps between words, and ends after them', () => {
  expect(run([-30, -30, -60, -60, -30]).voiceMs).toBe(300);
  expect(run([-30, -30, -60, -60, -60, -60]).voiceMs).toBe(0);
});

test('only exact silence is digital silence; a quiet room is not', () => {
  expect(run([-Infinity, -Infinity]).silentMs).toBe(200);
  expect(run([-Infinity, -80]).silentMs).toBe(0);
  expect(decibel(new Float32Array(8))).toBe(-Infinity);
  expect(decibel(new Float32Array(8).fill(0.1))).toBeCloseTo(-20);
});

test('bars stay within six', () => {
  expect([barsOf(-Infinity), barsOf(-60), barsOf(-20), barsOf(0)]).toEqual([0, 0, 6, 6]);
});
