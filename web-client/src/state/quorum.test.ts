import { expect, test } from 'vitest';
import { join, writer } from './log.fixture';
import { columns, lacking, talkerIn } from './quorum';
import { foldSeats, noSeats } from './seats';

const required = [{ name: 'Surgery', counts: ['thoracic_surgery', 'surgery'], min: 1 }, { name: 'Radiology', counts: ['radiology'], min: 1 }];

test('a self-given specialty is seen but does not count', () => {
  const w = writer('meeting');
  let s = [w(join('a', 'radiology')), w(join('g', 'surgery', false))].reduce(foldSeats, noSeats);
  expect(lacking(columns(required, s)).map((c) => c.name)).toEqual(['Surgery']);
  expect(columns(required, s)[0]?.waits.map((x) => x.seat)).toEqual(['g']);
  s = foldSeats(s, w({ k: 'seat.confirmed', d: { seat: 'g', specialty: 'surgery' } }));
  expect(lacking(columns(required, s))).toEqual([]);
});

test('coming back counts, gone does not', () => {
  const w = writer('meeting');
  let s = [w(join('a', 'radiology')), w({ k: 'seat.away', d: { seat: 'a' } })].reduce(foldSeats, noSeats);
  expect(columns(required, s)[1]?.lacks).toBe(false);
  s = foldSeats(s, w({ k: 'seat.left', d: { seat: 'a' } }));
  expect(columns(required, s)[1]?.lacks).toBe(true);
});

test('everybody else stands last, and the loudest of a column is named', () => {
  const w = writer('meeting');
  const s = [w(join('a', 'radiology')), w(join('b', 'radiology')), w(join('x', 'pharmacy'))].reduce(foldSeats, noSeats);
  const cols = columns(required, s);
  expect(cols.map((c) => c.name)).toEqual(['Surgery', 'Radiology', 'Others']);
  expect(talkerIn(cols[1]!, { seats: [{ seat: 'x', level: 5 }, { seat: 'b', level: 9 }, { seat: 'a', level: 20 }] })?.seat).toBe('b');
});
