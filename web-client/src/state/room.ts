/** The whole room as folded from both streams. The only door for events and snapshots. */
import type { LogEvent, ServerEvent, ServerSnapshot } from '../protocol/generated/protocol';
import { type Agenda, foldAgenda, noAgenda } from './agenda';
import { type Meeting, foldMeeting, noMeeting } from './meeting';
import { type Picture, foldPicture, noPicture } from './picture';
import { type Plan, changedFields, foldPlan, noPlan } from './plan';
import { type ReadBack, foldReadBack, noReadBack } from './readback';
import { type Seats, foldSeats, noSeats } from './seats';

export interface RoomState {
  meeting: Meeting;
  agenda: Agenda;
  seats: Seats;
  picture: Picture;
  plan: Plan;
  readback: ReadBack;
  meetingN: number; // last event of the meeting's log folded
  caseId: string;
  caseN: number; // last event of the case's log folded
}

export const emptyRoom: RoomState = {
  meeting: noMeeting, agenda: noAgenda, seats: noSeats, picture: noPicture, plan: noPlan, readback: noReadBack,
  meetingN: 0, caseId: '', caseN: 0,
};

function fold(s: RoomState, e: LogEvent): RoomState {
  return {
    ...s,
    meeting: foldMeeting(s.meeting, e), agenda: foldAgenda(s.agenda, e), seats: foldSeats(s.seats, e),
    picture: foldPicture(s.picture, e), plan: foldPlan(s.plan, e), readback: foldReadBack(s.readback, e),
  };
}

function counted(s: RoomState, e: ServerEvent): RoomState {
  if (e.s === 'meeting') return { ...s, meetingN: Math.max(s.meetingN, e.n) };
  const same = s.caseId === e.id;
  return { ...s, caseId: e.id, caseN: same ? Math.max(s.caseN, e.n) : e.n };
}

/** One event as it became durable. What was folded before is skipped: a reconnect may replay. */
export function applyEvent(s: RoomState, e: ServerEvent): RoomState {
  const seen = e.s === 'meeting' ? s.meetingN : s.caseId === e.id ? s.caseN : 0;
  if (e.n <= seen) return s;
  return counted(fold(s, e as unknown as LogEvent), e);
}

/** A snapshot replaces everything: its events fold from the empty state. */
export function applySnapshot(snap: ServerSnapshot): RoomState {
  let s = emptyRoom;
  for (const e of snap.events as unknown as LogEvent[]) s = fold(s, e);
  return { ...s, meetingN: snap.meeting_n, caseId: snap.case, caseN: snap.case_n };
}

/** What was written while a person was away, for the line after coming back. */
export function missed(before: RoomState, after: RoomState): number {
  return changedFields(before.plan, after.plan);
}
