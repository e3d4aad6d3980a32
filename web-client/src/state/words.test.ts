import { expect, test } from 'vitest';
import { address, age, count, day, familyName, nth, shortName, span } from './words';
import { choiceLabel } from './labels';

test('names as they are called across a table', () => {
  expect(shortName('Dr. Hana Sato')).toBe('Sato');
  expect(address('Dr. Hana Sato')).toBe('Dr Sato');
  expect(address('Priya Raman')).toBe('Priya Raman');
  expect(familyName('Marlow, June')).toBe('Marlow');
  expect(familyName('June Marlow')).toBe('Marlow');
});

test('times, days and places', () => {
  expect(span(396)).toBe('6:36');
  expect(day('2026-11-05')).toBe('5 Nov 2026');
  expect(day('soon')).toBe('soon');
  expect([1, 2, 3, 4, 11, 12, 13, 21, 112].map(nth)).toEqual(['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']);
  expect(count(1, 'line was', 'lines were')).toBe('one line was');
  expect(count(12, 'line was', 'lines were')).toBe('12 lines were');
  expect(age('2000-06-15', Date.UTC(2026, 5, 14, 12) * 1000)).toBe(25);
});

test('choices of fields and of lines', () => {
  expect(choiceLabel('decision', 'majority_with_dissent')).toBe('Majority with dissent');
  expect(choiceLabel('line.7.kind', 'test_imaging')).toBe('Imaging');
  expect(choiceLabel('reasons', 'x')).toBe('x');
});
