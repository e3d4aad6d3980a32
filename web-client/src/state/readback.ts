/** Read back: the locked text, the line being read, the objection window, who displays it. */
import type { EvReadbackBegun, EvReadbackObjected, LogEvent } from '../protocol/generated/protocol';

export interface Objection extends EvReadbackObjected {
  atUs: number;
}

export interface ReadBack {
  plan: string; // the draft that would be read back
  text: EvReadbackBegun | null; // null: not in read-back
  beganUs: number;
  line: number; // -1: none read yet
  window: { running: boolean; leftS: number; atUs: number } | null; // null: not started
  acked: string[]; // seats whose client displays this text
  objections: Objection[];
  endedBy: string; // name; empty while it runs
}

export const noReadBack: ReadBack = {
  plan: '', text: null, beganUs: 0, line: -1, window: null, acked: [], objections: [], endedBy: '',
};

export function foldReadBack(r: ReadBack, e: LogEvent): ReadBack {
  switch (e.k) {
    case 'item.started':
    case 'item.undone':
      return noReadBack;
    case 'plan.begun':
      return { ...noReadBack, plan: e.d.plan };
    case 'plan.signed':
      return e.d.plan === r.plan ? { ...noReadBack, plan: r.plan } : r; // else an earlier plan, told by a snapshot
    case 'readback.begun':
      return { ...noReadBack, plan: r.plan, text: e.d, beganUs: e.at };
    case 'readback.line':
      return { ...r, line: e.d.n };
    case 'readback.acked':
      // An acknowledgement of another text says nothing about this one.
      if (e.d.digest !== r.text?.digest || r.acked.includes(e.d.seat)) return r;
      return { ...r, acked: [...r.acked, e.d.seat] };
    case 'readback.window':
      return { ...r, window: { running: e.d.running, leftS: e.d.left_s, atUs: e.at } };
    case 'readback.objected': {
      const w = r.window;
      const window = w?.running ? { running: false, leftS: leftS(r, e.at), atUs: e.at } : w; // the clock stands
      return { ...r, window, objections: [...r.objections, { ...e.d, atUs: e.at }] };
    }
    case 'readback.ended':
      return { ...noReadBack, plan: r.plan, endedBy: e.d.name, objections: r.objections };
    default:
      return r;
  }
}

/** Whole seconds left to object at `nowUs`; counted from the event, not from its arrival. */
export function leftS(r: ReadBack, nowUs: number): number {
  const w = r.window;
  if (!w) return 0;
  if (!w.running) return w.leftS;
  return Math.max(0, Math.ceil(w.leftS - (nowUs - w.atUs) / 1e6));
}

export type Stage = 'reading' | 'running' | 'stopped' | 'over';

/** over: only the server's event opens Sign, never a local clock. */
export function stage(r: ReadBack): Stage {
  if (!r.window) return 'reading';
  if (r.window.running) return 'running';
  return r.window.leftS === 0 ? 'over' : 'stopped';
}
