/** The room behind the screen: one socket, one sound, the folded state, and what the lanes say last. */
import { batch, computed, signal } from '@preact/signals';
import { Sound } from '../net/sound';
import { type Message, type Reply, type Socket, openSocket } from '../net/socket';
import type {
  AskMap, Lane, LaneFollowers, LaneLink, LanePointer, LaneSound, LaneTalking, LaneViewLive, LogEvent, ServerEvent, ServerNotice, ServerWaiting, You,
} from '../protocol/generated/protocol';
import { NIL, chairSeat, presenterSeat } from '../state/seats';
import { type RoomState, applyEvent, applySnapshot, emptyRoom, missed } from '../state/room';
import { NOT_RECEIVED_MS, type SoundFacts, beatMic, noSound, ownSound, wayWords } from '../state/own-sound';
import { address, count } from '../state/words';
import { type Quality, beatPicture } from '../viewer/quality';
import { Edits } from './editing';
import { markMic, takeMark, wasReloaded } from './reload';
import { Speaker } from './speaker';

const UNHEARD_MS = 5000; // what is tried gets its time
const UNDO_MS = 10_000; // experience 3.5; the server grants a little more for the way

/** Presses that can be taken back, as the button that takes them back calls them. */
const UNDOABLE: Partial<Record<keyof AskMap, string>> = {
  'item.next': 'next case', 'item.start': 'start of the case', 'item.extend': 'more minutes', 'floor.give': 'giving the floor', 'seat.mute': 'the mute',
  'seats.mute': 'muting all', 'chair.offer': 'offer of the chair',
};

export interface Undo {
  k: keyof AskMap;
  word: string;
  untilMs: number;
}

const AWAY_US = 15e6; // decision 8: after it the server gives the seat's roles away

export type Phase = 'connecting' | 'in' | 'waiting' | 'elsewhere' | 'taken' | 'ended' | 'signed_out' | 'refused';

export class Room {
  readonly state = signal<RoomState>(emptyRoom);
  readonly you = signal<You | null>(null);
  readonly phase = signal<Phase>('connecting');
  readonly waiting = signal<ServerWaiting | null>(null);
  readonly lostUs = signal(0); // 0: connected
  readonly back = signal(''); // "Back. You missed 11 s; two lines were written."
  readonly notWritingUs = signal(0);
  readonly restarting = signal(false);
  readonly trouble = signal(''); // one line: what was refused and why
  readonly nowUs = signal(Date.now() * 1000);
  readonly pointer = signal<LanePointer | null>(null);
  readonly live = signal<LaneViewLive | null>(null);
  readonly talking = signal<LaneTalking | null>(null);
  readonly sound = signal<LaneSound | null>(null);
  readonly followers = signal<LaneFollowers | null>(null);
  readonly way = signal<LaneLink | null>(null); // how the own sound travels, as the server measures it
  readonly facts = signal<SoundFacts>(noSound);
  readonly bars = signal(0);
  readonly heard = signal({ hearing: false, blocked: false });
  readonly alone = signal(false);
  readonly quality = signal<Quality>('none');
  readonly called = signal(''); // who asks those that look around alone to come back
  readonly later = signal(false); // put off the acknowledgement: listens only
  readonly undo = signal<Undo | null>(null);
  readonly pictures = signal(false); // true once sound came, or its time is over
  readonly speaksSince = signal<Record<string, number>>({});
  readonly own = computed(() => ownSound(this.facts.value));
  readonly chair = computed(() => chairSeat(this.state.value.seats, this.state.value.meeting.actingChair));
  readonly presenter = computed(() => presenterSeat(this.state.value.seats, this.state.value.meeting.actingChair));
  readonly isChair = computed(() => this.you.value !== null && this.chair.value === this.you.value.seat);
  readonly presents = computed(() => this.you.value !== null && this.presenter.value === this.you.value.seat);
  readonly untoldOf = computed(() => this.state.value.meeting.recording !== 'off' && !this.state.value.meeting.told.includes(this.you.value?.seat ?? ''));
  readonly runs = computed(() => this.isChair.value || this.you.value?.role === 'coordinator'); // leads the room: cases, floor, mute
  readonly edits: Edits;
  readonly mic: Sound;
  readonly say = new Speaker();
  private readonly socket: Socket;
  private before: RoomState | null = null; // as it was when the link was lost
  private tick = 0;
  private soundTimer = 0;
  private receivingSince = 0;
  private unheardMs = 0; // when another way for the own sound was tried last

  constructor(readonly meeting: string) {
    this.mic = new Sound({
      ask: () => void this.ask('media.ask', {}),
      answer: (sdp) => void this.ask('media.answer', { sdp }),
      muted: (muted) => void this.ask('sound.mute', { muted }).then((r) => r.error === 'denied' && this.untoldOf.value && this.untold()),
      set: (f) => this.setFacts(f),
      heard: (h) => this.setHeard(h),
      level: (l) => {
        this.bars.value = l.bars;
        this.setFacts({ voiceMs: l.voiceMs, silentMs: this.facts.value.wanted ? l.silentMs : 0 });
      },
      note: (text) => {
        this.trouble.value = text;
        this.say.you(text);
      },
      suspect: () => this.socket?.check(),
    }, meeting);
    this.edits = new Edits({
      ask: (k, d) => this.ask(k, d), plan: () => this.state.value.plan, seat: () => this.you.value?.seat ?? '', place: `plan-text:${meeting}`,
    });
    this.socket = openSocket({
      hello: () => this.hello(), beat: () => this.beat(), message: (m) => this.message(m), open: (r) => this.opened(r),
      lost: () => this.lost(), waits: () => undefined,
    });
    this.tick = window.setInterval(() => this.ticked(), 500);
    window.addEventListener('pagehide', this.hides);
  }

  ask<K extends keyof AskMap>(k: K, d: AskMap[K]): Promise<Reply> {
    return this.socket.ask(k, d);
  }

  /** A press: what is refused is said in one line under the bar. */
  async press<K extends keyof AskMap>(k: K, d: AskMap[K]): Promise<boolean> {
    const r = await this.ask(k, d);
    this.trouble.value = r.ok ? '' : (r.message ?? 'The server did not take this. Nothing was changed.');
    if (!r.ok) this.say.you(this.trouble.value);
    const word = UNDOABLE[k];
    if (r.ok && word && !(k === 'chair.offer' && !('seat' in d))) this.undo.value = { k, word, untilMs: Date.now() + UNDO_MS };
    return r.ok;
  }

  /** No microphone opens in a recording that its owner has not acknowledged: it is asked again. */
  private untold(): void {
    this.mic.silence('', 0);
    this.later.value = false;
  }

  /** The last press of the chair, taken back while it can be. */
  takeBack(): void {
    const u = this.undo.value;
    this.undo.value = null;
    if (u) void (u.k === 'chair.offer' ? this.press('chair.offer', {}) : this.press('press.undo', {}));
  }

  tell<K extends 'pointer' | 'view.live'>(k: K, d: AskMap[K]): void {
    this.socket.tell(k, d);
  }

  rttMs(): number {
    return this.socket.rttMs();
  }

  retry(): void {
    this.socket.retry();
  }

  takeOver(): void {
    void this.ask('hello', { ...this.hello(), takeover: true }).then((r) => this.opened(r));
  }

  async leave(): Promise<void> {
    await this.ask('leave', {});
    this.close();
  }

  close(): void {
    window.removeEventListener('pagehide', this.hides);
    clearInterval(this.tick);
    clearTimeout(this.soundTimer);
    this.mic.close();
    this.socket.close();
  }

  private hides = (): void => markMic(sessionStorage, this.meeting, this.facts.value.wanted, Date.now());

  /** A new page knows nothing of the microphone before it: on again after a reload, else off for all to see. */
  private ownMic(): void {
    const again = takeMark(sessionStorage, this.meeting, wasReloaded(), Date.now());
    const seat = this.state.value.seats.bySeat[this.you.value?.seat ?? ''];
    if (seat?.micOn && !this.facts.value.wanted) void this.mic.setOn(again);
  }

  private hello(): AskMap['hello'] {
    const s = this.state.value;
    const last = s.meetingN > 0 ? { last_meeting: s.meetingN } : {};
    const theCase = s.caseId ? { case: s.caseId, last_case: s.caseN } : {};
    return { meeting: this.meeting, ...last, ...theCase };
  }

  private beat(): { hearing: boolean; mic: 'on' | 'muted' | 'blocked' | 'none'; picture: 'none' | 'coarse' | 'sharp'; alone: boolean } {
    return { hearing: this.mic.sinceBeat(), mic: beatMic(this.facts.value), picture: beatPicture(this.quality.value), alone: this.alone.value };
  }

  private opened(r: Reply): void {
    if (!r.ok) {
      if (this.phase.value === 'elsewhere') return; // the question stands
      this.trouble.value = r.message ?? 'The server did not let you in.';
      this.phase.value = 'refused';
      return;
    }
    this.comeBack();
  }

  private comeBack(): void {
    const lost = this.lostUs.value;
    this.lostUs.value = 0;
    this.restarting.value = false;
    if (this.phase.value !== 'in') return;
    if (lost && this.socket.nowUs() - lost > AWAY_US) void this.mic.setOn(false); // whoever was away so long comes back muted
    else if (lost) this.mic.tellAgain();
    this.startSound();
    // What was missed follows the reply at once; then it can be counted and drafts can be compared.
    window.setTimeout(() => this.caughtUp(lost), 300);
  }

  private caughtUp(lost: number): void {
    if (this.lostUs.value !== 0) return; // lost again
    this.edits.resume(this.state.value.plan);
    const before = this.before;
    this.before = null;
    if (!lost || !before) return;
    const lines = missed(before, this.state.value);
    const s = Math.max(1, Math.round((this.socket.nowUs() - lost) / 1e6));
    this.back.value = `Back. You missed ${s} s; ${count(lines, 'line was', 'lines were')} written.`;
    this.say.you(this.back.value);
    window.setTimeout(() => (this.back.value = ''), 12000);
  }

  private lost(): void {
    this.mic.socketLost();
    if (this.lostUs.value === 0) {
      this.lostUs.value = this.socket ? this.socket.nowUs() : Date.now() * 1000;
      this.before = this.phase.value === 'in' ? this.state.value : null;
      if (this.phase.value === 'in') this.say.you('Connection lost, coming back.');
    }
    void this.signedOut();
  }

  /** A refused socket does not say why; the session does. */
  private async signedOut(): Promise<void> {
    const r = await fetch('/api/me', { credentials: 'same-origin' }).catch(() => null);
    if (r?.status === 401) {
      this.phase.value = 'signed_out';
      this.socket.close();
    }
  }

  private startSound(): void {
    if (this.facts.value.link === 'none' || this.facts.value.link === 'gone') this.mic.begin();
    else if (!this.heard.value.hearing) this.mic.begin();
    clearTimeout(this.soundTimer);
    this.soundTimer = window.setTimeout(() => (this.pictures.value = true), 5000); // pictures never wait for ever
  }

  private message(m: Exclude<Message, { t: 'reply' }>): void {
    switch (m.t) {
      case 'snapshot':
        batch(() => {
          const first = this.phase.value !== 'in';
          this.you.value = m.you;
          this.state.value = applySnapshot(m);
          this.phase.value = this.state.value.meeting.closedUs ? 'ended' : 'in';
          this.waiting.value = null;
          this.mic.undeafen();
          this.setFacts({ mayTalk: m.you.role !== 'observer' });
          if (first) {
            this.comeBack();
            this.ownMic();
          }
          else this.edits.resume(this.state.value.plan);
        });
        return;
      case 'event': this.event(m); return;
      case 'waiting':
        batch(() => {
          this.waiting.value = m;
          this.state.value = emptyRoom; // nothing of another case stays on a guest's screen
          this.phase.value = 'waiting';
          this.lostUs.value = 0;
        });
        this.mic.waitDeaf();
        return;
      case 'media': this.mic.message(m); return;
      case 'notice': this.notice(m); return;
      case 'lane': this.lane(m); return;
    }
  }

  private event(m: ServerEvent): void {
    const was = this.state.value;
    const now = applyEvent(was, m);
    if (now === was) return;
    const e = m as unknown as LogEvent;
    batch(() => {
      this.state.value = now;
      if (e.k === 'page.shown' || e.k === 'view.settled' || e.k === 'item.started') this.live.value = null;
      if (e.k === 'page.shown' || e.k === 'item.started' || e.k === 'presenter.passed') this.pointer.value = null;
      if (e.k === 'item.started' || e.k === 'item.undone' || e.k === 'page.hidden') this.alone.value = false;
      if (e.k === 'followers.called' && this.alone.value) this.called.value = address(now.seats.bySeat[e.by]?.name ?? 'The presenter');
      if (e.k === 'plan.signed' || e.k === 'chair.handed' || e.k === 'meeting.closed') this.undo.value = null; // nothing goes back behind these
      if (e.k === 'recording.set') this.later.value = false;
      if (e.k === 'meeting.closed') this.phase.value = 'ended';
    });
    const you = this.you.value?.seat ?? '';
    if (e.k === 'sound.muted' && e.d.seat === you && e.d.muted && e.d.by !== you)
      this.mic.silence(address(now.seats.bySeat[e.d.by]?.name ?? 'the chair'), e.at);
    else if (e.k === 'sound.muted' && e.d.seat === you && e.d.muted && e.by !== you) this.mic.silence('', e.at); // a mute taken back, or a recording not acknowledged
    if (e.k === 'followers.called' && this.called.value) this.say.you(`${this.called.value} calls everyone back. F returns.`);
    if (now.plan !== was.plan) this.edits.planChanged(now.plan);
    this.say.event(now, e, you);
  }

  private notice(n: ServerNotice): void {
    switch (n.k) {
      case 'not_writing':
        this.notWritingUs.value = n.since_us ?? this.socket.nowUs();
        this.say.you('Nothing is being written down at the moment. You hear each other.');
        return;
      case 'writing': this.notWritingUs.value = 0; return;
      case 'seat_elsewhere': this.phase.value = 'elsewhere'; return;
      case 'taken_over': this.end('taken'); return;
      case 'restarting': this.restarting.value = true; return;
      case 'signed_out': this.end('signed_out'); return; // signed out elsewhere, or 12 hours are over
      case 'closed':
      case 'ended':
        this.end('ended');
        void this.signedOut(); // while the link was away the session may have ended too
        return;
    }
  }

  private end(phase: Phase): void {
    this.phase.value = phase;
    this.mic.close();
    this.socket.close();
  }

  private lane(m: Lane): void {
    switch (m.k) {
      case 'pointer': this.pointer.value = m.d.on ? m.d : null; return;
      case 'view.live': this.live.value = m.d; return;
      case 'talking': this.talked(m.d); return;
      case 'sound': this.soundSaid(m.d); return;
      case 'followers': this.followers.value = m.d; return;
      case 'link': this.way.value = m.d; void this.mic.linked(m.d); return;
      case 'beat': return; // the socket set its clock by it
    }
  }

  private talked(d: LaneTalking): void {
    const was = this.speaksSince.value;
    const now = this.socket.nowUs();
    batch(() => {
      this.talking.value = d;
      this.speaksSince.value = Object.fromEntries(d.seats.map((t) => [t.seat, was[t.seat] ?? now]));
    });
    const first = d.seats[0] && this.state.value.seats.bySeat[d.seats[0].seat];
    if (first) this.say.talker(address(first.name));
  }

  private soundSaid(d: LaneSound): void {
    if (d.echo && !this.sound.value?.echo) this.say.you('Your device returns the sound of the room. Use headphones, or mute.');
    this.sound.value = d;
    const bad = this.facts.value.wanted && (!d.receiving || (d.could_hear > 0 && d.heard_by === 0));
    if (!bad) this.receivingSince = 0;
    else if (this.receivingSince === 0) this.receivingSince = Date.now();
    this.setFacts({ receiving: d.receiving, heardBy: d.heard_by, couldHear: d.could_hear, ...(bad ? {} : { notReceivedMs: 0 }) });
  }

  private setFacts(f: Partial<SoundFacts>): void {
    const was = this.own.value;
    const way = this.facts.value.way;
    this.facts.value = { ...this.facts.value, ...f };
    const words = wayWords(way, this.facts.value.way);
    if (words) this.say.you(words);
    if (this.facts.value.link === 'no_way') this.pictures.value = true;
    this.say.own(was, this.own.value);
  }

  private setHeard(h: { hearing: boolean; blocked: boolean }): void {
    const was = this.heard.value;
    if (was.hearing !== h.hearing || was.blocked !== h.blocked) this.heard.value = h;
    if (h.hearing || h.blocked) this.pictures.value = true;
  }

  private ticked(): void {
    this.nowUs.value = this.socket.nowUs();
    if (this.undo.value && Date.now() > this.undo.value.untilMs) this.undo.value = null;
    if (!this.receivingSince) return;
    this.setFacts({ notReceivedMs: Date.now() - this.receivingSince });
    const { receiving, notReceivedMs, link } = this.facts.value;
    if (receiving || link !== 'up' || notReceivedMs < NOT_RECEIVED_MS || Date.now() - this.unheardMs < UNHEARD_MS) return;
    this.unheardMs = Date.now();
    this.mic.unheard();
  }
}

export const toChair = NIL;
