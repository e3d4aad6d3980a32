/** Wall-clock times of a board's own timezone. A board in Chicago meets at 07:30 there, wherever the coordinator sits. */

const PART: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };

function wall(ms: number, zone: string): number {
  const parts = new Map(new Intl.DateTimeFormat('en-US', { ...PART, timeZone: zone }).formatToParts(ms).map((it) => [it.type, Number(it.value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/**
 * "2026-11-19", "07:30" in `zone` as microseconds since 1970; undefined where date or time are not ones. In the hour
 * that a clock change leaves out, the time after the change is taken.
 */
export function fromWall(date: string, time: string, zone: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || !/^\d\d:\d\d$/.test(time)) return undefined;
  const wanted = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(wanted)) return undefined;
  // Twice: the offset at the first guess may be that of the other side of a clock change.
  let ms = wanted;
  for (let i = 0; i < 2; i += 1) ms += wanted - wall(ms, zone);
  return ms * 1000;
}

export function toWall(us: number, zone: string): { date: string; time: string } {
  const iso = new Date(wall(us / 1000, zone)).toISOString();
  return { date: iso.slice(0, 10), time: iso.slice(11, 16) };
}

const DAYS: Record<string, string> = { MO: 'Monday', TU: 'Tuesday', WE: 'Wednesday', TH: 'Thursday', FR: 'Friday', SA: 'Saturday', SU: 'Sunday' };

/** Simple recurrence rules in words; a rule that is more than weekly says only that it repeats. */
export function rruleWords(rrule: string): string {
  const parts = new Map(rrule.replace(/^RRULE:/, '').split(';').map((it) => it.split('=', 2) as [string, string]));
  if (parts.get('FREQ') !== 'WEEKLY') return rrule ? 'repeats by its own rule' : 'no fixed day';
  const days = (parts.get('BYDAY') ?? '').split(',').map((it) => DAYS[it]).filter(Boolean);
  const every = Number(parts.get('INTERVAL') ?? '1');
  if (days.length === 0) return every === 1 ? 'every week' : `every ${every} weeks`;
  return every === 1 ? `every ${days.join(' and ')}` : `${days.join(' and ')}, every ${every} weeks`;
}
