import type { CaseFull, PlanFull } from '../protocol/generated/protocol';
import { clock, shortDate } from '../ui/time';

export interface Step {
  word: string;
  when: string;
  /** µs since 1970, for the order */
  at: number;
  next: boolean;
}

const STATE: Record<CaseFull['items'][number]['state'], string> = {
  planned: 'Listed for', running: 'Discussed now', signed: 'Discussed', deferred: 'Deferred', left_open: 'Left open',
};

function time(us: number): string {
  return `${shortDate(us)}, ${clock(us)}`;
}

/** What happened to a case and when, as far as the record tells; nothing is guessed between. */
export function stepsOf(full: CaseFull, plan: PlanFull | undefined): Step[] {
  const steps: Step[] = full.items.map((it) => {
    if (it.state === 'planned') return { word: `${STATE.planned} ${it.board_name}`, when: time(it.starts_us), at: it.starts_us, next: true };
    const at = it.started_us || it.starts_us; // meetings open early: what was heard stands before what was signed
    return { word: STATE[it.state], when: `${shortDate(at)}, ${it.board_name}`, at, next: false };
  });
  for (const card of full.plans) {
    if (card.state === 'draft') continue;
    steps.push({ word: card.version > 1 ? `Signed, version ${card.version}` : 'Signed', when: `${time(card.signed_us)}, ${card.signer_name}`, at: card.signed_us, next: false });
  }
  for (const it of plan?.cosigned ?? []) steps.push({ word: 'Signed too', when: `${time(it.at_us)}, ${it.signer_name}`, at: it.at_us, next: false });
  for (const it of plan?.addenda ?? []) steps.push({ word: 'Addendum', when: `${time(it.at_us)}, ${it.author_name}`, at: it.at_us, next: false });
  return steps.sort((a, b) => a.at - b.at);
}
