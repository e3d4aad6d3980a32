/** The room on a phone: whose case and time, picture, who speaks, link, specialties, plan, own bar at the thumb. */
import { ChevronDown, ChevronUp, Ellipsis, PenLine } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { budgetS, runningItem, spentS } from '../state/agenda';
import { columns, talkerIn } from '../state/quorum';
import { address, familyName, span, specialtyLabel } from '../state/words';
import { Btn, Icon, State } from '../ui/controls';
import { Dialog } from '../ui/notices';
import { LinkWord, Private } from './Bar';
import { Bars, Hands } from './Bench';
import { useRoom } from './context';
import type { Ask } from './dialogs';
import { ChairButtons, HandButton, Levels, MicButton, TakeChairBack, UndoButton, mayOpen } from './OwnBar';
import { PlanBody, PlanFoot } from './PlanPanel';
import { Strip } from './Present';
import { Ruler } from './Ruler';
import { Stage } from './Stage';
import type { Stagehand } from './stagehand';
import { Lines } from './States';
import './phone.css';

function Head() {
  const room = useRoom();
  const s = room.state.value;
  const item = runningItem(s.agenda);
  const n = s.agenda.items.findIndex((i) => i.item === s.agenda.running) + 1;
  const own = item && item.referrer === room.you.value?.person;
  return (
    <header class="bar">
      <div>
        <h1>{item ? `${familyName(item.name)}${own ? ', your case' : ''}` : s.meeting.boardName}</h1>
        <p>{item ? `${s.meeting.boardName}, item ${n} · ` : ''}<Private short /></p>
      </div>
      {item && <span class="note num spent">{span(spentS(item, room.nowUs.value))}<br /><span class="tiny">of {budgetS(item) / 60} min</span></span>}
    </header>
  );
}

function Speaks() {
  const room = useRoom();
  const t = room.talking.value?.seats[0];
  const seat = t && room.state.value.seats.bySeat[t.seat];
  if (!seat) return <p class="lead-now quiet"><span>Nobody speaks</span></p>;
  return <p class="lead-now"><Bars /><span><b>{address(seat.name)}</b>, {specialtyLabel(seat.specialty).toLowerCase()}, is speaking</span></p>;
}

function shortSpecialty(name: string): string {
  return name.replace('Medical oncology', 'Med onc').replace('Radiation oncology', 'Rad onc').replace('Thoracic surgery', 'Surgery').replace('Radiology', 'Radiol.').replace('Pathology', 'Pathol.').replace('Pulmonology', 'Pulmon.').replace(/^Oncology nursing$/, 'Nursing');
}

function Dots({ who }: { who: () => void }) {
  const room = useRoom();
  const cols = columns(room.state.value.meeting.required, room.state.value.seats);
  return (
    <ul class="dots" aria-label="Who has spoken, by specialty" onClick={who}>
      {cols.map((c) => {
        const talks = talkerIn(c, room.talking.value);
        const [kind, word] = talks ? ['talk', 'speaking'] : c.lacks ? ['lack', 'missing, needed for quorum'] : c.spoke ? ['said', 'has spoken'] : ['', 'not yet heard'];
        return <li key={c.name} class={kind}><span class="d" />{shortSpecialty(c.name)}<span class="hide">{word}</span></li>;
      })}
    </ul>
  );
}

function More({ ask, done, leave }: { ask: (a: Ask) => void; done: () => void; leave: () => void }) {
  const room = useRoom();
  const then = (a: Ask) => () => { done(); ask(a); };
  return (
    <Dialog title="More" close={done}>
      <div class="room moresheet"><Ruler /></div>
      <Hands />
      <div class="ways">
        {(room.runs.value || mayOpen(room)) && <ChairButtons ask={(a) => { done(); ask(a); }} />}
        <TakeChairBack />
        <Btn onClick={then({ is: 'who' })}>Who is here</Btn>
        <Btn onClick={then({ is: 'dissent' })}>Dissent</Btn>
        {room.state.value.plan.plan && !room.state.value.plan.signed && <Btn onClick={then({ is: 'note' })}>Note to the scribe</Btn>}
        <Btn onClick={then({ is: 'keys' })}>Settings</Btn>
        <Btn onClick={() => { done(); leave(); }}>Leave</Btn>
        <Btn main onClick={done}>Back to the room</Btn>
      </div>
    </Dialog>
  );
}

export default function Phone({ hand, ask, leave }: { hand: Stagehand; ask: (a: Ask) => void; leave: () => void }) {
  const room = useRoom();
  const s = room.state.value;
  const [full, setFull] = useState(false);
  const [more, setMore] = useState(false);
  const item = runningItem(s.agenda);
  const own = item && item.referrer === room.you.value?.person;
  const writing = Object.keys(s.plan.writers).length > 0;
  return (
    <main id="main" class={`pocket${full ? ' full' : ''}`}>
      <Head />
      <Lines />
      {!full && (
        <>
          <Stage hand={hand} wide={false} phone />
          {room.presents.value && <Strip flow />}
          <Speaks />
          <p class="linkline"><LinkWord /></p>
          <Dots who={() => ask({ is: 'who' })} />
        </>
      )}
      <section class="paper plan" aria-labelledby="plan-h" tabIndex={0}>
        <h2 id="plan-h">
          <span>{own ? 'Plan for your patient' : s.plan.signed ? 'Plan, signed' : 'Plan, draft'}</span>
          {writing && <State tone="now" icon={PenLine}>being written</State>}
          <button type="button" class="btn small plain grow" aria-expanded={full} onClick={() => setFull(!full)}><Icon of={full ? ChevronDown : ChevronUp} /> {full ? 'Picture' : 'All'}<span class="hide"> of the plan</span></button>
        </h2>
        {s.plan.plan ? <div class="body"><PlanBody linesFirst /></div> : <p class="note">The plan opens with the case.</p>}
        <PlanFoot ask={ask} />
      </section>
      <section class="thumb" aria-label="Your own sound and hand">
        <MicButton ask={ask} touch />
        <HandButton short />
        <button type="button" class="btn" onClick={() => setMore(true)}><Icon of={Ellipsis} /> More</button>
        <Levels />
        <UndoButton />
      </section>
      {more && <More ask={ask} done={() => setMore(false)} leave={leave} />}
    </main>
  );
}
