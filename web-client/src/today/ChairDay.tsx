import type { Today } from '../protocol/generated/protocol';
import { Go } from '../ui/controls';
import { DoorOpen } from '../ui/icons';
import { clock, dayWord, distance } from '../ui/time';
import { capital } from '../ui/words';
import { OtherMeetings, Unsigned } from './lists';
import { nextMeeting } from './order';
import { completeWords, Needs, needsOf, NextMeeting } from './parts';

export function ChairDay({ day, title }: { day: Today; title: string }) {
  const next = nextMeeting(day);
  const quorum = needsOf(day, 'quorum');
  const rest = needsOf(day).filter((it) => it.kind !== 'quorum' && it.kind !== 'unsigned');
  return (
    <>
      <div class="lead">
        <div>
          <h1>{title}</h1>
          <p>
            {next
              ? `${next.board_name} meets ${dayWord(next.starts_us, day.now_us)} at ${clock(next.starts_us)}, ${distance(next.starts_us, day.now_us)}. ${completeWords(next)}`
              : 'No meeting is planned.'}
          </p>
        </div>
        <div class="acts">
          {next && <Go href={`/boards/${next.board}/meetings/${next.meeting}`}>Open the agenda</Go>}
          {next && <Go main icon={DoorOpen} href={`/meet/${next.meeting}`}>Open the room</Go>}
        </div>
      </div>
      <div class="cols two">
        <div class="stack">
          <Needs needs={quorum} day={day} title="Quorum at risk" />
          {rest.length > 0 && (
            <section aria-labelledby="also">
              <div class="head"><h2 id="also">Also missing</h2><span class="note num">{rest.length}</span></div>
              <ul class="lines">{rest.map((need) => <li key={need.text + need.case}><span>{need.text}<br /><span class="note">{capital(need.detail)}</span></span></li>)}</ul>
            </section>
          )}
          <Unsigned day={day} always />
        </div>
        <div class="stack">
          {next && <NextMeeting meeting={next} day={day} />}
          <OtherMeetings day={day} but={next?.meeting} />
        </div>
      </div>
    </>
  );
}
