/** Idle lock (decision 28): a warning after 13 minutes without a key, press or touch, locked after 15. */
export const WARN_MS = 13 * 60_000;
export const LOCK_MS = 15 * 60_000;

export type Idle = 'awake' | 'warned' | 'locked';

export function idleAfter(quiet_ms: number): Idle {
  if (quiet_ms >= LOCK_MS) return 'locked';
  return quiet_ms >= WARN_MS ? 'warned' : 'awake';
}

/** Whole minutes left until the lock, at least one while it is not there. */
export function minutesLeft(quiet_ms: number): number {
  return Math.max(1, Math.ceil((LOCK_MS - quiet_ms) / 60_000));
}
