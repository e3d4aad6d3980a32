import type { Room } from './control';

/** Read back begins when all that is typed here is saved: nobody signs around a half-sent word. */
export async function readBack(room: Room): Promise<void> {
  if (!room.isChair.value || room.state.value.readback.text) return;
  if (await room.edits.flushAll()) await room.press('readback.start', {});
  else room.trouble.value = 'A text of yours is not saved yet. Choose yours or theirs first.';
}
