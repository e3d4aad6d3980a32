import { Link } from 'wouter-preact';
import type { Today } from '../protocol/generated/protocol';
import { State } from '../ui/controls';
import { clock, dayWord } from '../ui/time';
import { capital, count } from '../ui/words';

/** Cases that were discussed and whose plan nobody signed. */
export function Unsigned({ day, always = false }: { day: Today; always?: boolean }) {
  if (day.unsigned.length === 0 && !always) return null;
  return (
    <section aria-labelledby="unsigned">
      <div class="head"><h2 id="unsigned">Plans without a signature</h2><span class="note num">{day.unsigned.length}</span></div>
      {day.unsigned.length === 0 && <p class="note gap-3">None. Every case that was discussed has its plan.</p>}
      <ul class="lines">
        {day.unsigned.map((card) => (
          <li key={card.case}>
            <span><Link href={`/cases/${card.case}`}>{card.name}</Link><br /><span class="note">{card.question}</span></span>
            <State tone="stop">not signed</State>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function OtherMeetings({ day, but }: { day: Today; but: string | undefined }) {
  const others = day.meetings.filter((it) => it.meeting !== but && it.state !== 'closed');
  if (others.length === 0) return null;
  return (
    <section aria-labelledby="others">
      <div class="head"><h2 id="others">Also planned</h2></div>
      <ul class="lines">
        {others.map((meeting) => (
          <li key={meeting.meeting}>
            <span>
              <Link href={`/boards/${meeting.board}/meetings/${meeting.meeting}`}>{meeting.board_name}</Link>
              <br /><span class="note num">{capital(dayWord(meeting.starts_us, day.now_us))} {clock(meeting.starts_us)}</span>
            </span>
            <span class="note num">{count(meeting.items.length, 'case')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
