import type { CaseRecord } from '../protocol/generated/protocol';

/**
 * Stage texts. T, N and M each need the prefix that says when they were found: c before treatment, p after surgery,
 * yc or yp after induction, r at recurrence, a at autopsy (UICC, AJCC). The record holds one text; the form has four
 * fields, so that a missing prefix is seen at the part it belongs to.
 */
export interface StageParts {
  t: string;
  n: string;
  m: string;
  /** Group and whatever else stands in the text: IIIA, (AJCC 9), Ann Arbor II. */
  rest: string;
}

export type Axis = 't' | 'n' | 'm';

const VALUE: Record<Axis, string> = {
  t: 'T(?:is|a|x|[0-4])[a-z0-9()+]*',
  n: 'N(?:x|[0-3])[a-z0-9()+\\-]*',
  m: 'M[01x][a-z0-9()+]*',
};
const PREFIX = '(?:[yra]{0,2}[cp]|[yra]{1,2})';
const WHOLE: Record<Axis, RegExp> = { t: axisOf('t'), n: axisOf('n'), m: axisOf('m') };

function axisOf(axis: Axis): RegExp {
  return new RegExp(`^(${PREFIX})?(${VALUE[axis]})$`, 'i');
}

export function parseStage(text: string): StageParts {
  const parts: StageParts = { t: '', n: '', m: '', rest: '' };
  const rest: string[] = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const bare = word.replace(/[,;]$/, '');
    const axis = (['t', 'n', 'm'] as const).find((it) => WHOLE[it].test(bare) && parts[it] === '');
    if (axis) parts[axis] = bare;
    else rest.push(word);
  }
  parts.rest = rest.join(' ');
  return parts;
}

export function composeStage(parts: StageParts): string {
  const tnm = [parts.t, parts.n, parts.m].map((it) => it.trim()).filter(Boolean).join(' ');
  return [tnm, parts.rest.trim()].filter(Boolean).join(tnm ? ', ' : '');
}

export interface StageFault {
  axis: Axis;
  text: string;
  /** What was probably meant; never put in unasked. */
  repair: string;
}

/** The prefix the case makes likely. M is never pM0: what was not found cannot have been seen under a microscope. */
function likelyPrefix(kind: CaseRecord['diagnosis_kind'], others: readonly string[], value: string): string {
  const beside = others.map((it) => new RegExp(`^(${PREFIX})[TNM]`, 'i').exec(it)?.[1]).find(Boolean);
  const prefix = beside ?? (kind === 'recurrence' ? 'r' : 'c');
  return /^M0/i.test(value) && prefix.endsWith('p') ? prefix.replace(/p$/, 'c') : prefix;
}

/** What is wrong with one part. `led`: a part before it has a prefix, which then holds for the whole group. */
function faultOf(axis: Axis, word: string, led: boolean, kind: CaseRecord['diagnosis_kind'], others: readonly string[]): StageFault | undefined {
  const match = WHOLE[axis].exec(word);
  const letter = axis.toUpperCase();
  if (!match) {
    return { axis, text: `${letter} is written as prefix, ${letter} and value, for example ${{ t: 'cT2a', n: 'cN1', m: 'cM0' }[axis]}.`, repair: '' };
  }
  const value = match[2] ?? '';
  if (match[1] && /p$/i.test(match[1]) && /^M0/i.test(value)) {
    const repair = `${match[1].replace(/p$/i, 'c')}M0`;
    return { axis, text: `M0 cannot be found under the microscope, so it has no p. You probably mean ${repair}.`, repair };
  }
  if (match[1] || led) return undefined;
  const repair = likelyPrefix(kind, others, value) + value.charAt(0).toUpperCase() + value.slice(1);
  return { axis, text: `Stage needs a prefix: c before treatment, p after surgery, y after induction, r at recurrence. You probably mean ${repair}.`, repair };
}

/** Faults of the fields. "cT2a N1 M0" is read with one prefix for the group, as it is written everywhere. */
export function stageFaults(parts: StageParts, kind: CaseRecord['diagnosis_kind']): StageFault[] {
  const faults: StageFault[] = [];
  let led = false;
  for (const axis of ['t', 'n', 'm'] as const) {
    const word = parts[axis].trim();
    if (word === '') continue;
    const others = (['t', 'n', 'm'] as const).filter((it) => it !== axis).map((it) => parts[it].trim());
    const fault = faultOf(axis, word, led, kind, others);
    if (fault) faults.push(fault);
    // A repaired prefix would lead the rest: one missing prefix is said once.
    led ||= fault ? fault.repair !== '' : Boolean(WHOLE[axis].exec(word)?.[1]);
  }
  return faults;
}

/** Anything like a bare T, N or M inside the free part. */
export function restFault(rest: string): string {
  return /(^|[\s,(])(T[0-4][a-z]?|N[0-3][a-z]?|M[01][a-z]?)(?=$|[\s,)])/.test(rest) ? 'T, N and M belong into their own fields, each with its prefix.' : '';
}
