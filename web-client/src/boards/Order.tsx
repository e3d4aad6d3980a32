import { useState } from 'preact/hooks';
import type { MeetingFull } from '../protocol/generated/protocol';
import { State } from '../ui/controls';
import { BadgeCheck } from '../ui/icons';
import { clock } from '../ui/time';
import { ageOf, capital, count } from '../ui/words';
import { firstOver, mayMove, starts, talkWords, total, type Row } from './agenda';

interface OrderProps {
  meeting: MeetingFull;
  rows: readonly Row[];
  picked: number;
  pick: (at: number) => void;
  moved: ((from: number, to: number) => void) | undefined;
}

function RowState({ row }: { row: Row }) {
  if (row.state === 'signed') return <State tone="ok" icon={BadgeCheck}>signed</State>;
  if (row.state === 'running') return <State tone="now">running</State>;
  if (row.state === 'deferred' || row.state === 'left_open') return <State tone="info">{row.state === 'deferred' ? 'deferred' : 'left open'}</State>;
  if (row.gaps.length > 0) return <State tone="stop">{capital(row.gaps.join(', '))}: missing</State>;
  return null;
}

function Talk({ meeting, row }: { meeting: MeetingFull; row: Row }) {
  const talk = meeting.items.find((it) => it.item === row.item)?.talk;
  return talk?.length ? <p class="note">Spoke: {talkWords(talk)}</p> : null;
}

/** The rows as tall as their minutes. Alt+Up and Alt+Down move the focused one; dragging does the same. */
export function Order({ meeting, rows, picked, pick, moved }: OrderProps) {
  const [dragged, setDragged] = useState(-1);
  const [over, setOver] = useState(-1);
  const at = starts(rows, meeting.starts_us);
  const firstLate = firstOver(rows, meeting.minutes);
  const spare = meeting.minutes - total(rows);

  const keys = (index: number) => (event: KeyboardEvent) => {
    if (!moved || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const to = index + (event.key === 'ArrowUp' ? -1 : 1);
    if (!mayMove(rows, index, to)) return;
    const list = (event.currentTarget as HTMLElement).closest('ol');
    moved(index, to);
    // The moved case keeps the focus at its new place.
    requestAnimationFrame(() => list?.querySelectorAll<HTMLElement>('.pick')[to]?.focus());
  };

  return (
    <>
      <ol class="day">
        {rows.map((row, index) => {
          const late = firstLate >= 0 && index >= firstLate;
          const classes = ['slot', index === picked && 'picked', late && 'over', !late && row.gaps.length > 0 && row.state === 'planned' && 'shortfall', over === index && 'drop'].filter(Boolean).join(' ');
          return (
            <li key={row.case}>
              <span class="at">{clock(at[index] ?? 0, meeting.timezone)}</span>
              <div
                class={classes}
                style={{ '--min': row.minutes }}
                draggable={moved !== undefined && row.state === 'planned'}
                onDragStart={(event) => { setDragged(index); event.dataTransfer?.setData('text/plain', String(index)); }}
                onDragEnd={() => { setDragged(-1); setOver(-1); }}
                onDragOver={(event) => { if (dragged >= 0 && mayMove(rows, dragged, index)) { event.preventDefault(); setOver(index); } }}
                onDragLeave={() => setOver(-1)}
                onDrop={(event) => { event.preventDefault(); if (dragged >= 0) moved?.(dragged, index); setOver(-1); }}
                onClick={() => pick(index)}
              >
                <span class="n" aria-hidden="true">{index + 1}</span>
                <div class="what">
                  <button type="button" class="pick" aria-pressed={index === picked} onKeyDown={keys(index)} onFocus={() => pick(index)}>
                    <span class="hide">Item {index + 1}, </span>{row.name}<span class="hide">, {row.minutes} minutes, {clock(at[index] ?? 0, meeting.timezone)}</span>
                  </button>{' '}
                  {ageOf(row.birth_date, meeting.starts_us)}
                  <p><RowState row={row} /> {index === picked ? `${row.diagnosis}${row.stage && `, ${row.stage}`}. ${row.question}` : `${row.diagnosis}.`} {row.presenter_name}.</p>
                  <Talk meeting={meeting} row={row} />
                </div>
                <span class="note num">{row.minutes} min</span>
              </div>
            </li>
          );
        })}
        {spare > 0 && (
          <li>
            <span class="at">{clock(meeting.starts_us + total(rows) * 60_000_000, meeting.timezone)}</span>
            <div class="slot" style={{ '--min': Math.min(spare, 12) }}><span class="n" /><div class="what"><p>{rows.length === 0 ? 'No case yet. Add one from the list.' : `${capital(count(spare, 'minute'))} spare`}</p></div><span /></div>
          </li>
        )}
      </ol>
      {spare < 0 && <p class="gap-3"><State tone="stop">{count(-spare, 'minute')} too long.</State> <span class="note">The hatched cases end after {clock(meeting.starts_us + meeting.minutes * 60_000_000, meeting.timezone)}. It can be saved as it is.</span></p>}
      {moved && rows.length > 1 && <p class="note gap-3">Move a case by dragging, by Earlier and Later, or with <kbd>Alt</kbd> <kbd>↑</kbd> <kbd>↓</kbd>.</p>}
    </>
  );
}
