import './boards.css';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { call, said } from '../api/client';
import { lazy } from '../app/lazy';
import { usePage } from '../app/page';
import { arranges, roleWord } from '../app/roles';
import type { BoardFull, Made, MeetingCard } from '../protocol/generated/protocol';
import { Btn, Field, Go } from '../ui/controls';
import { CalendarPlus } from '../ui/icons';
import { Shown, useLoad } from '../ui/load';
import { clock, weekDate } from '../ui/time';
import { capital, count, listed, specialtyWord } from '../ui/words';
import { RecordingPolicy } from './RecordingPolicy';
import { fromWall, rruleWords, toWall } from './zone';

const Devices = lazy(() => import('./Devices'));

/** One each of medical oncology, radiology and two of surgery. */
export function quorumWords(board: Pick<BoardFull, 'required'>): string {
  if (board.required.length === 0) return 'No quorum is asked for.';
  return `Quorum: ${listed(board.required.map((it) => `${it.min === 1 ? 'one' : it.min} of ${it.name.toLowerCase()}`))}.`;
}

function PlanMeeting({ board }: { board: BoardFull }) {
  const [, go] = useLocation();
  const suggested = toWall(board.next_suggested_us, board.timezone);
  const [date, setDate] = useState(suggested.date);
  const [time, setTime] = useState(suggested.time);
  const [minutes, setMinutes] = useState(String(board.minutes));
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const starts_us = fromWall(date, time, board.timezone);
    const length = Number(minutes);
    if (starts_us === undefined) return setFault('Date and time are needed, for example 19.11.2026 and 07:30.');
    if (!Number.isInteger(length) || length < 5 || length > 480) return setFault('A meeting takes 5 to 480 minutes.');
    setBusy(true);
    try {
      const made = await call<Made>('POST', `/api/boards/${board.board}/meetings`, { body: { starts_us, minutes: length } });
      go(`/boards/${board.board}/meetings/${made.id}`);
    } catch (error) {
      setFault(said(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="plan-a-meeting" onSubmit={submit} noValidate>
      <Field label="Day" id="day">{(ids) => <input {...ids} type="date" value={date} onInput={(e) => setDate(e.currentTarget.value)} />}</Field>
      <Field label={`Start, ${board.timezone.split('/').pop()?.replace('_', ' ') ?? ''} time`} id="start">
        {(ids) => <input {...ids} type="text" inputMode="numeric" placeholder="07:30" value={time} onInput={(e) => setTime(e.currentTarget.value)} />}
      </Field>
      <Field label="Minutes" id="minutes">{(ids) => <input {...ids} type="number" min={5} max={480} value={minutes} onInput={(e) => setMinutes(e.currentTarget.value)} />}</Field>
      <Btn main type="submit" icon={CalendarPlus} disabled={busy}>Plan the meeting</Btn>
      {fault && <p class="fault" role="alert">{fault}</p>}
    </form>
  );
}

const STATES: Record<MeetingCard['state'], string> = { planned: 'planned', open: 'open now', closed: 'closed' };

function Meetings({ board }: { board: BoardFull }) {
  const meetings = [...board.meetings].sort((a, b) => b.starts_us - a.starts_us);
  if (meetings.length === 0) return <p class="note gap-3">No meeting is planned. Plan one and list its cases.</p>;
  return (
    <table class="table fold">
      <thead><tr><th scope="col">When</th><th scope="col">Cases</th><th scope="col">State</th><th scope="col"><span class="hide">Room</span></th></tr></thead>
      <tbody>
        {meetings.map((meeting) => (
          <tr key={meeting.meeting}>
            <td><Link href={`/boards/${board.board}/meetings/${meeting.meeting}`}>{weekDate(meeting.starts_us, board.timezone)}, {clock(meeting.starts_us, board.timezone)}</Link></td>
            <td data-l="Cases">{count(meeting.items.length, 'case')}, {meeting.items.reduce((sum, it) => sum + it.minutes, 0)} of {meeting.minutes} min</td>
            <td data-l="State">{STATES[meeting.state]}</td>
            <td>{meeting.state !== 'closed' && <Go small href={`/meet/${meeting.meeting}`} aria-label={`Open the room of ${weekDate(meeting.starts_us, board.timezone)}`}>Open the room</Go>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Page({ board, again }: { board: BoardFull; again: () => Promise<void> }) {
  usePage(board.name);
  return (
    <>
      <div class="lead">
        <div>
          <h1>{board.name}</h1>
          <p>{capital(rruleWords(board.rrule))}, {board.minutes} minutes. {quorumWords(board)} Time to object after read back: {board.objection_s} s.</p>
        </div>
      </div>
      <div class="cols two">
        <section aria-labelledby="meetings">
          <div class="head"><h2 id="meetings">Meetings</h2></div>
          <Meetings board={board} />
          {arranges(board.role) && (
            <>
              <div class="head gap-6"><h2>Plan a meeting</h2></div>
              <PlanMeeting board={board} />
            </>
          )}
          <RecordingPolicy board={board} again={again} />
        </section>
        <section aria-labelledby="members">
          <div class="head"><h2 id="members">Members</h2><span class="note num">{board.members.length}</span></div>
          <ul class="seats">
            {board.members.map((member) => (
              <li key={member.person}>
                <span>{member.name}<br /><span class="note">{specialtyWord(member.specialty)}, {member.site}</span></span>
                <span class="note">{roleWord(member.role)}</span>
              </li>
            ))}
          </ul>
        </section>
      </div>
      {arranges(board.role) && <Devices board={board} />}
    </>
  );
}

export default function Board({ id }: { id: string }) {
  const board = useLoad<BoardFull>(`/api/boards/${id}`);
  return <Shown of={board} what="board">{(it) => <Page board={it} again={board.again} />}</Shown>;
}
