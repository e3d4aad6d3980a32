import { expect, test } from 'vitest';
import { passwordFault, pinFault } from './secrets';

test('a PIN is what the server takes', () => {
  for (const good of ['2741', '002741', '1357', '1212']) expect(pinFault(good, good)).toBe('');
  for (const bad of ['', '274', '1234567890123', '27a1', '1111', '1234', '9876']) expect(pinFault(bad, bad), bad).not.toBe('');
  expect(pinFault('2741', '2714')).toBe('The two are not the same.');
});

test('a password is long, counted in characters, and typed twice alike', () => {
  expect(passwordFault('nine char', 'nine char')).toMatch(/at least 10/);
  expect(passwordFault('äöüäöüäöüä', 'äöüäöüäöüä')).toBe('');
  expect(passwordFault('ä'.repeat(101), 'ä'.repeat(101))).toMatch(/at most/);
  expect(passwordFault('long enough', 'long enougj')).toBe('The two are not the same.');
});
