/** Required specialties of the board against the seats that are here. */
import type { Discipline, LaneTalking } from '../protocol/generated/protocol';
import { type Seat, type Seats, present } from './seats';

export interface Column {
  name: string;
  required: boolean;
  min: number;
  seats: Seat[]; // present or coming back
  counted: number; // here or coming back, and their specialty is confirmed
  lacks: boolean;
  spoke: boolean;
  waits: Seat[]; // here, but the specialty is not confirmed
}

function column(d: Discipline, here: Seat[]): Column {
  const seats = here.filter((s) => d.counts.includes(s.specialty));
  const counted = seats.filter((s) => s.confirmed).length; // coming back still counts, as on the server
  return {
    name: d.name, required: true, min: d.min, seats, counted, lacks: counted < d.min,
    spoke: seats.some((s) => s.spoke), waits: seats.filter((s) => !s.confirmed && !s.device),
  };
}

/** One column per required discipline in policy order; everybody else last. */
export function columns(required: Discipline[], seats: Seats): Column[] {
  const here = present(seats);
  const out = required.map((d) => column(d, here));
  const placed = new Set(out.flatMap((c) => c.seats.map((s) => s.seat)));
  const others = here.filter((s) => !placed.has(s.seat));
  if (others.length > 0)
    out.push({ name: 'Others', required: false, min: 0, seats: others, counted: 0, lacks: false, spoke: others.some((s) => s.spoke), waits: others.filter((s) => !s.confirmed && !s.device) });
  return out;
}

export function lacking(cols: Column[]): Column[] {
  return cols.filter((c) => c.lacks);
}

/** Loudest talker of a column, if one is heard now. */
export function talkerIn(c: Column, talking: LaneTalking | null): Seat | undefined {
  const loud = talking?.seats.find((t) => c.seats.some((s) => s.seat === t.seat));
  return loud && c.seats.find((s) => s.seat === loud.seat);
}
