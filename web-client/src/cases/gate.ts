import type { GateRow } from '../protocol/generated/protocol';
import type { Intake } from './intake';

/**
 * Before the first save the server has not looked yet: these rows say what the form itself can tell. Afterwards the
 * server's own gate is shown, since what a board needs is its policy.
 */
export function gateOfForm(intake: Intake, owner: string): GateRow[] {
  const row = (id: string, label: string, there: boolean): GateRow => ({ id, label, state: there ? 'there' : 'missing', detail: '', owner });
  return [
    row('question', 'Question', intake.question.trim() !== ''),
    row('identity', 'Name, birth date, record number', [intake.name, intake.birth_date, intake.local_id].every((it) => it.trim() !== '')),
    row('diagnosis', 'Diagnosis', intake.diagnosis.trim() !== ''),
    row('stage', 'Stage, each part with its prefix', Object.values(intake.stage).some((it) => it.trim() !== '')),
    row('biomarkers', 'Biomarkers', intake.biomarkers.trim() !== ''),
    row('history', 'Treatment so far', intake.history.trim() !== ''),
    row('ecog', 'ECOG', intake.ecog >= 0),
    row('wishes', 'What the patient wants', intake.wishes.trim() !== ''),
    row('referring_plan', 'Your own plan', intake.referring_plan.trim() !== ''),
  ];
}

const RANK: Record<GateRow['state'], number> = { missing: 0, coming: 1, there: 2 };

/** Missing first, then coming, then there; the order of the policy inside each. */
export function gateOrder(rows: readonly GateRow[]): GateRow[] {
  return rows.map((row, at) => ({ row, at })).sort((a, b) => RANK[a.row.state] - RANK[b.row.state] || a.at - b.at).map((it) => it.row);
}

export function thereOf(rows: readonly GateRow[]): number {
  return rows.filter((it) => it.state === 'there').length;
}
