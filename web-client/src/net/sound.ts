/**
 * The one file that touches RTCPeerConnection. Hearing: answer the server's offer, no permission needed. Speaking: the
 * microphone is opened when the person presses it, and put into the sender by replaceTrack, so no second negotiation
 * is ever needed. Where UDP brings nothing the same sound goes over the web connection (way.ts decides, web-sound.ts
 * is fetched for it), while UDP goes on being tried.
 */
import type { LaneLink, ServerMedia } from '../protocol/generated/protocol';
import type { SoundFacts } from '../state/own-sound';
import { Hear } from './hear';
import type { Level } from './level';
import type { Mic } from './mic';
import type { Uplink } from './thin';
import { type Fact, type Way, STOP_MS, next, noWay } from './way';
import type { WebSound } from './web-sound';

export interface SoundUse {
  ask(): void; // media.ask
  answer(sdp: string): void; // media.answer
  muted(muted: boolean): void; // sound.mute
  set(facts: Partial<SoundFacts>): void;
  heard(h: { hearing: boolean; blocked: boolean }): void;
  level(l: Level): void;
  note(text: string): void; // a device changed by itself
  suspect(): void; // the network may be another one: is the socket alive?
}

const NO_WAY_MS = 5000; // UDP that has not come through by then does not (networks that block it)
const LOOK_MS = 200;
const STALE_MS = 4000; // connected, yet nothing decoded
const RETRY_MS = [3000, 10000, 20000, 30000];
const WEB_RETRY_MS = [500, 1000, 2000, 5000, 10000];
const WEB_STALE_MS = 3000;
const UNTRUSTED_MS = 10000; // until a UDP connection that was not received is made anew
const OVERLAP_MS = 300; // both ways are spoken into; the server mixes one
const SLEPT_MS = 3000;
const FETCH_MS = 5000;

const after = (list: number[], n: number): number => list[Math.min(n, list.length - 1)] ?? 30000;

export class Sound {
  private pc: RTCPeerConnection | null = null;
  private mic: Mic | null = null; // comes after the sound of the others, or with the first press
  private micComes: Promise<Mic> | null = null;
  private readonly hear: Hear;
  private wanted = false;
  private watch = 0;
  private retryTimer = 0;
  private retries = 0;
  private lookedMs = 0;
  private sinceMs = 0; // of the answer, or of the connection
  private link: SoundFacts['link'] = 'none'; // of UDP
  private hearing = false;
  private deaf = false;
  private cut = false; // the socket broke: the server drops the peer with it, whatever this side still believes
  private way: Way = noWay;
  private web: WebSound | null = null;
  private webBusy = false;
  private webTimer = 0;
  private webTries = 0;
  private fetched = false;
  private offer = ''; // that the connection was made by
  private uplink: Uplink | null = null;
  private floor = Infinity; // of its round trip
  private uplinkTimer = 0;

  constructor(private readonly use: SoundUse, private readonly meeting = '') {
    this.hear = new Hear(() => this.tellHeard());
    window.addEventListener('online', this.networkChanged);
  }

  /** Asks the server for an offer. Called when the room is open and after every loss. */
  begin(): void {
    clearTimeout(this.retryTimer);
    if (!this.cut && this.pc?.connectionState === 'connected' && (this.hearing || this.deaf)) return;
    this.cut = false;
    this.drop();
    this.turn({ is: 'asked', at: performance.now() });
    this.watch ||= window.setInterval(() => void this.look(), LOOK_MS);
    this.setLink(this.link === 'no_way' ? 'no_way' : 'asking');
    this.use.ask();
    this.again(after(RETRY_MS, this.retries), () => this.pc === null);
  }

  /** What still plays goes on playing; the next begin() asks anew, at once. */
  socketLost(): void {
    this.cut = true;
    this.retries = 0;
  }

  message(m: ServerMedia): void {
    switch (m.k) {
      case 'offer': void this.accept(m); return;
      case 'connected': return; // the server's view; ours is the packets
      case 'gone': this.setLink('gone'); this.retrySoon(false); return;
      case 'refused': this.drop(); this.setLink('refused'); return;
      case 'full': this.drop(); this.setLink('full'); this.retrySoon(false); return;
    }
  }

  /** What the server measures of the own link, when it has changed. */
  async linked(d: LaneLink): Promise<void> {
    this.floor = Math.min(this.floor, d.rtt || Infinity);
    if (!this.uplink && d.rtt <= this.floor + 150) return; // room enough: the usual case, for which nothing is fetched
    const { judge, thinner, wide, CALM_MS } = await import('./thin');
    const pc = this.pc;
    const was = this.uplink ?? { ...wide, floor: this.floor };
    const now = (this.uplink = judge(was, d, performance.now()));
    clearTimeout(this.uplinkTimer);
    if (now.thin) this.uplinkTimer = window.setTimeout(() => void this.linked(d), CALM_MS);
    if (now.thin === was.thin || !pc) return;
    await pc.setRemoteDescription({ type: 'offer', sdp: now.thin ? thinner(this.offer) : this.offer }).catch(() => undefined);
    if (pc.signalingState !== 'stable') await pc.setLocalDescription().catch(() => undefined);
  }

  /** The person's press. Mute acts here at once, the server is told after. */
  async setOn(on: boolean): Promise<void> {
    this.wanted = on;
    this.use.set({ wanted: on, mutedBy: '', notReceivedMs: 0 });
    if (!on) {
      this.attach();
      this.use.muted(true);
      return;
    }
    if (!(await this.openMic())) {
      this.wanted = false;
      this.use.muted(true);
      return;
    }
    if (!this.wanted) return;
    this.attach();
    this.use.muted(false);
  }

  /** The chair muted this seat: stop first, words after. */
  silence(byName: string, atUs: number): void {
    this.wanted = false;
    this.attach();
    this.use.set({ wanted: false, mutedBy: byName, mutedUs: atUs });
  }

  /** After coming back the server hears what the person last pressed. */
  tellAgain(): void {
    this.use.muted(!this.wanted);
  }

  /** The microphone is on, and the server says it gets nothing: another way is tried. */
  unheard(): void {
    if (!this.wanted || !this.mic?.track) return;
    if (this.way.by === 'web') {
      this.web?.close();
      return;
    }
    this.turn({ is: 'unheard', at: performance.now() });
    this.cut = true;
    this.again(UNTRUSTED_MS, () => true);
  }

  get deviceId(): string {
    return this.mic?.deviceId ?? '';
  }

  async choose(deviceId: string): Promise<void> {
    const mic = await this.loadMic();
    mic.deviceId = deviceId;
    mic.close();
    if (this.wanted) await this.setOn(true);
    else await mic.open();
  }

  async microphones(): Promise<{ id: string; label: string }[]> {
    return (await this.loadMic()).list();
  }

  playNow(): void {
    this.hear.start();
    this.web?.resume();
  }

  sinceBeat(): boolean {
    return this.way.by === 'web' ? (this.web?.sinceBeat() ?? false) : this.hear.sinceBeat();
  }

  counters(): object {
    const way = { by: this.way.by, falls: this.way.falls, web: this.web?.counters() ?? null };
    return { link: this.toldLink(), connection: this.pc?.connectionState ?? 'none', way, ...this.hear.counters() };
  }

  /** A guest outside the own item: the way is laid, muted and deaf, so that the own item is heard at once. */
  waitDeaf(): void {
    if (this.deaf) {
      if (this.cut) this.begin();
      return;
    }
    this.deaf = true;
    this.wanted = false;
    this.attach();
    this.use.set({ wanted: false });
    this.begin();
  }

  undeafen(): void {
    if (this.deaf) this.turn({ is: 'woke', at: performance.now() });
    this.deaf = false;
    this.sinceMs = performance.now();
    this.web?.heardNow();
  }

  close(): void {
    window.removeEventListener('online', this.networkChanged);
    clearTimeout(this.retryTimer);
    clearTimeout(this.uplinkTimer);
    clearInterval(this.watch);
    this.drop();
    this.way = noWay;
    this.closeWeb();
    this.mic?.close();
  }

  private async accept(offer: ServerMedia): Promise<void> {
    this.drop();
    const pc = new RTCPeerConnection(offer.ice ? { iceServers: offer.ice } : undefined); // relays, where the site has some
    this.pc = pc;
    this.setLink(this.link === 'no_way' ? 'no_way' : 'connecting');
    pc.ontrack = (e) => this.hear.play(e.streams[0] ?? new MediaStream([e.track]));
    pc.onconnectionstatechange = () => pc === this.pc && this.connection(pc);
    try {
      this.offer = offer.sdp ?? '';
      this.uplink = null;
      this.floor = Infinity;
      await pc.setRemoteDescription({ type: 'offer', sdp: this.offer });
      const audio = pc.getTransceivers()[0];
      if (audio) audio.direction = 'sendrecv'; // the way to speak is laid now, muted
      await pc.setLocalDescription(await pc.createAnswer());
    } catch {
      if (pc === this.pc) this.retrySoon(false);
      return;
    }
    if (pc !== this.pc) return;
    this.use.answer(pc.localDescription?.sdp ?? '');
    this.sinceMs = performance.now();
    this.attach();
  }

  private connection(pc: RTCPeerConnection): void {
    if (pc.connectionState === 'connected') {
      this.retries = 0;
      this.sinceMs = performance.now();
      this.setLink('up');
    } else if (pc.connectionState === 'failed') {
      this.udpFails();
    }
  }

  /** Is sound really decoded, and by which way? */
  private async look(): Promise<void> {
    const slept = this.lookedMs > 0 && Date.now() - this.lookedMs > SLEPT_MS;
    this.lookedMs = Date.now();
    if (slept) this.woke();
    const pc = this.pc;
    const grew = pc ? await this.hear.read(pc) : false;
    if (pc !== this.pc) return;
    const at = performance.now();
    this.turn({ is: 'look', at, came: grew || (this.deaf && pc?.connectionState === 'connected') });
    if (this.web && !this.deaf && this.web.quietMs > WEB_STALE_MS) this.web.close();
    this.fetchAhead(at);
    const udp = this.way.ever && at - this.way.heardMs < STOP_MS && this.hear.playing;
    this.hearing = !this.deaf && (this.way.by === 'web' ? (this.web?.playing ?? false) : udp);
    this.tellHeard();
    if (this.hearing) void this.loadMic().catch(() => undefined);
    if (pc) this.judge(pc, at - Math.max(this.sinceMs, this.way.heardMs));
  }

  private judge(pc: RTCPeerConnection, quietMs: number): void {
    if (pc.connectionState !== 'connected' || !this.way.ever) {
      if (quietMs > NO_WAY_MS) this.udpFails();
    } else if (quietMs > STALE_MS) {
      this.setLink('gone');
      this.retrySoon(false);
    }
  }

  private udpFails(): void {
    this.setLink('no_way');
    this.retrySoon(true);
  }

  private retrySoon(failed: boolean): void {
    this.drop();
    const ms = failed || this.retries > 0 ? after(RETRY_MS, this.retries) : 250;
    this.retries += 1;
    this.again(ms, () => true);
  }

  private again(ms: number, still: () => boolean): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = window.setTimeout(() => still() && this.begin(), ms);
  }

  private drop(): void {
    const pc = this.pc;
    this.pc = null;
    if (this.way.by !== 'web') this.hearing = false;
    this.hear.reset();
    if (pc) {
      pc.ontrack = pc.onconnectionstatechange = null;
      pc.close();
      this.hear.stop();
    }
    this.tellHeard();
  }

  private setLink(link: SoundFacts['link']): void {
    this.link = link;
    if (link === 'up') clearTimeout(this.retryTimer);
    this.use.set({ link: this.toldLink() });
  }

  private toldLink(): SoundFacts['link'] {
    return this.way.by === 'web' ? 'up' : this.link;
  }

  private tellHeard(): void {
    this.use.heard({ hearing: this.hearing, blocked: this.way.by === 'web' ? (this.web?.blocked ?? false) : this.hear.blocked });
  }

  private loadMic(): Promise<Mic> {
    this.micComes ??= import('./mic').then(
      ({ Mic: Made }) => (this.mic = new Made({ set: (f) => this.use.set(f), level: (l) => this.use.level(l), ended: (label) => void this.unplugged(label) })),
      (e: unknown) => {
        this.micComes = null; // no connection just now: the next press tries again
        throw e;
      },
    );
    return this.micComes;
  }

  private async openMic(): Promise<boolean> {
    this.use.set({ opening: true });
    try {
      return await (await this.loadMic()).open();
    } catch {
      this.use.set({ opening: false, wanted: false });
      this.use.note('The microphone could not be opened without a connection. Press again in a moment.');
      return false;
    }
  }

  // ---- which way ----

  private turn(fact: Fact): void {
    const was = this.way;
    this.way = next(was, fact);
    if (this.way.web === 'wanted' && was.web === 'off') this.use.suspect();
    if (this.way.web === 'off') this.closeWeb();
    else if (!this.web && !this.webBusy && !this.webTimer) void this.openWeb();
    if (this.way.by === was.by) return;
    this.hear.mute(this.way.by === 'web');
    this.web?.play(this.way.by === 'web');
    this.attach();
    this.use.set({ link: this.toldLink(), way: this.way.by });
  }

  private async openWeb(): Promise<void> {
    if (!('AudioEncoder' in window) || !('AudioDecoder' in window)) {
      this.webBusy = true; // for ever: nothing is tried that cannot be
      this.use.set({ noCodec: true });
      return;
    }
    this.webBusy = true;
    const code = await import('./web-sound').catch(() => null);
    this.webBusy = false;
    if (this.way.web === 'off' || this.web) return;
    if (!code) {
      this.webDown();
      return;
    }
    const web = new code.WebSound(this.meeting, {
      up: () => {
        this.webTries = 0;
        this.turn({ is: 'web', at: performance.now(), up: true });
      },
      down: () => web === this.web && this.webDown(),
    });
    this.web = web;
  }

  private webDown(): void {
    this.web = null;
    this.webTimer = window.setTimeout(() => {
      this.webTimer = 0;
      if (this.way.web === 'wanted') void this.openWeb();
    }, after(WEB_RETRY_MS, this.webTries++));
    this.turn({ is: 'web', at: performance.now(), up: false });
  }

  private closeWeb(): void {
    clearTimeout(this.webTimer);
    this.webTimer = 0;
    const web = this.web;
    this.web = null;
    web?.close();
  }

  /** The code of the other way is here before it is needed, and after what everybody needs. */
  private fetchAhead(at: number): void {
    if (this.fetched || !this.way.ever || at - this.sinceMs < FETCH_MS) return;
    this.fetched = true;
    void import('./web-sound').catch(() => (this.fetched = false));
  }

  private woke(): void {
    this.turn({ is: 'woke', at: performance.now() });
    this.web?.resume();
    this.use.suspect();
  }

  private networkChanged = (): void => {
    if (this.watch === 0 || performance.now() - this.way.heardMs < STOP_MS / 2) return;
    this.socketLost();
    this.begin();
  };

  /** The microphone goes into the way that is used; into both for a moment when UDP is gone back to. */
  private attach(): void {
    const stream = this.wanted ? (this.mic?.stream ?? null) : null;
    const web = this.web;
    const byWeb = this.way.by === 'web';
    const sender = this.pc?.getTransceivers()[0]?.sender;
    void sender?.replaceTrack(byWeb ? null : (stream?.getAudioTracks()[0] ?? null)).catch(() => undefined);
    if (byWeb || !stream) web?.speak(stream);
    else window.setTimeout(() => this.way.by !== 'web' && web?.speak(null), OVERLAP_MS);
  }

  /** Another microphone takes over, and that is said; without one the person is muted for all to see. */
  private async unplugged(label: string): Promise<void> {
    const on = this.wanted;
    const mic = await this.loadMic();
    mic.close();
    mic.deviceId = '';
    this.attach();
    if (on && (await mic.open()) && this.wanted) {
      this.attach();
      this.use.note(`${label || 'Your microphone'} is gone. You are heard by ${mic.track?.label || 'another microphone'} now.`);
      return;
    }
    this.wanted = false;
    this.use.set({ device: 'absent', wanted: false });
    this.use.muted(true);
  }
}
