import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { call } from '../api/client';
import type { CaseCard, Found } from '../protocol/generated/protocol';
import { Btn, Field } from '../ui/controls';
import { Plus } from '../ui/icons';
import { longDate } from '../ui/time';
import { ageOf } from '../ui/words';
import { heardBefore, matching, type Row } from './agenda';

type Add = ((id: string) => void) | undefined;

const PAUSE_MS = 250;
const FIRST_HEARD = 5; // until something is typed: those of the last meetings

function Card({ card, add, again }: { card: CaseCard; add: Add; again?: boolean }) {
  const age = ageOf(card.birth_date, Date.now() * 1000);
  return (
    <li>
      <div class="row">
        <div>
          <b><Link href={`/cases/${card.case}`}>{card.name}</Link></b> {age}
          <br />
          {again
            ? <span class="note">{card.meeting_us > 0 && `Heard ${longDate(card.meeting_us)}. `}{card.plan_state === 'withdrawn' ? 'Plan withdrawn.' : card.plan_line}</span>
            : <span class="note">{card.gaps.length > 0 ? `Missing: ${card.gaps.join(', ')}` : card.question}</span>}
        </div>
        {add && <Btn small icon={Plus} aria-label={`Add ${card.name}${again ? ' again' : ''}`} onClick={() => add(card.case)}>Add</Btn>}
      </div>
    </li>
  );
}

/** What the records know besides, once words are typed; without them, or without a connection, nothing. */
function useFound(words: string): CaseCard[] {
  const [found, setFound] = useState<CaseCard[]>([]);
  useEffect(() => {
    const q = words.trim();
    setFound([]);
    if (q.length < 2) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      call<Found>('GET', `/api/records?q=${encodeURIComponent(q)}&page=0`, { signal: abort.signal }).then((answer) => setFound(answer.cases), () => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [words]);
  return found;
}

function Heard({ cards, add, searched }: { cards: CaseCard[]; add: Add; searched: boolean }) {
  const shown = searched ? cards : cards.slice(0, FIRST_HEARD);
  if (cards.length === 0) return null;
  return (
    <section aria-labelledby="pool-heard">
      <div class="head gap-6"><h2 id="pool-heard">Heard before</h2><span class="note num">{cards.length}</span></div>
      <ul class="pool">{shown.map((card) => <Card key={card.case} card={card} add={add} again />)}</ul>
      {shown.length < cards.length && <p class="note gap-3">The newest {shown.length} of {cards.length}. Find the others by name, number or words of their plan.</p>}
      <p class="note gap-3">Heard again, a case gets a new plan. Once that is signed, the one before is marked as superseded; its text stays.</p>
    </section>
  );
}

/** Cases that wait for an agenda: the complete ones first, the others with what is missing, then those heard before. */
export function Pool({ pool, heard, rows, add }: { pool: readonly CaseCard[]; heard: readonly CaseCard[]; rows: readonly Row[]; add: ((card: CaseCard) => void) | undefined }) {
  const [words, setWords] = useState('');
  const found = useFound(words);
  const listed = new Set(rows.map((row) => row.case));
  const free = matching(pool.filter((card) => !listed.has(card.case)), words);
  const before = heardBefore(matching(heard, words), found, pool, Date.now() * 1000).filter((card) => !listed.has(card.case));
  const ready = free.filter((card) => card.gaps.length === 0);
  const not = free.filter((card) => card.gaps.length > 0);
  const addId: Add = add && ((id) => {
    const card = [...free, ...before].find((it) => it.case === id);
    if (!card) return;
    add(card);
    setWords('');
  });
  const searched = words.trim() !== '';
  return (
    <section aria-labelledby="pool">
      {add && (
        <Field label="Find a case to list" id="pool-words">
          {(ids) => <input {...ids} type="search" autocomplete="off" maxLength={60} value={words} onInput={(e) => setWords(e.currentTarget.value)} />}
        </Field>
      )}
      <p class="hide" role="status">{searched && `${free.length} wait, ${before.length} heard before`}</p>
      <div class={`head${add ? ' gap-6' : ''}`}><h2 id="pool">Ready to list</h2><span class="note num">{ready.length}</span></div>
      {ready.length === 0 && <p class="note gap-3">{searched ? 'No complete case has these words.' : 'No complete case waits.'}</p>}
      <ul class="pool">{ready.map((card) => <Card key={card.case} card={card} add={addId} />)}</ul>
      {not.length > 0 && (
        <>
          <div class="head gap-6"><h2>Not complete</h2><span class="note num">{not.length}</span></div>
          <ul class="pool">{not.map((card) => <Card key={card.case} card={card} add={addId} />)}</ul>
          <p class="note gap-3">A case that is not complete can be listed. What is missing is then said on the agenda and in the plan.</p>
        </>
      )}
      <Heard cards={before} add={addId} searched={searched} />
    </section>
  );
}
