/** A recording's time line. Positions are ms in its sound. */
import type { RecordingFull, RecordingMoment, RecordingSpan } from '../protocol/generated/protocol';

export type Line = Pick<RecordingFull, 'spans' | 'moments' | 'duration_ms'>;

export interface Jump {
  atMs: number;
  kind: 'page' | 'signed' | 'turn' | 'off';
  words: string;
}

/** What stands on the screen; null: nothing. */
export function standing(line: Line, ms: number): RecordingMoment | null {
  const m = line.moments.filter((x) => x.kind !== 'signed' && x.at_ms <= ms).at(-1);
  return m?.kind === 'page' ? m : null;
}

/** Who has the word; several where they talk at once. */
export function speaking(line: Line, ms: number): string[] {
  return [...new Set(line.spans.filter((s) => s.kind === 'turn' && s.from_ms <= ms && ms < s.to_ms).map((s) => s.name || 'Somebody'))];
}

/** The end of what is off the record at this position; 0: it is on the record. */
export function skipTo(line: Line, ms: number): number {
  return line.spans.find((s) => s.kind === 'off' && s.from_ms <= ms && ms < s.to_ms)?.to_ms ?? 0;
}

export function speakers(line: Line): string[] {
  return [...new Set(line.spans.filter((s) => s.kind === 'turn').map((s) => s.name || 'Somebody'))].sort();
}

function turn(s: RecordingSpan): Jump {
  return s.kind === 'off' ? { atMs: s.to_ms, kind: 'off', words: 'After being off the record' } : { atMs: s.from_ms, kind: 'turn', words: `${s.name || 'Somebody'} speaks` };
}

/** Places to jump to, in order: all, one kind, or the turns of one speaker. */
export function jumps(line: Line, of: 'all' | 'page' | 'signed' | `by ${string}` = 'all'): Jump[] {
  const moments = line.moments.flatMap((m): Jump[] =>
    m.kind === 'hidden' ? [] : [{ atMs: m.at_ms, kind: m.kind, words: m.kind === 'signed' ? 'The plan was signed' : `${m.title}, page ${m.number}` }]);
  const list = [...moments, ...line.spans.map(turn)].sort((a, b) => a.atMs - b.atMs);
  if (of === 'all') return list;
  return list.filter((j) => (of.startsWith('by ') ? j.kind === 'turn' && j.words === `${of.slice(3)} speaks` : j.kind === of));
}

/** 1:02:03 or 2:03 */
export function position(ms: number): string {
  const s = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return h ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}
