/** What is true of a room system now. Pure. */
import type { DeviceCard } from '../protocol/generated/protocol';
import { longDate } from '../ui/time';

export interface DeviceState {
  live: boolean; // its token opens something
  tone: 'ok' | 'none' | 'stop';
  words: string;
}

export function deviceState(card: Pick<DeviceCard, 'revoked_us' | 'until_us' | 'used_us'>, now_us: number): DeviceState {
  if (card.revoked_us > 0) return { live: false, tone: 'stop', words: `revoked ${longDate(card.revoked_us)}` };
  if (card.until_us <= now_us) return { live: false, tone: 'none', words: 'ended' };
  return card.used_us > 0 ? { live: true, tone: 'ok', words: `last used ${longDate(card.used_us)}` } : { live: true, tone: 'none', words: 'not used yet' };
}

/** The day so many days after `ms`, as a date field has it. */
export function untilWall(ms: number, days: number): string {
  return new Date(ms + days * 86_400_000).toISOString().slice(0, 10);
}
