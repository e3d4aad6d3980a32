import type { CaseCard, Today } from '../protocol/generated/protocol';
import { Go, State } from '../ui/controls';
import { BadgeCheck, DoorOpen, FilePlus } from '../ui/icons';
import { clock, dayWord, distance } from '../ui/time';
import { count } from '../ui/words';
import { itemStart, nextStep } from './order';

function CaseState({ card }: { card: CaseCard }) {
  if (card.plan_state === 'withdrawn') return <State tone="stop">plan withdrawn</State>;
  if (card.plan_state === 'superseded' || card.plan_state === 'amended') return <State tone="ok" icon={BadgeCheck}>signed, see addendum</State>;
  if (card.plan_state === 'signed') return <State tone="ok" icon={BadgeCheck}>signed</State>;
  if (card.gaps.length > 0) return <State tone="stop">{card.complete} of {card.needed}</State>;
  return <State tone="ok">complete</State>;
}

function CaseRow({ card, day, guest }: { card: CaseCard; day: Today; guest: boolean }) {
  const signed = card.plan !== '' && card.plan_state !== 'none' && card.plan_state !== 'draft';
  const href = guest && signed ? `/plans/${card.plan}` : `/cases/${card.case}`;
  return (
    <li>
      <div>
        <h3>{card.name} <CaseState card={card} /></h3>
        <p>{card.diagnosis}{card.stage && `, ${card.stage}`}</p>
        {signed && card.plan_line ? <p class="signed">{card.plan_line}</p> : <p>{card.question}</p>}
        <p><b>{nextStep(card, day)}</b></p>
      </div>
      <div class="acts">
        <Go small href={href} aria-label={`${signed ? 'Read the plan' : 'Open the case'}: ${card.name}`}>{signed ? 'Read the plan' : 'Open the case'}</Go>
      </div>
    </li>
  );
}

/** The next meeting that has one of the person's own cases. */
function OwnMeeting({ day, ids }: { day: Today; ids: ReadonlySet<string> }) {
  for (const meeting of day.meetings) {
    const at = meeting.items.findIndex((it) => ids.has(it.case));
    if (meeting.state === 'closed' || at < 0) continue;
    const about = itemStart(meeting, at);
    return (
      <section aria-labelledby="own-meeting">
        <div class="head"><h2 id="own-meeting">{meeting.board_name}, {dayWord(about, day.now_us)}</h2></div>
        <p class="gap-3">Your case is item {at + 1}, about <b class="num">{clock(about)}</b>, {distance(about, day.now_us)}.</p>
        <p class="note">The room opens 15 minutes before {clock(meeting.starts_us)}.</p>
        <p class="acts gap-3"><Go icon={DoorOpen} href={`/meet/${meeting.meeting}`}>Open the room</Go></p>
      </section>
    );
  }
  return null;
}

export function ClinicianDay({ day, title, guest }: { day: Today; title: string; guest: boolean }) {
  const ids = new Set(day.cases.map((it) => it.case));
  const open = day.cases.filter((it) => it.gaps.length > 0).length;
  return (
    <>
      <div class="lead">
        <div>
          <h1>{title}</h1>
          <p>{day.cases.length === 0 ? 'You have no case here yet.' : `${count(day.cases.length, 'case')} of yours. ${open === 0 ? 'Nothing is missing.' : `Something is missing in ${open}.`}`}</p>
        </div>
        {!guest && <div class="acts"><Go main icon={FilePlus} href="/cases/new">New case</Go></div>}
      </div>
      <div class="cols two">
        <section aria-labelledby="mine">
          <div class="head"><h2 id="mine">Your cases</h2><span class="note num">{day.cases.length}</span></div>
          {day.cases.length === 0 && (
            <div class="blank"><span class="note">{guest ? 'The plan of your case appears here once it is signed.' : 'Begin with the question you have. The page then says what the board needs.'}</span></div>
          )}
          <ul class="mine">{day.cases.map((card) => <CaseRow key={card.case} card={card} day={day} guest={guest} />)}</ul>
        </section>
        <div class="stack"><OwnMeeting day={day} ids={ids} /></div>
      </div>
    </>
  );
}
