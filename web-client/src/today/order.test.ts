import { describe, expect, it } from 'vitest';
import type { CaseCard, MeetingCard, Need, Today } from '../protocol/generated/protocol';
import { dayWord, distance } from '../ui/time';
import { byUrgency, itemStart, nextMeeting, nextStep, waysOut } from './order';

const HOUR = 3_600_000_000;
const now = Date.parse('2026-11-18T09:00:00Z') * 1000;
const item = (id: string, minutes: number) => ({ item: `i${id}`, case: id, name: id, minutes, state: 'planned' as const, gaps: [], presenter_name: '' });
const meeting = (id: string, starts_us: number, state: MeetingCard['state'] = 'planned'): MeetingCard => ({
  meeting: id, board: 'b', board_name: 'Thoracic board', starts_us, minutes: 60, state, role: 'member', items: [item('c1', 5), item('c2', 9), item('c3', 6)],
});
const need = (text: string, kind: Need['kind'], part: Partial<Need> = {}): Need => ({ text, detail: '', case: '', meeting: '', board: '', kind, ...part });
const card = (part: Partial<CaseCard>): CaseCard => ({
  case: 'c3', name: '', birth_date: '', local_id: '', diagnosis: '', stage: '', question: '', referrer_name: '', plan: '', plan_state: 'none', plan_line: '', meeting_us: 0, board_name: '', gaps: [], complete: 0, needed: 0, ...part,
});
const today: Today = { now_us: now, needs: [], meetings: [meeting('late', now + 50 * HOUR), meeting('soon', now + 2 * HOUR), meeting('over', now - HOUR, 'closed')], cases: [], unsigned: [] };

describe('the day', () => {
  it('puts first what the nearest meeting waits for, and last what waits for none', () => {
    const needs = [need('none', 'agenda'), need('later', 'material', { meeting: 'late' }), need('now', 'material', { meeting: 'soon' })];
    expect(byUrgency({ ...today, needs }).map((it) => it.text)).toEqual(['now', 'later', 'none']);
    expect(nextMeeting(today)?.meeting).toBe('soon');
    const running = { ...meeting('running', now + 3 * HOUR), state: 'open' as const };
    expect(nextMeeting({ ...today, meetings: [...today.meetings, running] })?.meeting).toBe('running');
  });

  it('gives every need a way out that exists', () => {
    expect(waysOut(need('x', 'stage', { case: 'c', meeting: 'm', board: 'b' })).map((it) => it.href)).toEqual(['/cases/c', '/boards/b/meetings/m']);
    expect(waysOut(need('x', 'quorum', { meeting: 'm', board: 'b' })).map((it) => it.word)).toEqual(['Open the agenda']);
    expect(waysOut(need('x', 'unsigned', { case: 'c' }))).toEqual([{ word: 'Open the record', href: '/cases/c' }]);
  });

  it('tells the referrer the place and the time that the minutes before it give', () => {
    const soon = meeting('soon', now + 2 * HOUR);
    expect((itemStart(soon, 2) - soon.starts_us) / 60_000_000).toBe(14);
    expect(nextStep(card({}), today)).toContain('your case is item 3');
    expect(nextStep(card({ case: 'other', gaps: ['ECOG'] }), today)).toBe('Missing before it can be heard: ECOG.');
    expect(nextStep(card({ plan_state: 'withdrawn' }), today)).toContain('withdrawn');
  });
});

describe('times in words', () => {
  it('name the day as people do', () => {
    expect(dayWord(now + 2 * HOUR, now, 'UTC')).toBe('today');
    expect(dayWord(now + 20 * HOUR, now, 'UTC')).toBe('tomorrow');
    expect(dayWord(now + 50 * HOUR, now, 'UTC')).toBe('Friday');
    expect(dayWord(now + 400 * HOUR, now, 'UTC')).toBe('5 Dec');
  });
  it('say how long, without false precision', () => {
    expect(distance(now + 100 * 60_000_000, now)).toBe('in 1 h 40');
    expect(distance(now + 65 * 60_000_000, now)).toBe('in 1 h 05');
    expect(distance(now - 5 * 60_000_000, now)).toBe('5 min ago');
    expect(distance(now + 72 * HOUR, now)).toBe('in 3 days');
  });
});
