/** The plan draft of the running case: fields with versions, lines, writers, dissents, signature. */
import type { EvPlanDissented, EvPlanNoted, EvPlanOutcome, LogEvent } from '../protocol/generated/protocol';

export interface Field {
  value: string;
  version: number;
  seat: string;
  name: string;
  atUs: number;
}

export interface Writer {
  seat: string;
  name: string;
  atUs: number;
}

export interface Signed {
  plan: string;
  version: number;
  digest: string;
  signerName: string;
  atUs: number;
}

export interface Plan {
  plan: string; // empty: no draft
  version: number;
  question: string;
  questionBy: string;
  fields: Record<string, Field>; // plain fields and line.<uuid>.<part>
  lines: string[]; // order
  writers: Record<string, Writer>; // who has which field
  dissents: EvPlanDissented[];
  notes: (EvPlanNoted & { atUs: number })[]; // to the scribe, waiting
  outcome: (EvPlanOutcome & { atUs: number }) | null;
  signed: Signed | null;
}

export const noPlan: Plan = {
  plan: '', version: 0, question: '', questionBy: '', fields: {}, lines: [], writers: {}, dissents: [], notes: [], outcome: null, signed: null,
};

export function lineField(line: string, part: string): string {
  return `line.${line}.${part}`;
}

function dropKey<T>(map: Record<string, T>, gone: (key: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(map).filter(([k]) => !gone(k)));
}

function place(lines: string[], line: string, at: number): string[] {
  const rest = lines.filter((l) => l !== line);
  return [...rest.slice(0, at), line, ...rest.slice(at)];
}

export function foldPlan(p: Plan, e: LogEvent): Plan {
  switch (e.k) {
    case 'item.started':
    case 'item.undone':
      return noPlan; // the draft of the new case follows
    case 'plan.begun':
      return { ...noPlan, plan: e.d.plan, version: e.d.version, question: e.d.question, questionBy: e.d.question_by };
    case 'plan.taken':
      return { ...p, writers: { ...p.writers, [e.d.field]: { seat: e.d.seat, name: e.d.name, atUs: e.at } } };
    case 'plan.dropped':
      return { ...p, writers: dropKey(p.writers, (k) => k === e.d.field) };
    case 'plan.set': {
      const was = p.fields[e.d.field];
      if (was && was.version >= e.d.version) return p; // replayed
      const field: Field = { value: e.d.value, version: e.d.version, seat: e.d.seat, name: e.d.name, atUs: e.at };
      return { ...p, fields: { ...p.fields, [e.d.field]: field } };
    }
    case 'plan.line_added':
      return p.lines.includes(e.d.line) ? p : { ...p, lines: place(p.lines, e.d.line, e.d.at) };
    case 'plan.line_removed': {
      const own = (k: string): boolean => k.startsWith(`line.${e.d.line}.`);
      return { ...p, lines: p.lines.filter((l) => l !== e.d.line), fields: dropKey(p.fields, own), writers: dropKey(p.writers, own) };
    }
    case 'plan.line_moved':
      return p.lines.includes(e.d.line) ? { ...p, lines: place(p.lines, e.d.line, e.d.to) } : p;
    case 'plan.noted':
      return p.notes.some((n) => n.note === e.d.note) ? p : { ...p, notes: [...p.notes, { ...e.d, atUs: e.at }] };
    case 'plan.note_closed':
      return { ...p, notes: p.notes.filter((n) => n.note !== e.d.note) };
    case 'plan.dissented': {
      const rest = p.dissents.filter((d) => d.seat !== e.d.seat);
      return { ...p, dissents: e.d.text ? [...rest, e.d] : rest };
    }
    case 'plan.outcome':
      return { ...p, outcome: { ...e.d, atUs: e.at } };
    case 'readback.begun':
      return { ...p, writers: {} }; // the text is locked, nobody writes
    case 'plan.signed':
      if (e.d.plan !== p.plan) return p; // an earlier plan of this case, told again by a snapshot
      return {
        ...p, version: e.d.version, writers: {},
        signed: { plan: e.d.plan, version: e.d.version, digest: e.d.digest, signerName: e.d.signer_name, atUs: e.at },
      };
    default:
      return p;
  }
}

export function value(p: Plan, field: string): string {
  return p.fields[field]?.value ?? '';
}

/** How many fields have a newer text than before: what a person missed while away. */
export function changedFields(before: Plan, after: Plan): number {
  if (before.plan !== after.plan) return 0;
  let n = 0;
  for (const [id, f] of Object.entries(after.fields)) if (f.version > (before.fields[id]?.version ?? 0)) n += 1;
  return n;
}
