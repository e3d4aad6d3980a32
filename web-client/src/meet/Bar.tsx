/** Top line: board, privacy, lateness, own link in words, clock, leave. */
import { CircleDot, CirclePause, Clock, Gauge, Lock, LogOut, Signal, TriangleAlert, Unplug } from 'lucide-preact';
import { endsUs, runningItem } from '../state/agenda';
import { WEB_WAY } from '../state/own-sound';
import { RECORDING } from '../state/say';
import { clock, clockS } from '../state/words';
import { Icon } from '../ui/controls';
import { useRoom } from './context';
import type { Room } from './control';

export function Mark() {
  return (
    <span class="mark">
      <svg viewBox="0 0 24 24" aria-hidden="true" fill="currentColor">
        <circle cx="12" cy="3.6" r="2.6" /><circle cx="20.4" cy="9.6" r="2.6" /><circle cx="17.2" cy="19.4" r="2.6" />
        <circle cx="6.8" cy="19.4" r="2.6" /><circle cx="3.6" cy="9.6" r="1.8" fill="none" stroke="currentColor" stroke-width="1.5" />
      </svg>
      Consilium
    </span>
  );
}

export function Private({ short }: { short?: boolean }) {
  const is = useRoom().state.value.meeting.recording;
  return <span class={is === 'on' ? 'private is stop' : 'private'}><Icon of={{ off: Lock, on: CircleDot, paused: CirclePause }[is]} /> {!short && 'Clinical · '}<b>{RECORDING[is]}</b></span>;
}

export function Now() {
  return <time class="num">{clockS(useRoom().nowUs.value)}</time>;
}

/** Own link with its consequence. The server measures; before it has, nothing is claimed. */
export function linkWord(room: Room): { tone: 'none' | 'now' | 'stop'; icon: typeof Signal; text: string } {
  const you = room.you.value?.seat;
  const link = room.sound.value?.seats.find((s) => s.seat === you)?.link ?? 'unknown';
  if (room.lostUs.value) return { tone: 'stop', icon: Unplug, text: 'No connection' };
  if (room.facts.value.link === 'no_way') return { tone: 'now', icon: TriangleAlert, text: 'No sound way' };
  if (room.facts.value.way === 'web') return { tone: 'now', icon: Signal, text: WEB_WAY };
  if (link === 'very_slow') return { tone: 'stop', icon: TriangleAlert, text: 'Very slow: sound only until it recovers' };
  if (link === 'slow') return { tone: 'now', icon: Gauge, text: 'Slow link: sound is clear, pictures follow' };
  if (link === 'losing') return { tone: 'now', icon: Gauge, text: 'Your link loses packets: most words are repaired' };
  if (link === 'good') return { tone: 'none', icon: Signal, text: 'Your link is good' };
  return { tone: 'none', icon: Signal, text: 'Measuring your link' };
}

export function LinkWord() {
  const w = linkWord(useRoom());
  return <span class={w.tone === 'none' ? '' : `is ${w.tone}`}><Icon of={w.icon} /> {w.text}</span>;
}

/** Minutes late only while something runs, against the planned end. */
function Late() {
  const room = useRoom();
  const { meeting, agenda } = room.state.value;
  if (!runningItem(agenda) || meeting.startsUs === 0) return null;
  const ends = endsUs(agenda, room.nowUs.value);
  const late = Math.round((ends - (meeting.startsUs + meeting.minutes * 60e6)) / 60e6);
  if (late < 1) return <span>Ends {clock(ends)}</span>;
  return <span class="is now"><Icon of={Clock} />{late} min late, ends {clock(ends)}</span>;
}

export function Bar({ leave }: { leave: () => void }) {
  const room = useRoom();
  return (
    <header class="bar">
      <Mark />
      <h1>{room.state.value.meeting.boardName || 'Meeting'}</h1>
      <Private />
      <div class="end">
        <Late />
        <LinkWord />
        <Now />
        <button type="button" class="btn small" onClick={leave}><Icon of={LogOut} /> Leave</button>
      </div>
    </header>
  );
}
