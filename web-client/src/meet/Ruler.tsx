/** The agenda drawn to the scale of time. Only the running case is opened wider than its minutes. */
import { Check, CircleDashed, Play } from 'lucide-preact';
import { type AgendaItem, budgetS, nextItem, spentS } from '../state/agenda';
import { clock, familyName, span } from '../state/words';
import { Icon } from '../ui/controls';
import { useMedia, useRoom } from './context';

/** What stands under the running case: spent of budget, at 80 % what is left, past it how much over. */
export function spentWords(i: AgendaItem, nowUs: number): string {
  const budget = budgetS(i);
  const spent = spentS(i, nowUs);
  if (spent > budget) return `${span(spent - budget)} over ${budget / 60} min`;
  if (spent >= budget * 0.8) return `${span(budget - spent)} left of ${budget / 60} min`;
  return `${span(spent)} of ${budget / 60} min`;
}

function State({ item }: { item: AgendaItem }) {
  switch (item.state) {
    case 'signed': return <span class="scale"><Icon of={Check} /> signed</span>;
    case 'deferred': return <span class="scale">deferred</span>;
    case 'left_open': return <span class="scale"><Icon of={CircleDashed} /> not signed</span>;
    case 'running':
    case 'planned': return <span class="scale">{item.minutes + item.extra} min</span>;
  }
}

export function Ruler() {
  const room = useRoom();
  const narrow = useMedia('(max-width: 60rem)'); // there it scrolls sideways inside itself
  const { agenda, meeting } = room.state.value;
  const now = room.nowUs.value;
  const next = nextItem(agenda);
  const start = room.runs.value && meeting.openedUs && !agenda.running;
  return (
    <nav class="agenda" tabIndex={narrow ? 0 : undefined} aria-label="Agenda, drawn to the scale of time">
      <ol class="ruler">
        {agenda.items.map((i, n) => {
          const here = i.item === agenda.running;
          const kind = here ? 'here' : i.state === 'signed' ? 'done' : i.state === 'left_open' ? 'gap' : '';
          const run = Math.min(100, Math.round((spentS(i, now) / budgetS(i)) * 100));
          return (
            <li key={i.item} class={kind} style={`--min:${i.minutes + i.extra};--run:${run}%;--wide:19rem`} aria-current={here ? 'step' : undefined}>
              <b>{n + 1} {here ? i.name : familyName(i.name)}</b>
              {here ? (
                <span class={spentS(i, now) > budgetS(i) ? 'over' : ''}>
                  {spentWords(i, now)}{next && `, then ${agenda.items.indexOf(next) + 1} at ${clock(Math.max(now, i.startedUs + budgetS(i) * 1e6))}`}
                  {i.state === 'signed' && ' · signed'}
                </span>
              ) : <State item={i} />}
              {start && i.state !== 'signed' && (
                <button type="button" class="btn small startitem" onClick={() => void room.press('item.start', { item: i.item })}>
                  <Icon of={Play} /> Start<span class="hide"> {familyName(i.name)}</span>
                </button>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
