import type { CaseCard, MeetingCard, Need, Today } from '../protocol/generated/protocol';
import { clock, dayWord } from '../ui/time';

/** The meeting a need belongs to, if the day knows it. */
export function meetingOf(need: Need, today: Today): MeetingCard | undefined {
  return today.meetings.find((it) => it.meeting === need.meeting);
}

/** Most urgent first: by the start of the meeting that waits for it; what waits for none comes last. */
export function byUrgency(today: Today): Need[] {
  const when = (need: Need) => meetingOf(need, today)?.starts_us ?? Number.MAX_SAFE_INTEGER;
  return today.needs.map((need, at) => ({ need, at })).sort((a, b) => when(a.need) - when(b.need) || a.at - b.at).map((it) => it.need);
}

/** The next meeting that is not over; one that runs already comes before all that are planned. */
export function nextMeeting(today: Today): MeetingCard | undefined {
  const later = (it: MeetingCard) => (it.state === 'open' ? 0 : 1);
  return today.meetings.filter((it) => it.state !== 'closed').sort((a, b) => later(a) - later(b) || a.starts_us - b.starts_us)[0];
}

export interface Act {
  word: string;
  href: string;
}

/** One or two ways out of a need. The first is what the row's key A opens. */
export function waysOut(need: Need): Act[] {
  const agenda = need.board && need.meeting ? { word: 'Open the agenda', href: `/boards/${need.board}/meetings/${need.meeting}` } : undefined;
  const theCase = need.case ? { word: need.kind === 'unsigned' ? 'Open the record' : 'Open the case', href: `/cases/${need.case}` } : undefined;
  const order = need.kind === 'quorum' || need.kind === 'agenda' || need.kind === 'invitation' ? [agenda, theCase] : [theCase, agenda];
  return order.filter((it): it is Act => it !== undefined);
}

/** When an item comes, if those before it keep their minutes. */
export function itemStart(meeting: MeetingCard, item: number): number {
  return meeting.items.slice(0, item).reduce((at, it) => at + it.minutes * 60_000_000, meeting.starts_us);
}

/** What happens next with a case, in one sentence for who referred it. */
export function nextStep(card: CaseCard, today: Today): string {
  if (card.plan_state === 'withdrawn') return 'The plan was withdrawn. Read why before anybody acts on it.';
  if (card.plan_state === 'signed' || card.plan_state === 'amended') return 'The plan is signed.';
  for (const meeting of today.meetings) {
    const at = meeting.items.findIndex((it) => it.case === card.case);
    if (at < 0 || meeting.state === 'closed') continue;
    const about = itemStart(meeting, at);
    const place = `${meeting.board_name}, ${dayWord(about, today.now_us)}: your case is item ${at + 1}, about ${clock(about)}.`;
    return card.gaps.length > 0 ? `${place} Still missing: ${card.gaps.join(', ')}.` : place;
  }
  if (card.gaps.length > 0) return `Missing before it can be heard: ${card.gaps.join(', ')}.`;
  return 'Complete. It waits for a place on an agenda.';
}
