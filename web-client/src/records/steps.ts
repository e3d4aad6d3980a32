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
  const steps: Step[] = full.items.map((it) => ({
    word: it.state === 'planned' ? `${STATE.planned} ${it.board_name}` : STATE[it.state], when: it.state === 'planned' ? time(it.starts_us) : `${shortDate(it.starts_us)}, ${it.board_name}`,
    at: it.starts_us, next: it.state === 'planned',
  }));
  for (const card of full.plans) {
    if (card.state === 'draft') continue;
    steps.push({ word: card.version > 1 ? `Signed, version ${card.version}` : 'Signed', when: `${time(card.signed_us)}, ${card.signer_name}`, at: card.signed_us, next: false });
  }
  for (const it of plan?.cosigned ?? []) steps.push({ word: 'Signed too', when: `${time(it.at_us)}, ${it.signer_name}`, at: it.at_us, next: false });
  for (const it of plan?.addenda ?? []) steps.push({ word: 'Addendum', when: `${time(it.at_us)}, ${it.author_name}`, at: it.at_us, next: false });
  return steps.sort((a, b) => a.at - b.at);
}
