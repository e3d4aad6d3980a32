import { expect, test } from 'vitest';
import { START, item, join, writer } from './log.fixture';
import { type Seats, NIL, chairSeat, foldSeats, noSeats, presenterSeat, present } from './seats';

const run = (events: Parameters<typeof foldSeats>[1][]): Seats => events.reduce(foldSeats, noSeats);

test('hands stay in the order of the log, also while their owner is coming back', () => {
  const w = writer('meeting');
  const s = run([
    w(join('a', 'radiology')), w(join('b', 'pathology')), w({ k: 'hand.raised', d: { seat: 'b' } }), w({ k: 'hand.raised', d: { seat: 'a' } }),
    w({ k: 'seat.away', d: { seat: 'b' } }), w({ k: 'hand.raised', d: { seat: 'b' } }),
  ]);
  expect(s.hands.map((h) => h.seat)).toEqual(['b', 'a']);
  expect(s.bySeat['b']?.presence).toBe('away');
});

test('who leaves loses hand and floor, and is no longer present', () => {
  const w = writer('meeting');
  const s = run([w(join('a', 'radiology')), w({ k: 'hand.raised', d: { seat: 'a' } }), w({ k: 'floor.given', d: { seat: 'a' } }), w({ k: 'seat.left', d: { seat: 'a' } })]);
  expect(s.hands).toEqual([]);
  expect(s.floor).toBe('');
  expect(present(s)).toEqual([]);
});

test('the floor takes the hand down', () => {
  const w = writer('meeting');
  const s = run([w(join('a', 'radiology')), w({ k: 'hand.raised', d: { seat: 'a' } }), w({ k: 'floor.given', d: { seat: 'a' } })]);
  expect(s.floor).toBe('a');
  expect(s.hands).toEqual([]);
});

test('only a mute by somebody else names who did it; a new device is muted', () => {
  const w = writer('meeting');
  let s = run([w(join('a', 'radiology')), w({ k: 'sound.muted', d: { seat: 'a', muted: false, by: 'a' } })]);
  expect(s.bySeat['a']?.micOn).toBe(true);
  s = foldSeats(s, w({ k: 'sound.muted', d: { seat: 'a', muted: true, by: 'chair' } }));
  expect(s.bySeat['a']).toMatchObject({ micOn: false, mutedBy: 'chair' });
  s = foldSeats(s, w({ k: 'sound.muted', d: { seat: 'a', muted: false, by: 'a' } }));
  s = foldSeats(s, w(join('a', 'radiology')));
  expect(s.bySeat['a']).toMatchObject({ micOn: false, mutedBy: '' });
});

test('a confirmed specialty outlives a second joining with the same one', () => {
  const w = writer('meeting');
  const s = run([w(join('g', 'surgery', false)), w({ k: 'seat.confirmed', d: { seat: 'g', specialty: 'thoracic_surgery' } }), w(join('g', 'thoracic_surgery', false))]);
  expect(s.bySeat['g']).toMatchObject({ specialty: 'thoracic_surgery', confirmed: true });
});

test('chair and presenter follow the log, and fall back when a seat left', () => {
  const w = writer('meeting');
  let s = run([w(join('chair', 'medical_oncology')), w(join('rad', 'radiology')), w({ k: 'presenter.passed', d: { seat: 'rad' } })]);
  expect(chairSeat(s, '')).toBe('');
  expect(presenterSeat(s, 'chair')).toBe('rad');
  s = foldSeats(s, w({ k: 'seat.left', d: { seat: 'rad' } }));
  expect(presenterSeat(s, 'chair')).toBe('chair');
  s = foldSeats(s, w({ k: 'presenter.passed', d: { seat: NIL } }));
  expect(s.presenter).toBe('');
});

test('a new item forgets who spoke and who presents, not whose hand is up', () => {
  const w = writer('meeting');
  const s = run([
    w(join('a', 'radiology')), w({ k: 'seat.spoke', d: { seat: 'a' } }), w({ k: 'hand.raised', d: { seat: 'a' } }), w({ k: 'presenter.passed', d: { seat: 'a' } }),
    w({ k: 'item.started', d: { item: item('i', 5).item, documents: [] } }),
  ]);
  expect(s.bySeat['a']?.spoke).toBe(false);
  expect(s.presenter).toBe('');
  expect(s.hands).toHaveLength(1);
});

test('a floor taken back leaves nobody with it, and the hand has its place and its time again', () => {
  const w = writer('meeting');
  const s = run([
    w(join('a', 'radiology')), w(join('b', 'pathology')), w({ k: 'hand.raised', d: { seat: 'a' } }, 1), w({ k: 'hand.raised', d: { seat: 'b' } }, 2),
    w({ k: 'floor.given', d: { seat: 'a' } }, 9), w({ k: 'floor.given', d: { seat: NIL } }, 12), w({ k: 'hand.raised', d: { seat: 'a', place: 0, since_us: START + 1e6 } }, 12),
  ]);
  expect(s.floor).toBe('');
  expect(s.hands).toEqual([{ seat: 'a', atUs: START + 1e6 }, { seat: 'b', atUs: START + 2e6 }]);
});
