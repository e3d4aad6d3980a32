/**
 * What a screen reader hears, in three regions: you (assertive), plan (polite, never strokes), room
 * (polite, off by default). Pure: an event with the state before and after gives the sentences.
 */
import type { LogEvent } from '../protocol/generated/protocol';
import type { Plan } from './plan';
import type { RoomState } from './room';
import { address, clock } from './words';

export type Region = 'you' | 'plan' | 'room';

const UNDONE = { item: 'the change of case', minutes: 'the minutes', floor: 'the floor', mute: 'the mute. Press M to speak' } as const;

/** Also the words at the top of the room, all the time. */
export const RECORDING = { off: 'Not recorded', on: 'Recording', paused: 'Off the record' } as const;

export interface Sentence {
  region: Region;
  text: string;
}

function nameOf(s: RoomState, seat: string): string {
  return address(s.seats.bySeat[seat]?.name ?? 'The chair');
}

export function sayEvent(after: RoomState, e: LogEvent, you: string, sentence: (p: Plan, field: string) => string): Sentence | null {
  switch (e.k) {
    case 'floor.given':
      return e.d.seat === you ? { region: 'you', text: `${nameOf(after, e.by)} gives you the floor. Press M to speak.` } : null;
    case 'sound.muted':
      if (e.d.seat !== you || !e.d.muted || e.d.by === you) return null;
      return { region: 'you', text: `${nameOf(after, e.d.by)} muted you.` };
    case 'press.undone':
      return e.by === you ? null : { region: 'you', text: `${nameOf(after, e.by)} took that back: ${UNDONE[e.d.what]}.` };
    case 'chair.offered':
      return e.d.seat === you ? { region: 'you', text: `${nameOf(after, e.by)} offers you the chair.` } : null;
    case 'chair.handed':
      return { region: 'you', text: e.d.seat === you ? 'You have the chair.' : `${nameOf(after, e.d.seat)} has the chair.` };
    case 'recording.set':
      return { region: 'you', text: RECORDING[e.d.state] };
    case 'page.hidden':
      return { region: 'room', text: 'The picture is hidden.' };
    case 'readback.begun':
      return { region: 'you', text: 'Read back starts. The text is locked.' };
    case 'readback.window':
      if (e.d.running) return { region: 'you', text: `${e.d.left_s} seconds to object. O objects.` };
      return { region: 'you', text: e.d.left_s === 0 ? 'The time to object is over.' : 'The clock stands.' };
    case 'readback.objected':
      return { region: 'you', text: `${address(e.d.name)} objects: ${e.d.text || e.d.kind.replace('_', ' ')}` };
    case 'readback.ended':
      return { region: 'you', text: `${address(e.d.name)} went back to discussion.` };
    case 'plan.signed':
      return { region: 'you', text: `Signed ${clock(e.at)} by ${address(e.d.signer_name)}.` };
    case 'plan.dropped': {
      const text = sentence(after.plan, e.d.field);
      return text ? { region: 'plan', text } : null;
    }
    case 'plan.dissented':
      return e.d.text ? { region: 'plan', text: `${address(e.d.name)} dissents: ${e.d.text}` } : null;
    case 'page.shown': {
      const d = after.picture.documents.find((x) => x.document === e.d.document);
      return { region: 'room', text: `${d?.title ?? 'Picture'}, page ${e.d.page}` };
    }
    case 'item.started': {
      const item = after.agenda.items.find((i) => i.item === e.d.item);
      return item ? { region: 'you', text: `Now: ${item.name}. ${item.question}` } : null;
    }
    default:
      return null;
  }
}
