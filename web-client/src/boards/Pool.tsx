import { Link } from 'wouter-preact';
import type { CaseCard } from '../protocol/generated/protocol';
import { Btn } from '../ui/controls';
import { Plus } from '../ui/icons';
import { ageOf } from '../ui/words';
import type { Row } from './agenda';

function Card({ card, add }: { card: CaseCard; add: ((id: string) => void) | undefined }) {
  const age = ageOf(card.birth_date, Date.now() * 1000);
  return (
    <li>
      <div class="row">
        <div>
          <b><Link href={`/cases/${card.case}`}>{card.name}</Link></b> {age}
          <br />
          <span class="note">{card.gaps.length > 0 ? `Missing: ${card.gaps.join(', ')}` : card.question}</span>
        </div>
        {add && <Btn small icon={Plus} aria-label={`Add ${card.name}`} onClick={() => add(card.case)}>Add</Btn>}
      </div>
    </li>
  );
}

/** Cases that wait for an agenda: the complete ones first, the others with what is missing. */
export function Pool({ pool, rows, add }: { pool: readonly CaseCard[]; rows: readonly Row[]; add: ((id: string) => void) | undefined }) {
  const listed = new Set(rows.map((row) => row.case));
  const free = pool.filter((card) => !listed.has(card.case));
  const ready = free.filter((card) => card.gaps.length === 0);
  const not = free.filter((card) => card.gaps.length > 0);
  return (
    <section aria-labelledby="pool">
      <div class="head"><h2 id="pool">Ready to list</h2><span class="note num">{ready.length}</span></div>
      {ready.length === 0 && <p class="note gap-3">No complete case waits.</p>}
      <ul class="pool">{ready.map((card) => <Card key={card.case} card={card} add={add} />)}</ul>
      {not.length > 0 && (
        <>
          <div class="head gap-6"><h2>Not complete</h2><span class="note num">{not.length}</span></div>
          <ul class="pool">{not.map((card) => <Card key={card.case} card={card} add={add} />)}</ul>
          <p class="note gap-3">A case that is not complete can be listed. What is missing is then said on the agenda and in the plan.</p>
        </>
      )}
    </section>
  );
}
