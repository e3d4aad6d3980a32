import { expect, test } from 'vitest';
import { backoffMs } from './backoff';

test('0.25, 0.5, 1, 1, 2 s and then 2 s for ever', () => {
  expect([0, 1, 2, 3, 4, 5, 99].map((n) => backoffMs(n, 0.5))).toEqual([250, 500, 1000, 1000, 2000, 2000, 2000]);
});

test('jitter spreads a room by a quarter to both sides', () => {
  expect(backoffMs(2, 0)).toBe(750);
  expect(backoffMs(2, 1)).toBe(1250);
});
