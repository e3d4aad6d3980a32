import { expect, test } from 'vitest';
import { type Fact, type Way, JOIN_MS, STOP_MS, next, noWay } from './way';

/** Looks every 200 ms from `from` to `to`; UDP brings packets or not. */
function looks(w: Way, from: number, to: number, came: boolean): Way {
  for (let at = from; at <= to; at += 200) w = next(w, { is: 'look', at, came });
  return w;
}
const all = (w: Way, ...facts: Fact[]): Way => facts.reduce(next, w);
const begun = next(noWay, { is: 'asked', at: 1000 });

test('UDP that brings sound is the way, and no web connection is opened', () => {
  const w = looks(begun, 1200, 20000, true);
  expect(w).toMatchObject({ by: 'udp', web: 'off' });
});

test('two seconds without a first packet: the web connection is wanted, and taken when it is there', () => {
  let w = looks(begun, 1200, 1000 + JOIN_MS, false);
  expect(w).toMatchObject({ by: 'none', web: 'off' });
  w = next(w, { is: 'look', at: 1001 + JOIN_MS, came: false });
  expect(w).toMatchObject({ by: 'none', web: 'wanted' });
  w = next(w, { is: 'web', at: 3300, up: true });
  expect(w).toMatchObject({ by: 'web', web: 'up', falls: 0 });
});

test('UDP that stops is left within a second; one lost sign of life is not a stop', () => {
  let w = looks(begun, 1200, 10000, true);
  w = looks(w, 10200, 10800, false); // the packet of silence at 10400 was lost
  expect(w).toMatchObject({ by: 'udp', web: 'off' });
  w = looks(w, 11000, 11200, false);
  expect(w).toMatchObject({ by: 'none', web: 'wanted' });
  expect(11000 - 10000).toBeGreaterThan(STOP_MS);
  w = next(w, { is: 'web', at: 11300, up: true });
  expect(w.by).toBe('web');
});

test('UDP that comes back before the web connection is there is taken at once', () => {
  let w = looks(looks(begun, 1200, 10000, true), 10200, 11200, false);
  expect(w).toMatchObject({ by: 'none', web: 'wanted' });
  w = next(w, { is: 'look', at: 11400, came: true });
  expect(w.by).toBe('udp');
});

test('back to UDP when it was steady for a second, and the web connection stays a little', () => {
  let w = all(looks(looks(begun, 1200, 10000, true), 10200, 11200, false), { is: 'web', at: 11300, up: true });
  w = looks(w, 11400, 15000, false);
  w = looks(w, 15200, 16000, true);
  expect(w.by).toBe('web');
  w = looks(w, 16200, 16400, true);
  expect(w).toMatchObject({ by: 'udp', web: 'up' });
  w = looks(w, 16600, 18600, true);
  expect(w).toMatchObject({ by: 'udp', web: 'off' });
});

test('a new UDP connection that is tried meanwhile changes nothing until it brings sound', () => {
  let w = all(looks(begun, 1200, 4000, false), { is: 'web', at: 4100, up: true }, { is: 'asked', at: 8000 });
  expect(w.by).toBe('web');
  w = looks(w, 8200, 20000, false);
  expect(w).toMatchObject({ by: 'web', web: 'up' });
  w = looks(w, 20200, 21400, true);
  expect(w.by).toBe('udp');
});

test('a UDP that comes and goes is believed later each time, and forgiven after a minute', () => {
  let w = looks(begun, 1200, 5000, true);
  let at = 5000;
  const waits: number[] = [];
  for (let round = 0; round < 4; round++) {
    w = looks(w, at + 200, at + 1400, false);
    w = next(w, { is: 'web', at: at + 1500, up: true });
    expect(w.by).toBe('web');
    const from = at + 2000;
    at = from;
    while (w.by === 'web') w = next(w, { is: 'look', at: (at += 200), came: true });
    waits.push(at - from);
  }
  expect(waits[0]).toBeLessThan(1500);
  expect(waits[3]).toBeGreaterThan(7000);
  w = looks(w, at + 200, at + 62000, true);
  expect(w.falls).toBe(0);
});

test('what the server does not get is sent the other way, though UDP still brings sound', () => {
  let w = looks(begun, 1200, 10000, true);
  w = next(w, { is: 'unheard', at: 10100 });
  expect(w).toMatchObject({ by: 'udp', web: 'wanted' }); // still heard by it
  w = looks(w, 10200, 10600, true);
  w = next(w, { is: 'web', at: 10700, up: true });
  expect(w.by).toBe('web');
  w = looks(w, 10800, 60000, true);
  expect(w.by).toBe('web'); // this connection is not trusted again
  w = looks(next(w, { is: 'asked', at: 60100 }), 60300, 62000, true);
  expect(w.by).toBe('udp'); // a new one is
});

test('a web connection that ends is wanted again, and nothing is claimed meanwhile', () => {
  const w = all(looks(begun, 1200, 4000, false), { is: 'web', at: 4100, up: true }, { is: 'web', at: 9000, up: false });
  expect(w).toMatchObject({ by: 'none', web: 'wanted' });
});

test('after sleep UDP gets its second before it is left', () => {
  let w = looks(begun, 1200, 10000, true);
  w = all(w, { is: 'woke', at: 500000 }, { is: 'look', at: 500000, came: false });
  expect(w).toMatchObject({ by: 'udp', web: 'off' });
  w = looks(w, 500200, 501000, false);
  expect(w.web).toBe('wanted');
});
