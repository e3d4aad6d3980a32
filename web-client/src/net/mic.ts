/** The one file that touches getUserMedia: the own microphone, its level, and what becomes of it when it is unplugged. */
import type { SoundFacts } from '../state/own-sound';
import { type Level, measure } from './level';

export interface MicUse {
  set(facts: Partial<SoundFacts>): void;
  level(l: Level): void;
  ended(label: string): void; // unplugged, or taken by the system
}

export class Mic {
  stream: MediaStream | null = null;
  deviceId = '';
  private stopMeter: (() => void) | null = null;

  constructor(private readonly use: MicUse) {
    void this.permission();
  }

  get track(): MediaStreamTrack | null {
    return this.stream?.getAudioTracks()[0] ?? null;
  }

  /** False: there is none, and the facts say why. */
  async open(): Promise<boolean> {
    if (this.track?.readyState === 'live') {
      this.use.set({ opening: false, device: 'live' });
      return true;
    }
    this.use.set({ opening: true });
    try {
      const audio: MediaTrackConstraints = this.deviceId ? { deviceId: { exact: this.deviceId } } : {};
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, ...audio } });
    } catch (e) {
      this.use.set({ opening: false, wanted: false, device: fault(e), voiceMs: 0, silentMs: 0 });
      return false;
    }
    this.use.set({ opening: false, device: 'live' });
    const track = this.track;
    if (track) track.onended = () => this.use.ended(track.label);
    this.stopMeter = measure(this.stream, (l) => this.use.level(l));
    return true;
  }

  close(): void {
    this.stopMeter?.();
    this.stopMeter = null;
    for (const t of this.stream?.getTracks() ?? []) {
      t.onended = null;
      t.stop();
    }
    this.stream = null;
    this.use.level({ bars: 0, voiceMs: 0, silentMs: 0 });
  }

  async list(): Promise<{ id: string; label: string }[]> {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((d) => d.kind === 'audioinput').map((d, i) => ({ id: d.deviceId, label: d.label || `Microphone ${i + 1}` }));
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
        else if (!this.stream) this.use.set({ device: 'unasked' });
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
