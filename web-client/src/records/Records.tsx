import '../today/today.css';
import './records.css';
import { useEffect, useState } from 'preact/hooks';
import { Link, useLocation, useSearch } from 'wouter-preact';
import { announce } from '../app/announce';
import { usePage } from '../app/page';
import type { CaseCard, Found } from '../protocol/generated/protocol';
import { Btn, Field, State } from '../ui/controls';
import { BadgeCheck, Search } from '../ui/icons';
import { Shown, useLoad } from '../ui/load';
import { isoLong, longDate } from '../ui/time';
import { count } from '../ui/words';

const A_PAGE = 20;

function PlanState({ card }: { card: CaseCard }) {
  switch (card.plan_state) {
    case 'withdrawn':
      return <State tone="stop">withdrawn</State>;
    case 'superseded':
      return <State tone="now">superseded</State>;
    case 'amended':
      return <State tone="ok" icon={BadgeCheck}>signed, see addendum</State>;
    case 'signed':
      return <State tone="ok" icon={BadgeCheck}>signed</State>;
    case 'draft':
      return <State tone="now">not signed</State>;
    case 'none':
      return <State tone="none">no plan yet</State>;
  }
}

function Row({ card }: { card: CaseCard }) {
  return (
    <li>
      <div>
        <h2>
          {card.plan_state === 'withdrawn' && <b class="is stop">Withdrawn: </b>}
          <Link href={`/cases/${card.case}`}>{card.name}</Link> <PlanState card={card} />
        </h2>
        <p>Born {isoLong(card.birth_date)}, record number {card.local_id}. {card.diagnosis}</p>
        <p>{card.question}</p>
        {card.plan_line && <p class="signed">{card.plan_line}</p>}
      </div>
      <span class="note num">{card.meeting_us > 0 && <>{longDate(card.meeting_us)}<br />{card.board_name}</>}</span>
    </li>
  );
}

function Pages({ found, to }: { found: Found; to: (page: number) => void }) {
  const last = Math.max(0, Math.ceil(found.total / A_PAGE) - 1);
  if (last === 0) return null;
  return (
    <nav class="acts gap-6" aria-label="Pages">
      <Btn disabled={found.page === 0} onClick={() => to(found.page - 1)}>Newer</Btn>
      <span class="note num">Page {found.page + 1} of {last + 1}</span>
      <Btn disabled={found.page >= last} onClick={() => to(found.page + 1)}>Older</Btn>
    </nav>
  );
}

function Results({ q, page, to }: { q: string; page: number; to: (page: number) => void }) {
  const loaded = useLoad<Found>(`/api/records?q=${encodeURIComponent(q)}&page=${page}`);
  useEffect(() => {
    if (loaded.data) announce(`${count(loaded.data.total, 'case')} found.`);
  }, [loaded.data]);
  return (
    <Shown of={loaded} what="list">
      {(found) => (
        <section aria-labelledby="found">
          <div class="head"><h2 id="found">{q ? `Found for “${q}”` : 'Newest first'}</h2><span class="note num">{count(found.total, 'case')}</span></div>
          {found.cases.length === 0 && <div class="blank"><b>Nothing found.</b><span class="note">Try the record number, or one word of the question.</span></div>}
          <ul class="mine">{found.cases.map((card) => <Row key={card.case} card={card} />)}</ul>
          {found.hidden > 0 && <p class="note gap-4">{found.hidden} more {found.hidden === 1 ? 'is' : 'are'} not shared with you. The coordinator of the board can let you in.</p>}
          <Pages found={found} to={to} />
        </section>
      )}
    </Shown>
  );
}

export default function Records() {
  usePage('Records');
  const [, go] = useLocation();
  const params = new URLSearchParams(useSearch());
  const q = params.get('q') ?? '';
  const page = Math.max(0, Number.parseInt(params.get('page') ?? '0', 10) || 0);
  const [words, setWords] = useState(q);
  useEffect(() => setWords(q), [q]);
  const submit = (event: Event) => {
    event.preventDefault();
    go(`/records?q=${encodeURIComponent(words.trim())}`);
  };
  return (
    <>
      <div class="lead"><div><h1>Records</h1><p>Find a case by name, record number, board or a word of its question. Every search and every opening is logged.</p></div></div>
      <form class="find" role="search" onSubmit={submit}>
        <Field label="Find" id="find">{(ids) => <input {...ids} type="search" maxLength={200} value={words} onInput={(e) => setWords(e.currentTarget.value)} />}</Field>
        <Btn main icon={Search} type="submit">Find</Btn>
      </form>
      <Results key={`${q}.${page}`} q={q} page={page} to={(it) => go(`/records?q=${encodeURIComponent(q)}&page=${it}`)} />
    </>
  );
}
