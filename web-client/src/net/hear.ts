/** What arrives: plays the mix and counts what was really decoded. */
export interface Heard {
  playing: boolean;
  blocked: boolean; // the browser waits for a press before it plays sound
  packets: number;
  samples: number;
}

export class Hear {
  private readonly audio = new Audio();
  private last = { packets: 0, samples: 0 };
  private beatLast = { packets: 0, samples: 0 };
  private now = { packets: 0, samples: 0 };
  blocked = false;

  constructor(private readonly changed: () => void) {
    this.audio.autoplay = true;
  }

  play(stream: MediaStream): void {
    this.audio.srcObject = stream;
    this.start();
  }

  /** Called again from the one button when autoplay was blocked. */
  start(): void {
    this.audio.play().then(
      () => this.setBlocked(false),
      (e: unknown) => this.setBlocked(e instanceof DOMException && e.name === 'NotAllowedError'),
    );
  }

  /** Another way plays: this one goes on unheard, so that it can take over without a gap. */
  mute(muted: boolean): void {
    this.audio.muted = muted;
  }

  stop(): void {
    this.audio.srcObject = null;
  }

  reset(): void {
    this.last = this.beatLast = this.now = { packets: 0, samples: 0 };
  }

  /** Reads the counters of the connection; true when sound was decoded since the last reading. */
  async read(pc: RTCPeerConnection): Promise<boolean> {
    const report = await pc.getStats();
    report.forEach((s: { type: string; kind?: string; packetsReceived?: number; totalSamplesReceived?: number }) => {
      if (s.type !== 'inbound-rtp' || s.kind !== 'audio') return;
      this.now = { packets: s.packetsReceived ?? 0, samples: s.totalSamplesReceived ?? 0 };
    });
    const grew = this.grewSince(this.last);
    this.last = this.now;
    return grew;
  }

  get everHeard(): boolean {
    return this.now.packets > 0;
  }

  /** For the beat: packets arrived, samples were decoded, and the element plays them. */
  sinceBeat(): boolean {
    const grew = this.grewSince(this.beatLast) && !this.audio.paused && !this.audio.muted;
    this.beatLast = this.now;
    return grew;
  }

  get playing(): boolean {
    return !this.audio.paused;
  }

  counters(): Heard {
    return { playing: this.playing, blocked: this.blocked, ...this.now };
  }

  private grewSince(was: { packets: number; samples: number }): boolean {
    return this.now.packets > was.packets && this.now.samples > was.samples;
  }

  private setBlocked(blocked: boolean): void {
    this.blocked = blocked;
    this.changed();
  }
}
