import { expect, test } from 'vitest';
import { isLast, labelLength, stepLine, wordLines } from './lines';

const wording = 'Marlow, June\n\nAgreed stage:\ncT2a N2a M0\n1. Brain MRI.\n   Okafor, by 25 November\n';

test('the wording is kept verbatim, only its look is derived', () => {
  const l = wordLines(wording, 6);
  expect(l.map((x) => x.text).join('\n')).toBe(wording.trimEnd());
  expect(l.map((x) => x.look)).toEqual(['title', 'gap', 'head', 'text', 'item', 'own']);
});

test('lines are numbered as the server counts them, with or without the empty ones', () => {
  expect(wordLines(wording, 6).map((x) => x.n)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(wordLines(wording, 5).map((x) => x.n)).toEqual([0, -1, 1, 2, 3, 4]);
});

test('reading steps over empty lines and stays at the ends', () => {
  const l = wordLines(wording, 6);
  expect(stepLine(l, -1, 1)).toBe(0);
  expect(stepLine(l, 0, 1)).toBe(2);
  expect(stepLine(l, 2, -1)).toBe(0);
  expect(stepLine(l, 5, 1)).toBe(5);
  expect(isLast(l, 5)).toBe(true);
  expect(isLast(l, 4)).toBe(false);
});

test('a label is a part of its line, never cut from it', () => {
  const [title, decision, item] = wordLines('A: b\nDecision: Consensus.\n1. MRI (Imaging). Who: Okafor.\n', 4);
  expect([title, decision, item].map((l) => labelLength(l!))).toEqual([0, 'Decision: '.length, 0]);
  expect(decision?.n).toBe(1);
});
