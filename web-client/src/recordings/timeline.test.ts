import { expect, test } from 'vitest';
import { type Line, jumps, position, skipTo, speakers, speaking, standing } from './timeline';

const page = (at_ms: number, number: number) => ({ kind: 'page' as const, at_ms, document: 'd', title: 'CT', number, page: { width: 10, height: 10, levels: 1, digest: 'x' } });
const span = (kind: 'turn' | 'off', from_ms: number, to_ms: number, name = '') => ({ kind, from_ms, to_ms, seat: '', person: '', name });
const line: Line = {
  duration_ms: 60_000, moments: [page(0, 1), page(5000, 2), { kind: 'hidden', at_ms: 20_000 }, { kind: 'signed', at_ms: 50_000 }],
  spans: [span('turn', 1000, 4000, 'Dr Chair'), span('turn', 3000, 6000, 'Dr Bell'), span('off', 10_000, 15_000)],
};

test('the page that stood, until it went', () => {
  expect([0, 4999, 5000, 19_999, 20_000, 55_000].map((ms) => standing(line, ms)?.number)).toEqual([1, 1, 2, 2, undefined, undefined]);
});

test('who speaks, together too, and what is off the record', () => {
  expect(speaking(line, 3500)).toEqual(['Dr Chair', 'Dr Bell']);
  expect(speaking(line, 8000)).toEqual([]);
  expect(skipTo(line, 12_000)).toBe(15_000);
  expect(skipTo(line, 15_000)).toBe(0);
  expect(speakers(line)).toEqual(['Dr Bell', 'Dr Chair']);
});

test('jumps in order, by kind and by speaker', () => {
  expect(jumps(line).map((j) => j.atMs)).toEqual([0, 1000, 3000, 5000, 15_000, 50_000]);
  expect(jumps(line, 'page').map((j) => j.words)).toEqual(['CT, page 1', 'CT, page 2']);
  expect(jumps(line, 'by Dr Bell')).toEqual([{ atMs: 3000, kind: 'turn', words: 'Dr Bell speaks' }]);
  expect(jumps(line, 'signed')[0]?.words).toBe('The plan was signed');
});

test('positions as people read them', () => {
  expect([0, 61_000, 3_723_999].map(position)).toEqual(['0:00', '1:01', '1:02:03']);
});
