import '../today/today.css';
import { Link } from 'wouter-preact';
import { usePage } from '../app/page';
import { me } from '../app/session';
import type { CaseCard, Today } from '../protocol/generated/protocol';
import { Go, State } from '../ui/controls';
import { BadgeCheck, FilePlus } from '../ui/icons';
import { Shown, useLoad } from '../ui/load';
import { nextStep } from '../today/order';

function Progress({ card }: { card: CaseCard }) {
  if (card.plan_state === 'withdrawn') return <State tone="stop">plan withdrawn</State>;
  if (card.plan_state === 'signed' || card.plan_state === 'amended') return <State tone="ok" icon={BadgeCheck}>signed</State>;
  if (card.gaps.length > 0) return <State tone="stop">{card.complete} of {card.needed}</State>;
  return <State tone="ok">complete</State>;
}

function Page({ day }: { day: Today }) {
  usePage('Cases');
  return (
    <>
      <div class="lead">
        <div><h1>Cases</h1><p>Yours, and those of the agendas you prepare. Everything else you may see is under Records.</p></div>
        {!me.value?.guest && <div class="acts"><Go main icon={FilePlus} href="/cases/new">New case</Go></div>}
      </div>
      {day.cases.length === 0 && <div class="blank"><b>No case here.</b><span class="note">A case begins with the question you have.</span></div>}
      <ul class="mine">
        {day.cases.map((card) => (
          <li key={card.case}>
            <div>
              <h2><Link href={`/cases/${card.case}`}>{card.name}</Link> <Progress card={card} /></h2>
              <p>{card.diagnosis}{card.stage && `, ${card.stage}`}. {card.question}</p>
              <p>{nextStep(card, day)}</p>
            </div>
            <span class="note">{card.referrer_name}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

export default function Cases() {
  const day = useLoad<Today>('/api/today');
  return <Shown of={day} what="list">{(it) => <Page day={it} />}</Shown>;
}
