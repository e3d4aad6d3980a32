/** Waits between attempts to come back: 0.25, 0.5, 1, 1, 2 s, then 2 s, each with jitter (decision 30). */
const waits = [250, 500, 1000, 1000, 2000];

/** `random` in 0..1 spreads a room of people who lost the same server: 75 to 125 % of the wait. */
export function backoffMs(attempt: number, random: number): number {
  const base = waits[Math.min(attempt, waits.length - 1)] ?? 2000;
  return Math.round(base * (0.75 + random * 0.5));
}
