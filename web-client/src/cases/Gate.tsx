import { useState } from 'preact/hooks';
import { me } from '../app/session';
import type { CaseFull, GateRow } from '../protocol/generated/protocol';
import { Icon } from '../ui/controls';
import { Check, Clock, TriangleAlert } from '../ui/icons';
import { capital } from '../ui/words';
import { gateOfForm, gateOrder, thereOf } from './gate';
import type { Intake } from './intake';

const LOOK = {
  there: { icon: Check, tone: 'ok', word: 'there' },
  coming: { icon: Clock, tone: 'info', word: 'coming' },
  missing: { icon: TriangleAlert, tone: 'stop', word: 'missing' },
} as const;

/** "You: write the diagnosis." Every gap has an owner. */
function ownerWords(owner: string, detail: string): string {
  if (!owner) return detail;
  return detail ? `${capital(owner)}: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}` : capital(owner);
}

function Row({ row }: { row: GateRow }) {
  const look = LOOK[row.state];
  const owner = row.owner === me.value?.name ? 'you' : row.owner;
  return (
    <li>
      <Icon of={look.icon} tone={look.tone} />
      <span>
        {row.state === 'there' ? row.label : <b>{row.label}</b>}
        <span class="hide">, {look.word}</span>
        {row.state !== 'there' && (owner || row.detail) && <><br />{ownerWords(owner, row.detail)}</>}
      </span>
    </li>
  );
}

/** What the case needs before it can be heard; every gap has an owner. */
export function Gate({ full, intake, dirty }: { full: CaseFull | undefined; intake: Intake; dirty: boolean }) {
  const rows = full ? full.gate : gateOfForm(intake, me.value?.name ?? '');
  const there = thereOf(rows);
  // On a phone the question comes first; the list is one press away.
  const [wide] = useState(() => !matchMedia('(max-width: 60rem)').matches);
  return (
    <aside class="gate" aria-labelledby="gh">
      <div class="head"><h2 id="gh">Before it can be heard</h2><span class="num"><b>{there} of {rows.length}</b></span></div>
      <div class="meter" aria-hidden="true">{rows.map((row, at) => <i key={row.id} class={at < there ? '' : 'no'} />)}</div>
      <p class="note">{full ? (dirty ? 'As of the last save. Each missing piece has an owner.' : 'Each missing piece has an owner, so nobody has to ask around.') : 'Counted from this page. After the first save the list of your board is used.'}</p>
      <details open={wide}>
        <summary class="gate-more">{there === rows.length ? 'All of it' : 'What is missing, and who has it'}</summary>
        <ol>{gateOrder(rows).map((row) => <Row key={row.id} row={row} />)}</ol>
      </details>
    </aside>
  );
}
