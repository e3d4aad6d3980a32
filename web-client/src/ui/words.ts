import specialties from '../../../protocols/record/specialties.json';

export interface Specialty {
  id: string;
  label: string;
}

export const SPECIALTIES: readonly Specialty[] = specialties.specialties;

const LABELS = new Map(SPECIALTIES.map((it) => [it.id, it.label]));

export function specialtyWord(id: string): string {
  return LABELS.get(id) ?? id;
}

/** 1 case, 2 cases */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

const SMALL = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** Small numbers as words inside a sentence. */
export function inWords(n: number): string {
  return SMALL[n] ?? String(n);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** a, b and c */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? '';
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

/** 4.2 MB; below a megabyte in kB. In steps of 1024, as the limits are said (limits.json: 200 MB are 209,715,200). */
export function bytesWord(bytes: number): string {
  const kB = bytes / 1024;
  if (kB < 1000) return bytes === 0 ? '0 kB' : `${Math.max(1, Math.round(kB))} kB`;
  return `${(kB / 1024).toFixed(kB < 10_240 ? 1 : 0)} MB`;
}

/** Whole years between a birth date and a day; undefined where the date is not one. */
export function ageOf(birth: string, now_us: number): number | undefined {
  const born = /^(\d{4})-(\d\d)-(\d\d)$/.exec(birth);
  if (!born) return undefined;
  const now = new Date(now_us / 1000);
  const before = now.getUTCMonth() + 1 < Number(born[2]) || (now.getUTCMonth() + 1 === Number(born[2]) && now.getUTCDate() < Number(born[3]));
  return now.getUTCFullYear() - Number(born[1]) - (before ? 1 : 0);
}

const SEX: Record<string, string> = { female: 'F', male: 'M', other: 'other', unknown: '' };

/** 67 F, as it stands beside a name. */
export function ageSex(birth: string, sex: string, now_us: number): string {
  return [ageOf(birth, now_us), SEX[sex]].filter((it) => it !== undefined && it !== '').join(' ');
}
