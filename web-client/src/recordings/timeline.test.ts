import { expect, test } from 'vitest';
import { parseMarks } from './marks';
import { type Line, jumps, pageFrom, pointing, position, seen, skipTo, speakers, speaking, standing } from './timeline';

const page = (at_ms: number, number: number) => ({ kind: 'page' as const, at_ms, document: 'd', title: 'CT', number, page: { width: 10, height: 10, levels: 1, digest: 'x' } });
const span = (kind: 'turn' | 'off', from_ms: number, to_ms: number, name = '') => ({ kind, from_ms, to_ms, seat: '', person: '', name });
const line: Line = {
  duration_ms: 60_000, moments: [page(0, 1), page(5000, 2), { kind: 'hidden', at_ms: 20_000 }, { kind: 'read_back', at_ms: 45_000 }, { kind: 'signed', at_ms: 50_000 }],
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
  expect(jumps(line).map((j) => j.atMs)).toEqual([0, 1000, 3000, 5000, 15_000, 45_000, 50_000]);
  expect(jumps(line, 'page').map((j) => j.words)).toEqual(['CT, page 1', 'CT, page 2']);
  expect(jumps(line, 'by Dr Bell')).toEqual([{ atMs: 3000, kind: 'turn', words: 'Dr Bell speaks' }]);
  expect(jumps(line, 'decision').map((j) => j.words)).toEqual(['The plan was read back', 'The plan was signed']);
  expect([pageFrom(line, 100, 1), pageFrom(line, 5500, -1), pageFrom(line, 7000, -1), pageFrom(line, 6000, 1)]).toEqual([5000, 0, 5000, undefined]);
});

test('where the presenter pointed, and the part that was seen, go with the page', () => {
  const m = (kind: 'pointer' | 'away' | 'view', atMs: number, x = 0, w = 0) => ({ kind, atMs, x, y: 1, w, h: w });
  const marks = [m('pointer', 1000, 7), m('view', 1500, 3, 900), m('pointer', 4900, 9), m('pointer', 6000, 11), m('away', 7000), m('view', 9000, 4, 800)];
  const zoomed: Line = { ...line, moments: [...line.moments.slice(0, 1), { kind: 'view', at_ms: 2000, x: 5, y: 5, w: 700, h: 700 }, ...line.moments.slice(1)] };
  expect([500, 1000, 4950, 5500, 6500, 7500].map((ms) => pointing(line, marks, ms)?.x)).toEqual([undefined, 7, 9, undefined, 11, undefined]);
  expect([0, 1600, 2500, 5500, 9500].map((ms) => seen(zoomed, marks, ms).w)).toEqual([10_000, 900, 700, 10_000, 800]);
});

test('marks as they come from the server', () => {
  const bytes = new DataView(new ArrayBuffer(43)); // two, and one that is cut
  bytes.setUint8(0, 3); bytes.setUint32(1, 70_000); bytes.setInt32(5, -4); bytes.setInt32(13, 500);
  bytes.setUint8(21, 2);
  expect(parseMarks(bytes.buffer)).toEqual([{ kind: 'view', atMs: 70_000, x: -4, y: 0, w: 500, h: 0 }, { kind: 'away', atMs: 0, x: 0, y: 0, w: 0, h: 0 }]);
});

test('positions as people read them', () => {
  expect([0, 61_000, 3_723_999].map(position)).toEqual(['0:00', '1:01', '1:02:03']);
});
