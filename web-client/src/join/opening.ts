import type { InvitationView } from '../protocol/generated/protocol';

/** The room opens this long before the meeting. */
export const EARLY_US = 15 * 60_000_000;

export type Opening = 'too_early' | 'open' | 'closed' | 'elsewhere';

/** What the page of an invitation can offer right now. */
export function openingOf(view: Pick<InvitationView, 'state' | 'starts_us' | 'bound_elsewhere'>, now_us: number): Opening {
  if (view.bound_elsewhere) return 'elsewhere';
  if (view.state === 'closed') return 'closed';
  if (view.state === 'open') return 'open';
  return now_us >= view.starts_us - EARLY_US ? 'open' : 'too_early';
}
