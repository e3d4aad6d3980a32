import type { ComponentChildren } from 'preact';
import type { MeetingCard, Need, Today } from '../protocol/generated/protocol';
import { Go, State } from '../ui/controls';
import { Ruler } from '../ui/ruler';
import { capital, count, inWords } from '../ui/words';
import { clock, dayWord, distance } from '../ui/time';
import { byUrgency, meetingOf, nextMeeting, waysOut } from './order';

const SOON_US = 4 * 3_600_000_000;

function By({ need, day }: { need: Need; day: Today }) {
  const meeting = meetingOf(need, day);
  if (!meeting) return <div class="by"><b>Open</b></div>;
  const near = meeting.starts_us - day.now_us < SOON_US;
  const word = dayWord(meeting.starts_us, day.now_us);
  return (
    <div class="by">
      <b>{word === 'today' ? clock(meeting.starts_us) : capital(word)}</b>
      <State tone={near ? 'stop' : 'now'}>{distance(meeting.starts_us, day.now_us)}</State>
    </div>
  );
}

/** J and K walk the rows; A and B press the row's buttons. */
function rowKeys(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const list = event.currentTarget as HTMLElement;
  const rows = [...list.children];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const links = (row: Element | undefined) => [...(row?.querySelectorAll<HTMLElement>('a.btn') ?? [])];
  const key = event.key.toLowerCase();
  if (key === 'j' || key === 'k') links(rows[at + (key === 'j' ? 1 : -1)])[0]?.focus();
  else if (key === 'a') links(rows[at])[0]?.click();
  else if (key === 'b') links(rows[at])[1]?.click();
  else return;
  event.preventDefault();
}

export function Needs({ needs, day, title }: { needs: readonly Need[]; day: Today; title: string }) {
  const next = nextMeeting(day);
  return (
    <section aria-labelledby="need">
      <div class="head"><h2 id="need">{title}</h2><span class="note">{needs.length} open</span></div>
      {needs.length === 0 && (
        <div class="blank">
          <b>No case needs you.</b>
          <span class="note">{next ? `Next meeting is ${dayWord(next.starts_us, day.now_us)}. ${completeWords(next)}` : 'No meeting is planned.'}</span>
        </div>
      )}
      <ul class="todo" onKeyDown={rowKeys}>
        {needs.map((need) => (
          <li key={need.kind + need.case + need.meeting + need.text}>
            <By need={need} day={day} />
            <div><h3>{need.text}</h3>{need.detail && <p>{need.detail}</p>}</div>
            <div class="acts">
              {waysOut(need).map((act) => <Go key={act.href} small href={act.href} aria-label={`${act.word}: ${need.text}`}>{act.word}</Go>)}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function needsOf(day: Today, ...kinds: Need['kind'][]): Need[] {
  return byUrgency(day).filter((it) => kinds.length === 0 || kinds.includes(it.kind));
}

export function completeWords(meeting: MeetingCard): string {
  const complete = meeting.items.filter((it) => it.gaps.length === 0).length;
  const all = meeting.items.length;
  if (all === 0) return 'No case is listed yet.';
  if (complete === all) return `${capital(inWords(all))} ${all === 1 ? 'case is' : 'cases are'} complete.`;
  return `${capital(inWords(complete))} of ${inWords(all)} cases ${complete < 2 ? 'is' : 'are'} complete.`;
}

/** The sentence of spare or missing minutes. */
export function spareWords(meeting: MeetingCard): string {
  const planned = meeting.items.reduce((sum, it) => sum + it.minutes, 0);
  const left = meeting.minutes - planned;
  if (left === 0) return 'No minute to spare.';
  const minutes = count(Math.abs(left), 'minute');
  return left > 0 ? `${capital(minutes)} to spare.` : `${capital(minutes)} too long.`;
}

/** One gap by its name, more by their number: the agenda has them all. */
function GapState({ gaps }: { gaps: readonly string[] }) {
  if (gaps.length === 0) return <State tone="ok">complete</State>;
  return <State tone="stop">{gaps.length === 1 ? gaps[0] : `${gaps.length} missing`}</State>;
}

export function NextMeeting({ meeting, day, children }: { meeting: MeetingCard; day: Today; children?: ComponentChildren }) {
  return (
    <section aria-labelledby="next">
      <div class="head">
        <h2 id="next">{meeting.board_name}, {dayWord(meeting.starts_us, day.now_us)} {clock(meeting.starts_us)}</h2>
        <span class="note num">{count(meeting.items.length, 'case')} · {meeting.minutes} min</span>
      </div>
      {meeting.items.length > 0 && (
        <>
          <div class="gap-4"><Ruler items={meeting.items} /></div>
          <p class="note">Solid: complete. Dashed: something missing. {spareWords(meeting)}</p>
        </>
      )}
      <ul class="seats">
        {meeting.items.map((item, index) => (
          <li key={item.item}>
            <span>{index + 1} {item.name}<span class="note"> · {item.presenter_name}</span></span>
            <GapState gaps={item.gaps} />
          </li>
        ))}
      </ul>
      {children}
    </section>
  );
}
