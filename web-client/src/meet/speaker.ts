/** What is said to screen readers: three regions, each at the level the person chose. */
import { signal } from '@preact/signals';
import type { LogEvent } from '../protocol/generated/protocol';
import type { OwnSound } from '../state/own-sound';
import type { Plan } from '../state/plan';
import { soundWords } from '../state/own-sound';
import type { RoomState } from '../state/room';
import { type Region, sayEvent } from '../state/say';
import { clock } from '../state/words';
import { prefs } from './prefs';

const TALK_GAP_MS = 4000;

export class Speaker {
  readonly regions = { you: signal(''), plan: signal(''), room: signal('') };
  sentence: (p: Plan, field: string) => string = () => ''; // its words come with the plan, after sound
  private last = '';
  private talkedMs = 0;
  private talker_ = '';

  you(text: string): void {
    this.speak('you', text);
  }

  event(after: RoomState, e: LogEvent, seat: string): void {
    const s = sayEvent(after, e, seat, this.sentence);
    if (s) this.speak(s.region, s.text);
  }

  talker(name: string): void {
    const now = performance.now();
    if (name === this.talker_ || now - this.talkedMs < TALK_GAP_MS) return;
    this.talkedMs = now;
    this.talker_ = name;
    this.speak('room', `${name} speaks`);
  }

  /** A change of the own sound is said once; what the person did is only "Muted" or "You are on". */
  own(was: OwnSound, now: OwnSound): void {
    if (was.is === now.is || now.is === 'opening') return;
    if (now.is === 'muted' && (was.is === 'talking_muted' || was.is === 'opening')) return;
    const words: Partial<Record<OwnSound['is'], string>> = { on: 'You are on.', muted: 'Muted.', talking_muted: 'You are talking while muted.' };
    const w = soundWords(now, clock);
    this.speak('you', words[now.is] ?? `${w.title}. ${w.hint}`);
  }

  again(): void {
    this.speak('you', this.last);
  }

  private speak(region: Region, text: string): void {
    const level = prefs.value.heard;
    if (!text || level === 'none' || (region === 'room' && level !== 'all')) return;
    this.last = text;
    const s = this.regions[region];
    s.value = '';
    setTimeout(() => (s.value = text), 60); // the same words twice need an empty moment between
  }
}
