import type { CaseRecord, Me } from '../protocol/generated/protocol';
import { capital, inWords } from '../ui/words';
import { composeStage, parseStage, restFault, stageFaults, type StageParts } from './stage';

/** What the form holds: the record with its stage taken apart. */
export interface Intake extends Omit<CaseRecord, 'stage'> {
  stage: StageParts;
}

export const QUESTION_CHARS = 300;

export const QUESTION_KINDS: readonly [CaseRecord['question_kind'], string][] = [
  ['sequence', 'Sequence of treatment'], ['systemic', 'Systemic therapy'], ['local_therapy', 'Surgery or radiotherapy'], ['diagnosis', 'Diagnosis'],
  ['stage', 'Stage'], ['trial', 'Trial'], ['palliative', 'Palliative care'], ['genetics', 'Genetics'], ['other', 'Something else'],
];
export const URGENCIES: readonly [CaseRecord['urgency'], string][] = [
  ['routine', 'Routine, next free place'], ['soon', 'Soon, within 7 days'], ['urgent', 'Urgent, next meeting'],
];
export const DIAGNOSIS_KINDS: readonly [CaseRecord['diagnosis_kind'], string][] = [
  ['new', 'New diagnosis'], ['recurrence', 'Recurrence'], ['progression', 'Progression'], ['second_primary', 'Second primary'],
  ['unknown_primary', 'Unknown primary'], ['no_tumor_yet', 'No tumor found yet'],
];
export const SEXES: readonly [CaseRecord['sex'], string][] = [['female', 'Female'], ['male', 'Male'], ['other', 'Other'], ['unknown', 'Not known']];
export const ECOGS: readonly [number, string][] = [
  [-1, 'Not recorded'], [0, '0, fully active'], [1, '1, light work'], [2, '2, up more than half the day'], [3, '3, in bed more than half the day'], [4, '4, in bed all day'], [5, '5'],
];

export function emptyIntake(me: Pick<Me, 'person' | 'name' | 'site'>): Intake {
  return {
    name: '', is_pseudonym: false, birth_date: '', sex: 'unknown', local_id: '', site: me.site, diagnosis: '', diagnosis_code: '', diagnosis_kind: 'new',
    stage: { t: '', n: '', m: '', rest: '' }, stage_system: '', ecog: -1, biomarkers: '', comorbidity: '', history: '', wishes: '', not_available: '',
    question: '', question_kind: 'sequence', referring_plan: '', referrer: me.person, referrer_name: me.name, urgency: 'routine',
  };
}

export function toIntake(record: CaseRecord): Intake {
  return { ...record, stage: parseStage(record.stage) };
}

export function toRecord(intake: Intake): CaseRecord {
  const record = { ...intake, stage: composeStage(intake.stage) } as CaseRecord;
  for (const [key, value] of Object.entries(record)) {
    if (typeof value === 'string' && key !== 'referring_plan') (record as unknown as Record<string, unknown>)[key] = value.trim();
  }
  return record;
}

export interface Fault {
  /** Id of the control that takes the focus. */
  field: string;
  text: string;
  repair?: string;
}

function birthFault(iso: string, today: string): string {
  if (iso === '') return 'The birth date is missing. It is one of the two things a patient is told apart by.';
  if (!/^\d{4}-\d\d-\d\d$/.test(iso) || Number.isNaN(Date.parse(iso))) return 'The birth date needs day, month and year.';
  if (iso > today) return 'The birth date lies in the future.';
  return iso < '1890-01-01' ? 'The birth date lies more than 130 years back.' : '';
}

/** All faults, in the order of the page. `today` is an ISO date. */
export function faultsOf(intake: Intake, today: string): Fault[] {
  const faults: Fault[] = [];
  const need = (field: keyof Intake & string, text: string) => {
    if (String(intake[field]).trim() === '') faults.push({ field, text });
  };
  need('question', 'The question is missing. It decides what the board needs.');
  if (intake.question.length > QUESTION_CHARS) faults.push({ field: 'question', text: `The question has ${intake.question.length} characters, ${QUESTION_CHARS} fit.` });
  need('name', 'Name or pseudonym is missing.');
  const birth = birthFault(intake.birth_date, today);
  if (birth) faults.push({ field: 'birth_date', text: birth });
  need('local_id', 'The record number at your clinic is missing, for example 00412.');
  need('diagnosis', 'The diagnosis is missing. Write what is known, also if there is no tumor yet.');
  for (const fault of stageFaults(intake.stage, intake.diagnosis_kind)) {
    faults.push({ field: `stage_${fault.axis}`, text: fault.text, ...(fault.repair ? { repair: fault.repair } : {}) });
  }
  const rest = restFault(intake.stage.rest);
  if (rest) faults.push({ field: 'stage_rest', text: rest });
  return faults;
}

/** The heading of the summary: One thing, two things. */
export function faultsTitle(n: number): string {
  return `${capital(inWords(n))} ${n === 1 ? 'thing' : 'things'} to correct before it can be saved`;
}

/** Fields of the server's answer that have another name on the page. */
export function fieldOfProblem(field: string): string {
  const name = field.replace(/^record\./, '');
  return name === 'stage' ? 'stage_t' : name;
}
