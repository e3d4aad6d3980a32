/** Times, names and codes in the words used on every screen. */
import list from '../../../protocols/record/specialties.json';

const specialties = new Map(list.specialties.map((s) => [s.id, s.label]));

export function specialtyLabel(code: string): string {
  return specialties.get(code) ?? code;
}

export const specialtyList = list.specialties as { id: string; label: string; nucc: string }[];

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** 07:51, on this device's clock face. */
export function clock(us: number): string {
  const d = new Date(us / 1000);
  return `${two(d.getHours())}:${two(d.getMinutes())}`;
}

export function clockS(us: number): string {
  return `${clock(us)}:${two(new Date(us / 1000).getSeconds())}`;
}

/** 6:36 */
export function span(s: number): string {
  return `${Math.floor(s / 60)}:${two(Math.floor(s) % 60)}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 2026-11-25 as 25 Nov 2026; what is not a date stays as it is. */
export function day(iso: string): string {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  const month = m && months[Number(m[2]) - 1];
  return m && month ? `${Number(m[3])} ${month} ${m[1]}` : iso;
}

/** The last part of a name, as it is called across a table: "Dr. Hana Sato" is "Sato". */
export function shortName(name: string): string {
  const parts = name.trim().split(/\s+/);
  return parts[parts.length - 1] ?? name;
}

/** "Exemplar, Wilhelmina" or "Wilhelmina Exemplar": the family name for the ruler. */
export function familyName(name: string): string {
  const comma = name.indexOf(',');
  return comma > 0 ? name.slice(0, comma) : shortName(name);
}

/** "Dr. Hana Sato" is addressed "Dr Sato"; somebody without a title by the whole name. */
export function address(name: string): string {
  return /^Dr\.?\s/.test(name) ? `Dr ${shortName(name)}` : name;
}

/** 1st, 2nd, 3rd, 4th: also 11th and 21st. */
export function nth(n: number): string {
  const tens = n % 100;
  const end = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${end}`;
}

const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

export function count(n: number, one: string, many: string): string {
  return `${small[n] ?? n} ${n === 1 ? one : many}`;
}

export function age(iso: string, nowUs: number): number | null {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  if (!m) return null;
  const now = new Date(nowUs / 1000);
  const had = now.getMonth() + 1 > Number(m[2]) || (now.getMonth() + 1 === Number(m[2]) && now.getDate() >= Number(m[3]));
  return now.getFullYear() - Number(m[1]) - (had ? 0 : 1);
}

export const outcomeLabels: Record<string, string> = {
  confirmed: 'Confirmed as planned', changed_diagnosis: 'Diagnosis changed', changed_stage: 'Stage changed',
  changed_treatment: 'Treatment changed', changed_supportive: 'Supportive care changed', more_tests: 'More tests first',
  trial_added: 'Trial added', no_plan_before: 'No plan before', not_comparable: 'Not comparable',
};
