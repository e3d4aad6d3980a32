/**
 * A microphone that was on is on again after a reload of the page, and after nothing else: whoever comes
 * from elsewhere enters muted. The mark lies in the tab's storage from pagehide to the next start.
 */
const FRESH_MS = 15_000; // decision 8: who was away longer comes back muted

const key = (meeting: string): string => `mic-on:${meeting}`;

export function markMic(store: Storage, meeting: string, on: boolean, nowMs: number): void {
  if (on) store.setItem(key(meeting), String(nowMs));
  else store.removeItem(key(meeting));
}

/** Whether to open it again. The mark is used up by asking. */
export function takeMark(store: Storage, meeting: string, reloaded: boolean, nowMs: number): boolean {
  const at = Number(store.getItem(key(meeting)) ?? NaN);
  store.removeItem(key(meeting));
  return reloaded && nowMs - at >= 0 && nowMs - at < FRESH_MS;
}

export function wasReloaded(): boolean {
  const [how] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return how?.type === 'reload';
}
