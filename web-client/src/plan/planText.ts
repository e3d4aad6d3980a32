import fields from '../../../protocols/record/plan-fields.json';
import type { Attendance, Picture } from '../protocol/generated/protocol';

/** The signed text as the page reads it. Everything comes from the bytes that were signed; nothing is added. */
export interface PlanText {
  wording: string[];
  values: ReadonlyMap<string, string>;
  lines: PlanLine[];
  dissents: PlanDissent[];
  attendance: Attendance[];
  pictures: Picture[];
  missing: string[];
  quorum_met: boolean | undefined;
  reason: string;
  outcome: string[];
  question: string;
  question_by: string;
  board_name: string;
  starts: string;
  patient: { name: string; birth_date: string; local_id: string; sex: string; site: string; diagnosis: string };
}

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

function attendanceOf(root: Json): Attendance[] {
  const roles = new Set(['chair', 'co_chair', 'coordinator', 'scribe', 'member', 'observer', 'guest']);
  return list(root['attendance']).map((it) => ({
    person: word(it['person']), name: word(it['name']), specialty: word(it['specialty']), site: word(it['site']),
    role: (roles.has(word(it['role'])) ? word(it['role']) : 'guest') as Attendance['role'],
    joined_us: Number(it['joined_us'] ?? 0), left_us: Number(it['left_us'] ?? 0), here: it['here'] !== false, confirmed: it['confirmed'] !== false,
  }));
}

/** Reads the canonical JSON. Undefined where the text is not JSON: the page then shows the text as it is. */
export function readPlan(text: string): PlanText | undefined {
  let root: Json;
  try {
    root = object(JSON.parse(text));
  } catch {
    return undefined;
  }
  const patient = object(root['patient'] ?? root['case_record'] ?? root['case']);
  const meeting = object(root['meeting']);
  const own = object(root['fields']);
  const values = new Map(FIELDS.map((it) => [it.id, word(own[it.id], root[it.id])]).filter((it): it is [string, string] => it[1] !== ''));
  return {
    wording: word(root['wording']).split('\n'),
    values,
    lines: list(root['lines']).map(readLine),
    dissents: list(root['dissents'] ?? root['dissent']).map((it) => ({ name: word(it['name']), specialty: word(it['specialty']), text: word(it['text']) })),
    attendance: attendanceOf(root),
    pictures: list(root['pictures']).map((it) => ({ document: word(it['document']), title: word(it['title']), page: Number(it['page'] ?? 0), digest: word(it['digest']) })),
    missing: Array.isArray(root['missing']) ? root['missing'].map((it) => (typeof it === 'string' ? it : word(object(it)['discipline']))) : [],
    quorum_met: typeof root['quorum_met'] === 'boolean' ? root['quorum_met'] : undefined,
    reason: word(root['reason'], root['quorum_reason']),
    outcome: Array.isArray(root['outcome']) ? root['outcome'].filter((it): it is string => typeof it === 'string') : [],
    question: word(root['question']),
    question_by: word(root['question_by']),
    board_name: word(root['board_name'], meeting['board_name'], root['board']),
    starts: word(root['starts_at'], meeting['starts_at'], root['meeting_at']),
    patient: {
      name: word(patient['name'], root['name']), birth_date: word(patient['birth_date'], root['birth_date']), local_id: word(patient['local_id'], root['local_id']),
      sex: word(patient['sex']), site: word(patient['site'], root['site']), diagnosis: word(patient['diagnosis'], root['diagnosis']),
    },
  };
}
