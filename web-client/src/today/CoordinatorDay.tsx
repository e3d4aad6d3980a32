import type { Today } from '../protocol/generated/protocol';
import { Go } from '../ui/controls';
import { FilePlus } from '../ui/icons';
import { capital, inWords } from '../ui/words';
import { clock, dayWord } from '../ui/time';
import { nextMeeting } from './order';
import { completeWords, Needs, needsOf, NextMeeting } from './parts';
import { OtherMeetings, Unsigned } from './lists';

export function CoordinatorDay({ day, title }: { day: Today; title: string }) {
  const next = nextMeeting(day);
  const needs = needsOf(day);
  const meets = next ? `${next.board_name} meets ${dayWord(next.starts_us, day.now_us)} at ${clock(next.starts_us)}. ${completeWords(next)} ` : 'No meeting is planned. ';
  const things = needs.length === 0 ? 'Nothing needs you.' : `${capital(inWords(needs.length))} ${needs.length === 1 ? 'thing needs' : 'things need'} you.`;
  return (
    <>
      <div class="lead">
        <div><h1>{title}</h1><p>{meets}{things}</p></div>
        <div class="acts">
          <Go icon={FilePlus} href="/cases/new">New case</Go>
          {next && <Go main href={`/boards/${next.board}/meetings/${next.meeting}`}>Open the agenda</Go>}
        </div>
      </div>
      <div class="cols two">
        <Needs needs={needs} day={day} title="Needs you, most urgent first" />
        <div class="stack">
          {next && <NextMeeting meeting={next} day={day}><p class="acts gap-4"><Go small href={`/meet/${next.meeting}`}>Open the room</Go></p></NextMeeting>}
          <Unsigned day={day} />
          <OtherMeetings day={day} but={next?.meeting} />
        </div>
      </div>
    </>
  );
}
