import { describe, expect, it } from 'vitest';
import type { CaseCard } from '../protocol/generated/protocol';
import { clampMinutes, differs, firstOver, heardBefore, keepMine, matching, mayMove, move, starts, talkWords, total, toSave, withMinutes, type Row } from './agenda';
import { fromWall, rruleWords, toWall } from './zone';

const row = (name: string, minutes: number, state: Row['state'] = 'planned'): Row => ({
  item: `i-${name}`, case: `c-${name}`, name, birth_date: '', diagnosis: '', stage: '', question: '', minutes, presenter: 'p', presenter_name: '', referrer_name: '', gaps: [], state,
});
const rows = [row('a', 5), row('b', 9), row('c', 7)];
const names = (list: readonly Row[]) => list.map((it) => it.name).join('');

describe('the running order', () => {
  it('adds minutes up to starts and a sum', () => {
    expect(total(rows)).toBe(21);
    expect(starts(rows, 1_000_000).map((it) => (it - 1_000_000) / 60_000_000)).toEqual([0, 5, 14]);
  });

  it('finds the first case that ends too late, and only that', () => {
    expect(firstOver(rows, 21)).toBe(-1);
    expect(firstOver(rows, 20)).toBe(2);
    expect(firstOver(rows, 4)).toBe(0);
  });

  it('moves a case and keeps all others in their order', () => {
    expect(names(move(rows, 2, 0))).toBe('cab');
    expect(names(move(rows, 0, 2))).toBe('bca');
    expect(names(move(rows, 0, 3))).toBe('abc');
  });

  it('leaves what already ran where it was', () => {
    const begun = [row('a', 5, 'signed'), row('b', 9, 'running'), row('c', 7), row('d', 4)];
    expect(mayMove(begun, 2, 1)).toBe(false);
    expect(mayMove(begun, 1, 2)).toBe(false);
    expect(names(move(begun, 3, 2))).toBe('abdc');
  });

  it('keeps minutes whole and within 1 to 120', () => {
    expect([0, 0.4, 7.6, 500, Number.NaN].map(clampMinutes)).toEqual([1, 1, 8, 120, 1]);
    expect(withMinutes(rows, 1, 0)[1]?.minutes).toBe(1);
  });

  it('knows what is unsaved', () => {
    expect(differs(rows, [...rows])).toBe(false);
    expect(differs(withMinutes(rows, 0, 6), rows)).toBe(true);
    expect(differs(move(rows, 0, 1), rows)).toBe(true);
  });

  it('keeps the own order over a newer one, with the item ids that exist now', () => {
    const mine = [row('c', 7), { ...row('new', 6), item: '' }, row('a', 5)];
    const theirs = [row('a', 5), { ...row('new', 4), item: 'i-77' }];
    // c was taken off by the other: it has no item any more and is added anew.
    expect(toSave(keepMine(mine, theirs)).map((it) => [it.case, it.item, it.minutes])).toEqual([['c-c', '', 7], ['c-new', 'i-77', 6], ['c-a', 'i-a', 5]]);
  });
});

describe('the pool', () => {
  const card = (id: string, name: string, plan_state: CaseCard['plan_state'] = 'signed', meeting_us = 5): CaseCard => ({
    case: id, name, birth_date: '', local_id: `N-${id}`, diagnosis: 'Adenocarcinoma of lung', stage: '', question: 'Resection?', referrer_name: '', plan: '', plan_state,
    plan_line: 'Lobectomy', meeting_us, board_name: '', gaps: [], complete: 0, needed: 0,
  });

  it('is searched by every word, whatever its case', () => {
    const all = [card('1', 'Placebo, Harriet'), card('2', 'Exemplar, Otto')];
    expect(matching(all, '').length).toBe(2);
    expect(matching(all, ' placebo ADENO').map((it) => it.case)).toEqual(['1']);
    expect(matching(all, 'n-2 lobectomy').map((it) => it.case)).toEqual(['2']);
    expect(matching(all, 'placebo otto')).toEqual([]);
  });

  it('lists cases heard before, none twice, none that is still to be heard', () => {
    const found = [card('1', 'a'), card('2', 'b', 'draft'), card('3', 'c', 'withdrawn'), card('4', 'd', 'signed', 99), card('5', 'e'), card('6', 'f', 'superseded')];
    expect(heardBefore([card('1', 'a')], found, [card('3', 'c')], 10).map((it) => it.case)).toEqual(['1', '5', '6']);
  });
});

describe('wall-clock times of the board', () => {
  it('are those of its timezone, on both sides of a clock change', () => {
    expect(fromWall('2026-11-19', '07:30', 'America/Chicago')).toBe(Date.parse('2026-11-19T13:30:00Z') * 1000);
    expect(fromWall('2026-10-29', '07:30', 'America/Chicago')).toBe(Date.parse('2026-10-29T12:30:00Z') * 1000);
    expect(fromWall('2026-03-08', '07:30', 'America/Chicago')).toBe(Date.parse('2026-03-08T12:30:00Z') * 1000);
  });

  it('come back as they went in', () => {
    for (const zone of ['America/Chicago', 'Asia/Kolkata', 'UTC', 'Pacific/Chatham']) {
      expect(toWall(fromWall('2026-11-19', '07:30', zone) ?? 0, zone)).toEqual({ date: '2026-11-19', time: '07:30' });
    }
  });

  it('refuse what is no date or time', () => {
    expect(fromWall('19.11.2026', '07:30', 'UTC')).toBeUndefined();
    expect(fromWall('2026-11-19', '7', 'UTC')).toBeUndefined();
    expect(fromWall('2026-11-19', '25:00', 'UTC')).toBeUndefined();
  });

  it('say simple rules in words and claim nothing about others', () => {
    expect(rruleWords('FREQ=WEEKLY;BYDAY=TH')).toBe('every Thursday');
    expect(rruleWords('FREQ=WEEKLY;INTERVAL=2;BYDAY=MO')).toBe('Monday, every 2 weeks');
    expect(rruleWords('FREQ=MONTHLY;BYDAY=1TU')).toBe('repeats by its own rule');
  });
});

it('talk time is said by specialty, in minutes and seconds', () => {
  expect(talkWords([{ specialty: 'radiology', seconds: 71 }, { specialty: 'medical_oncology', seconds: 600 }])).toBe('Radiology 1:11, Medical oncology 10:00');
  expect(talkWords([])).toBe('');
});
