/**
 * The one file that touches RTCPeerConnection and getUserMedia. Hearing: answer the server's offer,
 * no permission needed. Speaking: the microphone is opened when the person presses it, and put into
 * the sender by replaceTrack, so no second negotiation is ever needed.
 */
import type { ServerMedia } from '../protocol/generated/protocol';
import type { SoundFacts } from '../state/own-sound';
import { Hear } from './hear';
import { type Level, measure } from './level';

export interface SoundUse {
  ask(): void; // media.ask
  answer(sdp: string): void; // media.answer
  muted(muted: boolean): void; // sound.mute
  set(facts: Partial<SoundFacts>): void;
  heard(h: { hearing: boolean; blocked: boolean }): void;
  level(l: Level): void;
}

const NO_WAY_MS = 5000; // UDP that has not come through by then does not (networks that block it)
const LOOK_MS = 250;
const STALE_MS = 4000; // connected, yet nothing decoded
const RETRY_MS = [3000, 10000, 20000, 30000];

export class Sound {
  private pc: RTCPeerConnection | null = null;
  private mic: MediaStream | null = null;
  private wanted = false;
  private stopMeter: (() => void) | null = null;
  private readonly hear: Hear;
  private watch = 0;
  private retryTimer = 0;
  private retries = 0;
  private lookedMs = 0;
  private sinceMs = 0; // of the last sign of sound, or of the answer
  private link: SoundFacts['link'] = 'none';
  private hearing = false;
  private deaf = false;
  private cut = false; // the socket broke: the server drops the peer with it, whatever this side still believes
  deviceId = '';

  constructor(private readonly use: SoundUse) {
    this.hear = new Hear(() => this.tellHeard());
    void this.permission();
  }

  /** Asks the server for an offer. Called when the room is open and after every loss. */
  begin(): void {
    clearTimeout(this.retryTimer);
    if (!this.cut && this.pc?.connectionState === 'connected' && (this.hearing || this.deaf)) return;
    this.cut = false;
    this.drop();
    this.setLink(this.link === 'no_way' ? 'no_way' : 'asking');
    this.use.ask();
    this.again(RETRY_MS[Math.min(this.retries, RETRY_MS.length - 1)] ?? 30000, () => this.link === 'asking' || this.link === 'no_way');
  }

  /** What still plays goes on playing; the next begin() asks anew, at once. */
  socketLost(): void {
    this.cut = true;
    this.retries = 0;
  }

  message(m: ServerMedia): void {
    switch (m.k) {
      case 'offer': void this.accept(m.sdp ?? ''); return;
      case 'connected': return; // the server's view; ours is the packets
      case 'gone': this.setLink('gone'); this.retrySoon(); return;
      case 'refused': this.drop(); this.setLink('refused'); return;
      case 'full': this.drop(); this.setLink('full'); this.retrySoon(); return;
    }
  }

  /** The person's press. Mute acts here at once, the server is told after. */
  async setOn(on: boolean): Promise<void> {
    this.wanted = on;
    this.use.set({ wanted: on, mutedBy: '', notReceivedMs: 0 });
    if (!on) {
      this.attach(null);
      this.use.muted(true);
      return;
    }
    if (!(await this.openMic()) || !this.wanted) return;
    this.attach(this.mic);
    this.use.muted(false);
  }

  /** The chair muted this seat: stop first, words after. */
  silence(byName: string, atUs: number): void {
    this.wanted = false;
    this.attach(null);
    this.use.set({ wanted: false, mutedBy: byName, mutedUs: atUs });
  }

  /** After coming back the server hears what the person last pressed. */
  tellAgain(): void {
    this.use.muted(!this.wanted);
  }

  async choose(deviceId: string): Promise<void> {
    this.deviceId = deviceId;
    this.closeMic();
    if (this.wanted) await this.setOn(true);
    else await this.openMic();
  }

  async microphones(): Promise<{ id: string; label: string }[]> {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((d) => d.kind === 'audioinput').map((d, i) => ({ id: d.deviceId, label: d.label || `Microphone ${i + 1}` }));
  }

  playNow(): void {
    this.hear.start();
  }

  sinceBeat(): boolean {
    return this.hear.sinceBeat();
  }

  counters(): object {
    return { link: this.link, connection: this.pc?.connectionState ?? 'none', ...this.hear.counters() };
  }

  /** A guest outside the own item: the way is laid, muted and deaf, so that the own item is heard at once. */
  waitDeaf(): void {
    if (this.deaf) {
      if (this.cut) this.begin();
      return;
    }
    this.deaf = true;
    this.wanted = false;
    this.attach(null);
    this.use.set({ wanted: false });
    this.begin();
  }

  undeafen(): void {
    this.deaf = false;
    this.sinceMs = performance.now();
  }

  close(): void {
    clearTimeout(this.retryTimer);
    this.drop();
    this.closeMic();
  }

  private async accept(sdp: string): Promise<void> {
    this.drop();
    const pc = new RTCPeerConnection();
    this.pc = pc;
    this.setLink(this.link === 'no_way' ? 'no_way' : 'connecting');
    pc.ontrack = (e) => this.hear.play(e.streams[0] ?? new MediaStream([e.track]));
    pc.onconnectionstatechange = () => pc === this.pc && this.connection(pc);
    try {
      await pc.setRemoteDescription({ type: 'offer', sdp });
      const audio = pc.getTransceivers()[0];
      if (audio) audio.direction = 'sendrecv'; // the way to speak is laid now, muted
      await pc.setLocalDescription(await pc.createAnswer());
    } catch {
      if (pc === this.pc) this.retrySoon();
      return;
    }
    if (pc !== this.pc) return;
    this.use.answer(pc.localDescription?.sdp ?? '');
    this.sinceMs = performance.now();
    this.lookedMs = 0;
    this.watch = window.setInterval(() => void this.look(pc), LOOK_MS);
    if (this.wanted) this.attach(this.mic);
  }

  private connection(pc: RTCPeerConnection): void {
    if (pc.connectionState === 'connected') {
      this.retries = 0;
      this.sinceMs = performance.now();
      this.setLink('up');
    } else if (pc.connectionState === 'failed') {
      this.noWay();
    }
  }

  /** Is sound really decoded? Once a second; until it is, more often: to be back is to hear. */
  private async look(pc: RTCPeerConnection): Promise<void> {
    if (this.hearing && performance.now() - this.lookedMs < 1000 - LOOK_MS / 2) return;
    this.lookedMs = performance.now();
    const grew = await this.hear.read(pc);
    if (pc !== this.pc) return;
    const now = performance.now();
    if (grew || (this.deaf && pc.connectionState === 'connected')) this.sinceMs = now;
    this.hearing = grew && this.hear.playing;
    this.tellHeard();
    const quietMs = now - this.sinceMs;
    if (pc.connectionState !== 'connected') {
      if (quietMs > NO_WAY_MS) this.noWay();
    } else if (!this.hear.everHeard) {
      if (quietMs > NO_WAY_MS) this.noWay();
    } else if (quietMs > STALE_MS) {
      this.setLink('gone');
      this.retrySoon();
    }
  }

  private noWay(): void {
    this.drop();
    this.setLink('no_way');
    this.retrySoon();
  }

  private retrySoon(): void {
    this.drop();
    const ms = this.link === 'no_way' || this.retries > 0 ? (RETRY_MS[Math.min(this.retries, RETRY_MS.length - 1)] ?? 30000) : 250;
    this.retries += 1;
    this.again(ms, () => true);
  }

  private again(ms: number, still: () => boolean): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = window.setTimeout(() => still() && this.begin(), ms);
  }

  private drop(): void {
    clearInterval(this.watch);
    const pc = this.pc;
    this.pc = null;
    this.hearing = false;
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
    this.use.set({ link });
  }

  private tellHeard(): void {
    this.use.heard({ hearing: this.hearing, blocked: this.hear.blocked });
  }

  private attach(stream: MediaStream | null): void {
    const sender = this.pc?.getTransceivers()[0]?.sender;
    void sender?.replaceTrack(stream?.getAudioTracks()[0] ?? null).catch(() => undefined);
  }

  private async openMic(): Promise<boolean> {
    if (this.mic?.getAudioTracks()[0]?.readyState === 'live') return true;
    this.use.set({ opening: true });
    try {
      const audio: MediaTrackConstraints = this.deviceId ? { deviceId: { exact: this.deviceId } } : {};
      this.mic = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, ...audio } });
    } catch (e) {
      this.wanted = false;
      this.use.set({ opening: false, wanted: false, device: fault(e), voiceMs: 0, silentMs: 0 });
      this.use.muted(true);
      return false;
    }
    this.use.set({ opening: false, device: 'live' });
    const track = this.mic.getAudioTracks()[0];
    if (track) track.onended = () => this.unplugged();
    this.stopMeter = measure(this.mic, (l) => this.use.level(l));
    return true;
  }

  private unplugged(): void {
    this.closeMic();
    this.wanted = false;
    this.use.set({ device: 'absent', wanted: false });
    this.use.muted(true);
  }

  private closeMic(): void {
    this.stopMeter?.();
    this.stopMeter = null;
    for (const t of this.mic?.getTracks() ?? []) {
      t.onended = null;
      t.stop();
    }
    this.mic = null;
    this.use.level({ bars: 0, voiceMs: 0, silentMs: 0 });
  }

  /** What the browser already knows, without asking the person anything. */
  private async permission(): Promise<void> {
    if (!navigator.mediaDevices) {
      this.use.set({ device: 'absent' });
      return;
    }
    try {
      const p = await navigator.permissions.query({ name: 'microphone' as PermissionName });
      const tell = (): void => {
        if (p.state === 'denied') this.use.set({ device: 'blocked' });
        else if (!this.mic) this.use.set({ device: 'unasked' });
      };
      p.onchange = tell;
      if (p.state === 'denied') tell();
    } catch {
      // A browser that does not answer this is asked when the person presses the microphone.
    }
  }
}

function fault(e: unknown): SoundFacts['device'] {
  const name = e instanceof DOMException ? e.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'blocked';
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'absent';
}
