import { expect, test } from 'vitest';
import { markMic, takeMark } from './reload';

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k),
    clear: () => kept.clear(), key: () => null, length: 0,
  };
}

test('a microphone that was on is on again after a reload, once', () => {
  const s = storage();
  markMic(s, 'm', true, 1000);
  expect(takeMark(s, 'm', true, 3000)).toBe(true);
  expect(takeMark(s, 'm', true, 3000)).toBe(false);
});

test('it stays off after anything else', () => {
  const s = storage();
  expect(takeMark(s, 'm', true, 3000)).toBe(false); // it was off
  markMic(s, 'm', true, 1000);
  expect(takeMark(s, 'other', true, 3000)).toBe(false); // another meeting
  expect(takeMark(s, 'm', false, 3000)).toBe(false); // came by a link
  markMic(s, 'm', true, 1000);
  expect(takeMark(s, 'm', true, 16000)).toBe(false); // away too long
  markMic(s, 'm', true, 1000);
  markMic(s, 'm', false, 2000); // pressed off before
  expect(takeMark(s, 'm', true, 3000)).toBe(false);
});
