/** Times of the contract are microseconds since 1970, UTC; people read 07:51 and 19 Nov. */
const LOCALE = 'en-GB';

function format(us: number, zone: string | undefined, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(LOCALE, zone ? { ...options, timeZone: zone } : options).format(us / 1000);
}

export function clock(us: number, zone?: string): string {
  return format(us, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** 19 Nov */
export function shortDate(us: number, zone?: string): string {
  return format(us, zone, { day: 'numeric', month: 'short' }).replace('Sept', 'Sep');
}

/** 19 November 2026 */
export function longDate(us: number, zone?: string): string {
  return format(us, zone, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** Thursday 19 November */
export function weekDate(us: number, zone?: string): string {
  return format(us, zone, { weekday: 'long', day: 'numeric', month: 'long' }).replace(',', '');
}

function dayNumber(us: number, zone?: string): number {
  const [y = 0, m = 1, d = 1] = new Intl.DateTimeFormat('en-CA', zone ? { timeZone: zone } : {}).format(us / 1000).split('-').map(Number);
  return Math.round(Date.UTC(y, m - 1, d) / 86_400_000);
}

/** today, tomorrow, Thursday (within a week), else 19 Nov */
export function dayWord(us: number, now_us: number, zone?: string): string {
  const days = dayNumber(us, zone) - dayNumber(now_us, zone);
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  if (days === -1) return 'yesterday';
  if (days > 1 && days < 7) return format(us, zone, { weekday: 'long' });
  return shortDate(us, zone);
}

/** "in 1 h 40", "in 4 min", "2 h ago" */
export function distance(us: number, now_us: number): string {
  const minutes = Math.round(Math.abs(us - now_us) / 60_000_000);
  const hours = Math.floor(minutes / 60);
  const words = hours >= 48 ? `${Math.round(hours / 24)} days` : hours > 0 ? `${hours} h${minutes % 60 ? ` ${String(minutes % 60).padStart(2, '0')}` : ''}` : `${minutes} min`;
  if (minutes === 0) return 'now';
  return us >= now_us ? `in ${words}` : `${words} ago`;
}

/** A date of the record (ISO 8601) in the long form: 4 March 1957. */
export function isoLong(iso: string): string {
  const at = Date.parse(`${iso}T00:00:00Z`);
  return Number.isNaN(at) ? iso : longDate(at * 1000, 'UTC');
}

export function isoShort(iso: string): string {
  const at = Date.parse(`${iso}T00:00:00Z`);
  return Number.isNaN(at) ? iso : shortDate(at * 1000, 'UTC');
}
