import type { AgendaItem, AgendaRow, CaseCard } from '../protocol/generated/protocol';
import { specialtyLabel } from '../state/words';

/** One row of the running order while it is being arranged. `item` is empty until it was saved once. */
export type Row = Pick<
  AgendaRow,
  'item' | 'case' | 'name' | 'birth_date' | 'diagnosis' | 'stage' | 'question' | 'minutes' | 'presenter' | 'presenter_name' | 'referrer_name' | 'gaps' | 'state'
>;

export const MIN_MINUTES = 1;
export const MAX_MINUTES = 120;
/** What a case gets when it is added; the person changes it at once. */
export const FIRST_MINUTES = 6;

export function rowOf(row: AgendaRow): Row {
  const { item, case: id, name, birth_date, diagnosis, stage, question, minutes, presenter, presenter_name, referrer_name, gaps, state } = row;
  return { item, case: id, name, birth_date, diagnosis, stage, question, minutes, presenter, presenter_name, referrer_name, gaps, state };
}

export function rowOfCase(card: CaseCard, presenter: { person: string; name: string }): Row {
  return {
    item: '', case: card.case, name: card.name, birth_date: card.birth_date, diagnosis: card.diagnosis, stage: card.stage, question: card.question,
    minutes: FIRST_MINUTES, presenter: presenter.person, presenter_name: presenter.name, referrer_name: card.referrer_name, gaps: card.gaps, state: 'planned',
  };
}

/** Whole minutes within what the contract takes. */
export function clampMinutes(minutes: number): number {
  if (!Number.isFinite(minutes)) return MIN_MINUTES;
  return Math.min(MAX_MINUTES, Math.max(MIN_MINUTES, Math.round(minutes)));
}

export function total(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + row.minutes, 0);
}

/** Start of each row, in microseconds since 1970. */
export function starts(rows: readonly Row[], starts_us: number): number[] {
  let at = starts_us;
  return rows.map((row) => {
    const start = at;
    at += row.minutes * 60_000_000;
    return start;
  });
}

/** The first row that ends after the meeting does, or -1. */
export function firstOver(rows: readonly Row[], minutes: number): number {
  let sum = 0;
  return rows.findIndex((row) => (sum += row.minutes) > minutes);
}

/** A row that ran, or runs, keeps its place: only planned rows move, and never in front of one that began. */
export function mayMove(rows: readonly Row[], from: number, to: number): boolean {
  if (from === to || to < 0 || to >= rows.length || rows[from]?.state !== 'planned') return false;
  const [low, high] = from < to ? [from, to] : [to, from];
  return rows.slice(low, high + 1).every((row) => row.state === 'planned');
}

export function move(rows: readonly Row[], from: number, to: number): Row[] {
  if (!mayMove(rows, from, to)) return [...rows];
  const next = [...rows];
  const [row] = next.splice(from, 1);
  if (row) next.splice(to, 0, row);
  return next;
}

export function withMinutes(rows: readonly Row[], at: number, minutes: number): Row[] {
  return rows.map((row, index) => (index === at ? { ...row, minutes: clampMinutes(minutes) } : row));
}

export function toSave(rows: readonly Row[]): AgendaItem[] {
  return rows.map((row) => ({ item: row.item, case: row.case, minutes: row.minutes, presenter: row.presenter }));
}

/** True where saving would change what the server has. */
export function differs(a: readonly Row[], b: readonly Row[]): boolean {
  return JSON.stringify(toSave(a)) !== JSON.stringify(toSave(b));
}

/** "Keep yours" after somebody else saved: own order and minutes, with the item ids the server has now. */
export function keepMine(mine: readonly Row[], theirs: readonly Row[]): Row[] {
  const saved = new Map(theirs.map((row) => [row.case, row]));
  return mine.map((row) => {
    const now = saved.get(row.case);
    return { ...row, item: now?.item ?? '', state: now?.state ?? 'planned' };
  });
}

/** Cards of the pool that hold every word typed, in name, number, diagnosis or question. Capitals do not matter. */
export function matching<C extends Pick<CaseCard, 'name' | 'local_id' | 'diagnosis' | 'question' | 'plan_line'>>(cards: readonly C[], words: string): C[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return cards.filter((card) => {
    const text = `${card.name} ${card.local_id} ${card.diagnosis} ${card.question} ${card.plan_line}`.toLocaleLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

const HEARD: readonly CaseCard['plan_state'][] = ['signed', 'amended', 'superseded', 'withdrawn'];

/** Heard before: what the meeting knows, then what the records found besides; none twice, none of a meeting to come. */
export function heardBefore(known: readonly CaseCard[], found: readonly CaseCard[], pool: readonly CaseCard[], nowUs: number): CaseCard[] {
  const there = new Set([...known, ...pool].map((card) => card.case));
  return [...known, ...found.filter((card) => !there.has(card.case) && HEARD.includes(card.plan_state) && card.meeting_us < nowUs)];
}

/** Talk time of a case that was heard, for who arranges the meeting: minutes and seconds, longest first. */
export function talkWords(talk: AgendaRow['talk']): string {
  return talk.map((t) => `${specialtyLabel(t.specialty)} ${Math.floor(t.seconds / 60)}:${String(t.seconds % 60).padStart(2, '0')}`).join(', ');
}
