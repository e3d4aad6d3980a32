/** Frame of the meeting: what was planned, whether the room is open, who acts as chair. */
import type { Discipline, LogEvent, Member } from '../protocol/generated/protocol';
import { NIL } from './seats';

export interface Meeting {
  boardName: string;
  startsUs: number;
  minutes: number;
  timezone: string;
  required: Discipline[];
  objectionS: number;
  members: Member[];
  openedUs: number; // 0: not opened
  closedUs: number; // 0: not closed
  actingChair: string; // seat; empty: the person with the role
  offered: string; // seat that is offered the chair; empty: nobody
  mayRecord: boolean; // the board allows it
  recording: 'off' | 'on' | 'paused'; // paused: off the record
  told: string[]; // seats that acknowledged it
}

export const noMeeting: Meeting = {
  boardName: '', startsUs: 0, minutes: 0, timezone: '', required: [], objectionS: 20, members: [],
  openedUs: 0, closedUs: 0, actingChair: '', offered: '', mayRecord: false, recording: 'off', told: [],
};

export function foldMeeting(m: Meeting, e: LogEvent): Meeting {
  switch (e.k) {
    case 'meeting.planned':
      return {
        ...m, boardName: e.d.board_name, startsUs: e.d.starts_us, minutes: e.d.minutes, timezone: e.d.timezone,
        required: e.d.required, objectionS: e.d.objection_s, members: e.d.members,
        mayRecord: e.d.recording === 'allowed',
      };
    case 'meeting.opened':
      return { ...m, openedUs: e.at, closedUs: 0 };
    case 'meeting.closed':
      return { ...m, closedUs: e.at, recording: 'off' };
    case 'recording.policy':
      return { ...m, mayRecord: e.d.recording === 'allowed' };
    case 'recording.set':
      return { ...m, recording: e.d.state, told: e.d.state === 'off' ? [] : m.told };
    case 'recording.acknowledged':
      return { ...m, told: [...m.told, e.d.seat] };
    case 'chair.acting':
    case 'chair.handed':
      return { ...m, actingChair: e.d.seat, offered: '' };
    case 'chair.offered':
      return { ...m, offered: e.d.seat === NIL ? '' : e.d.seat };
    case 'seat.left':
      return m.offered === e.d.seat ? { ...m, offered: '' } : m;
    default:
      return m; // the other nouns fold the rest
  }
}
