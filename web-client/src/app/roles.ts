import type { Me, MyBoard } from '../protocol/generated/protocol';

export type Desk = 'coordinator' | 'chair' | 'clinician';

const RUNS: ReadonlySet<MyBoard['role']> = new Set(['coordinator', 'scribe']);
const CHAIRS: ReadonlySet<MyBoard['role']> = new Set(['chair', 'co_chair']);

/** Which order of the day a person gets: who coordinates any board, else who chairs one, else "Your cases". */
export function deskOf(me: Pick<Me, 'boards'>): Desk {
  if (me.boards.some((board) => RUNS.has(board.role))) return 'coordinator';
  if (me.boards.some((board) => CHAIRS.has(board.role))) return 'chair';
  return 'clinician';
}

const WORDS: Record<MyBoard['role'], string> = {
  chair: 'chair', co_chair: 'co-chair', coordinator: 'coordinator', scribe: 'scribe', member: 'member', observer: 'observer', guest: 'guest',
};

export function roleWord(role: MyBoard['role']): string {
  return WORDS[role];
}

/** Who may change the agenda, plan meetings and invite. */
export function arranges(role: MyBoard['role']): boolean {
  return role === 'coordinator' || role === 'chair' || role === 'co_chair';
}

/** The word beside the own name in the top line. */
export function deskWord(me: Pick<Me, 'boards' | 'guest' | 'site'>): string {
  if (me.guest) return 'guest';
  const desk = deskOf(me);
  return desk === 'clinician' ? me.site : desk;
}

/** Where a person lands after the sign-in. Guests of one meeting go to it. */
export function homeOf(me: Pick<Me, 'guest'>, meeting = ''): string {
  return me.guest && meeting ? `/meet/${meeting}` : '/today';
}
