import { expect, test } from 'vitest';
import { wayLines } from './way';

const clean = { rung: 'clear', lost_down: 0, lost_up: 0, made_up: 0, jitter_down: 0, jitter_up: 0, delay_up: 20, rtt: 40 } as const;

test('a clean link says that nothing is lost', () => {
  const [down, up, trip] = wayLines(clean).map((l) => l.is);
  expect(down).toBe('nothing is lost; you are sent full sound');
  expect(up).toBe('nothing is lost');
  expect(trip).toBe('40 ms');
});

test('what was repaired is told apart from what is missing', () => {
  expect(wayLines({ ...clean, lost_up: 10 })[1]!.is).toBe('10 % is lost and repaired');
  expect(wayLines({ ...clean, lost_up: 10, made_up: 4 })[1]!.is).toBe('10 % is lost, 4 % of your voice is missing');
});

test('nothing is claimed before it was measured', () => {
  expect(wayLines({ ...clean, rtt: 0 })[2]!.is).toBe('not measured yet');
});
