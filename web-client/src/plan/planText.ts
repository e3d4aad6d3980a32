import fields from '../../../protocols/record/plan-fields.json';
import type { Attendance, Picture } from '../protocol/generated/protocol';

/** The signed text as the page reads it. Everything comes from the bytes that were signed; nothing is added. */
export interface PlanText {
  wording: string;
  values: ReadonlyMap<string, string>;
  lines: PlanLine[];
  dissents: PlanDissent[];
  attendance: Attendee[];
  attendance_more: number;
  pictures: Picture[];
  pictures_more: number;
  missing: string[];
  quorum_met: boolean | undefined;
  reason: string;
  outcome: string[];
  referring_plan: string;
  question: string;
  question_by: string;
  board: string;
  disclaimer: string;
  patient: { name: string; birth_date: string; local_id: string; diagnosis: string; stage: string };
}

export type Attendee = Pick<Attendance, 'person' | 'name' | 'specialty' | 'site' | 'role' | 'here' | 'confirmed'>;

export interface PlanLine {
  what: string;
  kind: string;
  intent: string;
  owner: string;
  due: string;
  where: string;
  waits_for: string;
}

export interface PlanDissent {
  name: string;
  specialty: string;
  text: string;
}

type Json = Record<string, unknown>;

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function word(...values: unknown[]): string {
  const found = values.find((it) => typeof it === 'string' || typeof it === 'number');
  return found === undefined ? '' : String(found);
}

interface FieldSpec {
  id: string;
  label: string;
  kind: string;
  options?: string[];
  labels?: string[];
}

const FIELDS: readonly FieldSpec[] = fields.fields;
const PARTS: readonly FieldSpec[] = fields.line_parts;

function labelIn(specs: readonly FieldSpec[], id: string, value: string): string {
  const spec = specs.find((it) => it.id === id);
  const at = spec?.options?.indexOf(value) ?? -1;
  return spec?.labels?.[at] ?? value;
}

export function fieldLabel(id: string): string {
  return FIELDS.find((it) => it.id === id)?.label ?? id;
}

/** The value of a field in words: choices by their label, an element's first word spelled out. */
export function fieldWords(id: string, value: string): string {
  const spec = FIELDS.find((it) => it.id === id);
  if (spec?.kind === 'element') {
    const [first = '', ...rest] = value.split(':');
    const state = { discussed: 'Discussed', not_applicable: 'Does not apply', not_discussed: 'Not discussed' }[first.trim()] ?? first;
    return rest.length > 0 ? `${state}: ${rest.join(':').trim()}` : state;
  }
  return labelIn(FIELDS, id, value);
}

export function partWords(id: string, value: string): string {
  return labelIn(PARTS, id, value);
}

const OUTCOMES: Record<string, string> = {
  confirmed: 'The advice confirms your plan', changed_diagnosis: 'The advice changes the diagnosis', changed_stage: 'The advice changes the stage',
  changed_treatment: 'The advice changes the treatment', changed_supportive: 'The advice changes the supportive care', more_tests: 'The advice asks for more tests',
  trial_added: 'The advice adds a trial', no_plan_before: 'There was no plan before', not_comparable: 'The two plans cannot be compared',
};

export function outcomeWords(outcome: string): string {
  return OUTCOMES[outcome] ?? outcome;
}

function readLine(line: Json): PlanLine {
  const of = (id: string) => word(line[id]);
  return { what: of('what'), kind: of('kind'), intent: of('intent'), owner: of('owner'), due: of('due'), where: of('where'), waits_for: of('waits_for') };
}

const ROLES: readonly Attendance['role'][] = ['chair', 'co_chair', 'coordinator', 'scribe', 'member', 'observer', 'guest'];

function attendanceOf(root: Json): Attendee[] {
  return list(root['attendance']).map((it) => ({
    person: word(it['person']), name: word(it['name']), specialty: word(it['specialty']), site: word(it['site']),
    role: ROLES.find((role) => role === it['role']) ?? 'guest', here: it['here'] === true, confirmed: it['confirmed'] === true,
  }));
}

/** Reads the canonical JSON (server/record/text.c). Undefined where it is not: the page then shows the text as it is. */
export function readPlan(text: string): PlanText | undefined {
  let root: Json;
  try {
    root = object(JSON.parse(text));
  } catch {
    return undefined;
  }
  const patient = object(root['case']);
  const quorum = object(root['quorum']);
  const fields = object(root['fields']);
  const values = FIELDS.map((it) => [it.id, word(fields[it.id], root[it.id])] as const).filter((it) => it[1] !== '');
  return {
    wording: word(root['wording']),
    values: new Map(values),
    lines: list(root['lines']).map(readLine),
    dissents: list(root['dissent']).map((it) => ({ name: word(it['name']), specialty: word(it['specialty']), text: word(it['text']) })),
    attendance: attendanceOf(root),
    attendance_more: Number(root['attendance_more'] ?? 0),
    pictures: list(root['pictures']).map((it) => ({ document: word(it['document']), title: word(it['title']), page: Number(it['page'] ?? 0), digest: word(it['digest']) })),
    pictures_more: Number(root['pictures_more'] ?? 0),
    missing: Array.isArray(quorum['missing']) ? quorum['missing'].filter((it): it is string => typeof it === 'string') : [],
    quorum_met: typeof quorum['met'] === 'boolean' ? quorum['met'] : undefined,
    reason: word(quorum['reason']),
    outcome: Array.isArray(root['outcome']) ? root['outcome'].filter((it): it is string => typeof it === 'string') : [],
    referring_plan: word(root['referring_plan']),
    question: word(root['question']),
    question_by: word(root['question_by']),
    board: word(root['board']),
    disclaimer: word(root['disclaimer']),
    patient: { name: word(patient['name']), birth_date: word(patient['birth_date']), local_id: word(patient['local_id']), diagnosis: word(patient['diagnosis']), stage: word(patient['stage']) },
  };
}
