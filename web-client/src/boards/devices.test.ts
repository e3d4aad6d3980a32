import { expect, test } from 'vitest';
import { deviceState, untilWall } from './devices';

const card = { revoked_us: 0, until_us: 2_000_000, used_us: 0 };

test('a token that was revoked or has run out opens nothing', () => {
  expect(deviceState(card, 1_000_000)).toMatchObject({ live: true, words: 'not used yet' });
  expect(deviceState({ ...card, used_us: 1 }, 1_000_000)).toMatchObject({ live: true, tone: 'ok' });
  expect(deviceState(card, 2_000_000)).toMatchObject({ live: false, words: 'ended' });
  expect(deviceState({ ...card, revoked_us: 1 }, 1_000_000)).toMatchObject({ live: false, tone: 'stop' });
});

test('the last day that is proposed', () => {
  expect(untilWall(Date.UTC(2026, 10, 25), 30)).toBe('2026-12-25');
});
