/**
 * window.__consilium: what the room knows, for tests that drive a browser. Read only, nothing secret
 * that is not on the screen, no way to act.
 */
import type { OwnSound } from '../state/own-sound';
import type { RoomState } from '../state/room';
import type { Room } from './control';

export interface Known {
  phase: string;
  seat: string;
  state: RoomState;
  ownSound: OwnSound;
  hearing: boolean;
  heardBy: number;
  quality: string;
  alone: boolean;
  sound: object; // link, connection, packets and samples decoded
  rttMs: number;
}

declare global {
  interface Window {
    __consilium?: () => Known;
  }
}

export function expose(room: Room): () => void {
  window.__consilium = () => ({
    phase: room.phase.value, seat: room.you.value?.seat ?? '', state: room.state.value, ownSound: room.own.value,
    hearing: room.heard.value.hearing, heardBy: room.facts.value.heardBy, quality: room.quality.value, alone: room.alone.value,
    sound: room.mic.counters(), rttMs: room.rttMs(),
  });
  return () => {
    delete window.__consilium;
  };
}
