/**
 * What is said over an uplink that is full: 16 kbit/s in packets of 60 ms and no copies (about 24 kbit/s on the
 * wire for 90), until it has had room for a while. The server's offer is taken once more with other wishes in it
 * (RFC 7587, 6.1); nothing is asked of the server and no connection is made anew. Pure; fetched when it is needed.
 */
import type { LaneLink } from '../protocol/generated/protocol';

const FULL_MS = 150; // of round trip over its floor,
const QUEUE_MS = 20; // while packets come unevenly or get lost on their way up: it is the way up that is full
const LOST = 3; // %
const ROOM_MS = 60; // within so much of the floor there is room again,
export const CALM_MS = 60000; // for so long; twice as long each time it comes back
const CALM_MOST_MS = 600000;

export interface Uplink { floor: number; thin: boolean; calmMs: number; calmFor: number }
export const wide: Uplink = { floor: Infinity, thin: false, calmMs: 0, calmFor: CALM_MS };

/** After each measurement of the server's, and again when it has said nothing for a while (it tells changes). */
export function judge(was: Uplink, d: LaneLink, at: number): Uplink {
  const now = { ...was, floor: d.rtt > 0 ? Math.min(was.floor, d.rtt) : was.floor };
  const over = d.rtt - now.floor;
  if (!was.thin) {
    const up = d.lost_up >= LOST || d.jitter_up >= QUEUE_MS;
    return over > FULL_MS && up ? { ...now, thin: true, calmMs: 0 } : now;
  }
  if (over > ROOM_MS || d.lost_up >= LOST) return { ...now, calmMs: 0 };
  if (!was.calmMs) return { ...now, calmMs: at };
  if (at - was.calmMs < was.calmFor) return now;
  return { ...now, thin: false, calmMs: 0, calmFor: Math.min(2 * was.calmFor, CALM_MOST_MS) };
}

/** The offer with the wishes of a thin uplink: Opus before RED, 16 kbit/s, pauses not sent, 60 ms. */
export function thinner(offer: string): string {
  return offer
    .replace(/^(m=audio .*) 63 111\r$/m, '$1 111 63\r')
    .replace(/^(a=fmtp:111 [^\r]*?)(;maxaveragebitrate=\d+)?\r$/m, '$1;maxaveragebitrate=16000;usedtx=1\r')
    .replace(/^a=fmtp:63 [^\r]*\r\n/m, '$&a=ptime:60\r\na=maxptime:60\r\n');
}
