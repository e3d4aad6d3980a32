/** The running order, and what became of each item. */
import type { Item, LogEvent } from '../protocol/generated/protocol';

export type ItemState = 'planned' | 'running' | 'signed' | 'deferred' | 'left_open';

export interface AgendaItem extends Item {
  state: ItemState;
  startedUs: number; // 0: not yet
  endedUs: number;
  extra: number; // minutes the chair gave
}

export interface Agenda {
  version: number;
  items: AgendaItem[];
  running: string; // item id or empty
}

export const noAgenda: Agenda = { version: 0, items: [], running: '' };

function change(a: Agenda, item: string, to: (i: AgendaItem) => AgendaItem): AgendaItem[] {
  return a.items.map((i) => (i.item === item ? to(i) : i));
}

export function foldAgenda(a: Agenda, e: LogEvent): Agenda {
  switch (e.k) {
    case 'agenda.set': {
      // A new order keeps what already happened to the items that stay.
      const old = new Map(a.items.map((i) => [i.item, i]));
      const items = e.d.items.map((i): AgendaItem => {
        const was = old.get(i.item);
        return { ...i, state: was?.state ?? 'planned', startedUs: was?.startedUs ?? 0, endedUs: was?.endedUs ?? 0, extra: was?.extra ?? 0 };
      });
      return { ...a, version: e.d.version, items };
    }
    case 'item.started':
      return {
        ...a, running: e.d.item,
        items: change(a, e.d.item, (i) => ({ ...i, state: i.state === 'signed' ? 'signed' : 'running', startedUs: e.at, endedUs: 0 })),
      };
    case 'item.undone': {
      // Near enough until the snapshot that follows: what ran before runs again.
      const was = change(a, e.d.item, (i) => ({ ...i, state: e.d.was, startedUs: 0, endedUs: 0 }));
      const back = a.items.some((i) => i.item === e.d.back) ? e.d.back : '';
      return { ...a, running: back, items: change({ ...a, items: was }, back, (i) => ({ ...i, state: i.state === 'signed' ? 'signed' : 'running', endedUs: 0 })) };
    }
    case 'item.extended':
      return { ...a, items: change(a, e.d.item, (i) => ({ ...i, extra: i.extra + e.d.minutes })) };
    case 'item.signed':
      return { ...a, items: change(a, e.d.item, (i) => ({ ...i, state: 'signed' })) };
    case 'item.ended':
      return {
        ...a, running: a.running === e.d.item ? '' : a.running,
        items: change(a, e.d.item, (i) => ({ ...i, state: e.d.outcome, endedUs: e.at })),
      };
    default:
      return a;
  }
}

export function runningItem(a: Agenda): AgendaItem | undefined {
  return a.items.find((i) => i.item === a.running);
}

/** The item that Next would start: the first planned one after what ran last, else the first planned. */
export function nextItem(a: Agenda): AgendaItem | undefined {
  const last = Math.max(...a.items.map((i) => i.startedUs), 0);
  const at = last === 0 ? -1 : a.items.findIndex((i) => i.startedUs === last);
  return a.items.slice(at + 1).find((i) => i.state === 'planned') ?? a.items.find((i) => i.state === 'planned');
}

export function budgetS(i: AgendaItem): number {
  return (i.minutes + i.extra) * 60;
}

/** Seconds spent on an item; 0 before it starts. */
export function spentS(i: AgendaItem, nowUs: number): number {
  if (i.startedUs === 0) return 0;
  return Math.max(0, Math.floor(((i.endedUs || nowUs) - i.startedUs) / 1e6));
}

/** When the meeting would end if everything from now on took its minutes. */
export function endsUs(a: Agenda, nowUs: number): number {
  let left = 0;
  for (const i of a.items) {
    if (i.item === a.running) left += Math.max(0, budgetS(i) - spentS(i, nowUs));
    else if (i.state === 'planned') left += budgetS(i);
  }
  return nowUs + left * 1e6;
}
