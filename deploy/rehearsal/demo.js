// Names and dates of the demo, as deploy/demo/seed.py makes them.
import { createHash } from 'node:crypto';

const SPACE = '5f0c2a546f0e5d0f9d7c7a1f4c1d2e3b';
const DAY_MS = 86_400_000;

/** UUIDv5 of a demo key: the same person, board or case in every demo. */
export function identOf(key) {
  const bytes = createHash('sha1').update(Buffer.from(SPACE, 'hex')).update(key).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A plan's dates keep their distance from today. */
export function shifted(plan, written, today = new Date()) {
  const days = Math.round((Date.parse(today.toISOString().slice(0, 10)) - Date.parse(written)) / DAY_MS);
  const move = (date) => new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
  return { ...plan, fields: { ...plan.fields, tells_when: move(plan.fields.tells_when) },
    lines: plan.lines.map((line) => ({ ...line, due: move(line.due) })) };
}
