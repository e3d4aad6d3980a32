/** People at this meeting: presence, hands in order, floor, microphones, who has spoken. */
import type { EvSeatJoined, LogEvent } from '../protocol/generated/protocol';

export type Role = EvSeatJoined['role'];

export interface Seat {
  seat: string;
  person: string;
  name: string;
  specialty: string;
  site: string;
  role: Role;
  confirmed: boolean;
  device?: boolean; // a room system, no person
  items: string[];
  presence: 'here' | 'away' | 'left';
  sinceUs: number; // of this presence
  micOn: boolean;
  mutedBy: string; // seat that muted; empty: own doing
  mutedUs: number;
  spoke: boolean; // in the running item
}

export interface Hand {
  seat: string;
  atUs: number;
}

export interface Seats {
  bySeat: Record<string, Seat>;
  order: string[]; // as they joined
  hands: Hand[]; // first come, first served
  floor: string; // seat or empty
  presenter: string; // seat; empty: the chair
}

export const NIL = '00000000-0000-0000-0000-000000000000';
export const noSeats: Seats = { bySeat: {}, order: [], hands: [], floor: '', presenter: '' };

function change(s: Seats, seat: string, to: (x: Seat) => Seat): Seats {
  const x = s.bySeat[seat];
  return x ? { ...s, bySeat: { ...s.bySeat, [seat]: to(x) } } : s;
}

function without(s: Seats, seat: string): Seats {
  return s.hands.some((h) => h.seat === seat) ? { ...s, hands: s.hands.filter((h) => h.seat !== seat) } : s;
}

function joined(s: Seats, d: EvSeatJoined, at: number): Seats {
  const was = s.bySeat[d.seat];
  const seat: Seat = {
    ...d, presence: 'here', sinceUs: at, micOn: false, mutedBy: '', mutedUs: 0, spoke: was?.spoke ?? false,
    confirmed: d.confirmed || (was?.confirmed === true && was.specialty === d.specialty),
  };
  return { ...s, bySeat: { ...s.bySeat, [d.seat]: seat }, order: was ? s.order : [...s.order, d.seat] };
}

export function foldSeats(s: Seats, e: LogEvent): Seats {
  switch (e.k) {
    case 'seat.joined':
      return joined(s, e.d, e.at);
    case 'seat.away':
      return change(s, e.d.seat, (x) => ({ ...x, presence: 'away', sinceUs: e.at }));
    case 'seat.back':
      return change(s, e.d.seat, (x) => ({ ...x, presence: 'here', sinceUs: e.at }));
    case 'seat.left': {
      const gone = change(without(s, e.d.seat), e.d.seat, (x) => ({ ...x, presence: 'left', sinceUs: e.at, micOn: false }));
      return { ...gone, floor: gone.floor === e.d.seat ? '' : gone.floor };
    }
    case 'seat.confirmed':
      return change(s, e.d.seat, (x) => ({ ...x, specialty: e.d.specialty, confirmed: true }));
    case 'hand.raised': {
      if (s.hands.some((h) => h.seat === e.d.seat)) return s;
      const at = e.d.place ?? s.hands.length; // a place only where a floor given was taken back
      return { ...s, hands: [...s.hands.slice(0, at), { seat: e.d.seat, atUs: e.d.since_us ?? e.at }, ...s.hands.slice(at)] };
    }
    case 'hand.lowered':
      return without(s, e.d.seat);
    case 'floor.given':
      return { ...without(s, e.d.seat), floor: e.d.seat === NIL ? '' : e.d.seat }; // who has the floor no longer waits for it
    case 'sound.muted':
      return change(s, e.d.seat, (x) => ({
        ...x, micOn: !e.d.muted, mutedUs: e.at, mutedBy: e.d.muted && e.d.by !== e.d.seat ? e.d.by : '',
      }));
    case 'seat.spoke':
      return change(s, e.d.seat, (x) => ({ ...x, spoke: true }));
    case 'presenter.passed':
      return { ...s, presenter: e.d.seat === NIL ? '' : e.d.seat };
    case 'item.started': {
      const bySeat = Object.fromEntries(Object.entries(s.bySeat).map(([id, x]) => [id, { ...x, spoke: false }]));
      return { ...s, bySeat, presenter: '' }; // presenter.passed follows; hands stay
    }
    default:
      return s;
  }
}

export function present(s: Seats): Seat[] {
  return s.order.flatMap((id) => {
    const x = s.bySeat[id];
    return x && x.presence !== 'left' ? [x] : [];
  });
}

function isHere(s: Seats, seat: string): boolean {
  const x = s.bySeat[seat];
  return x !== undefined && x.presence !== 'left';
}

/** Who acts as chair: as the log says, while that seat is not left. Empty: nobody. */
export function chairSeat(s: Seats, acting: string): string {
  return isHere(s, acting) ? acting : '';
}

/** Who presents; without a presenter, or when that seat left, the acting chair. */
export function presenterSeat(s: Seats, acting: string): string {
  return isHere(s, s.presenter) ? s.presenter : chairSeat(s, acting);
}
