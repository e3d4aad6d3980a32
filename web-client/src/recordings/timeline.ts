/** A recording's time line. Positions are ms in its sound. */
import type { RecordingFull, RecordingMoment, RecordingSpan } from '../protocol/generated/protocol';
import { UNIT, wholePage } from '../viewer/geometry';
import type { Mark } from './marks';

export type Line = Pick<RecordingFull, 'spans' | 'moments' | 'duration_ms'>;
type Region = Pick<Mark, 'x' | 'y' | 'w' | 'h'>;
type Decision = 'read_back' | 'signed';

export interface Jump {
  atMs: number;
  kind: 'page' | Decision | 'turn' | 'off';
  words: string;
}

const screen = (line: Line, ms: number): RecordingMoment | undefined => line.moments.filter((x) => (x.kind === 'page' || x.kind === 'hidden') && x.at_ms <= ms).at(-1);

/** What stands on the screen; null: nothing. */
export function standing(line: Line, ms: number): RecordingMoment | null {
  const m = screen(line, ms);
  return m?.kind === 'page' ? m : null;
}

/** The last mark of these kinds between two positions; marks are in order of time. */
function lastMark(marks: Mark[], from: number, to: number, view: boolean): Mark | undefined {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((marks[mid]?.atMs ?? 0) <= to) low = mid + 1;
    else high = mid;
  }
  for (let i = low - 1; i >= 0; i--) {
    const m = marks[i];
    if (!m || m.atMs < from) return undefined;
    if ((m.kind === 'view') === view) return m;
  }
  return undefined;
}

/** Where the presenter pointed; null: nowhere. A new page takes the pointer away. */
export function pointing(line: Line, marks: Mark[], ms: number): { x: number; y: number } | null {
  const m = lastMark(marks, screen(line, ms)?.at_ms ?? 0, ms, false);
  return m?.kind === 'pointer' ? m : null;
}

/** The part of the page that was seen: as its drag ended by the log, or while it went on by the marks. */
export function seen(line: Line, marks: Mark[], ms: number): Region {
  const page = standing(line, ms);
  if (!page?.page) return { x: 0, y: 0, w: UNIT, h: UNIT };
  const logged = line.moments.filter((x) => x.kind === 'view' && x.at_ms >= page.at_ms && x.at_ms <= ms).at(-1);
  const dragged = lastMark(marks, page.at_ms, ms, true);
  if (dragged && dragged.atMs > (logged?.at_ms ?? -1)) return dragged;
  return logged ? { x: logged.x ?? 0, y: logged.y ?? 0, w: logged.w ?? UNIT, h: logged.h ?? UNIT } : wholePage(page.page);
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

function moment(m: RecordingMoment): Jump[] {
  switch (m.kind) {
    case 'page': return [{ atMs: m.at_ms, kind: 'page', words: `${m.title}, page ${m.number}` }];
    case 'read_back': return [{ atMs: m.at_ms, kind: 'read_back', words: 'The plan was read back' }];
    case 'signed': return [{ atMs: m.at_ms, kind: 'signed', words: 'The plan was signed' }];
    case 'hidden':
    case 'view': return [];
  }
}

export type Kind = 'all' | 'page' | 'decision' | `by ${string}`;

/** Places to jump to, in order: all, one kind, or the turns of one speaker. */
export function jumps(line: Line, of: Kind = 'all'): Jump[] {
  const list = [...line.moments.flatMap(moment), ...line.spans.map(turn)].sort((a, b) => a.atMs - b.atMs);
  if (of === 'all') return list;
  if (of === 'decision') return list.filter((j) => j.kind === 'read_back' || j.kind === 'signed');
  return list.filter((j) => (of === 'page' ? j.kind === 'page' : j.kind === 'turn' && j.words === `${of.slice(3)} speaks`));
}

/** The page before or after this position; the one that stands begins anew when it stood for over a second. */
export function pageFrom(line: Line, ms: number, by: 1 | -1): number | undefined {
  const pages = jumps(line, 'page').map((j) => j.atMs);
  return by > 0 ? pages.find((at) => at > ms) : pages.filter((at) => at < ms - 1000).at(-1) ?? pages.find((at) => at < ms);
}

/** 1:02:03 or 2:03 */
export function position(ms: number): string {
  const s = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return h ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}
