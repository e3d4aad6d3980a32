/**
 * Sound over a web connection of its own, where UDP does not pass: Opus by WebCodecs, the microphone taken and the
 * room played by worklets. Fetched when it is needed.
 *
 * Echo: the microphone comes from getUserMedia with echo cancellation as on the other way, and what is played is the
 * page's ordinary output, which browsers give their canceller as reference (measured for Firefox: media-spike, 5).
 */
import { STEP, dBov, readFrame, writeFrame } from './frame';
import workletUrl from './worklet.ts?worker&url';

export interface WebSoundUse {
  up(): void;
  down(): void; // once, also after close()
}

const BITRATE = 24000;
const ALIVE_MS = 400; // in a pause one frame so often, as the server does
const QUEUED = 10; // steps a codec may be behind: what is older is not worth the delay
const UNSENT_BYTES = 1200; // some 200 ms that the browser could not write: the newest waits for the link
const OPEN_MS = 5000;
const PLAYS_MS = 900;

export class WebSound {
  private readonly ws: WebSocket;
  private readonly ctx: AudioContext;
  private player: AudioWorkletNode | null = null;
  private taker: AudioWorkletNode | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private stream: MediaStream | null = null;
  private decoder: AudioDecoder | null = null;
  private encoder: AudioEncoder | null = null;
  private readonly due: number[] = []; // timestamps of what is being decoded
  private readonly levels = new Map<number, number>(); // by step, of what is being encoded
  private step = 0; // of the microphone, 20 ms each
  private seq = 0;
  private sentMs = 0;
  private cameMs = performance.now();
  private decoded = 0;
  private sent = 0;
  private unsent = 0;
  private beatDecoded = 0;
  private ended = false;
  private gain = 0;
  private played: object = {}; // what the worklet tells once a second

  constructor(meeting: string, private readonly use: WebSoundUse) {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.ctx = new AudioContext({ sampleRate: 48000, latencyHint: 'interactive' });
    this.ws = new WebSocket(`${scheme}://${location.host}/ws/audio?meeting=${meeting}`, 'consilium.audio.v1');
    this.ws.binaryType = 'arraybuffer';
    const tooLong = window.setTimeout(() => this.close(), OPEN_MS);
    const open = new Promise<void>((done) => (this.ws.onopen = () => done()));
    this.ws.onmessage = (e) => e.data instanceof ArrayBuffer && this.came(e.data);
    this.ws.onclose = () => this.close();
    Promise.all([open, this.worklets()]).then(() => {
      clearTimeout(tooLong);
      this.cameMs = performance.now();
      if (!this.ended) this.use.up();
    }, () => this.close());
  }

  get blocked(): boolean {
    return this.ctx.state === 'suspended';
  }

  /** Since a frame came; the server sends one each 400 ms even in silence. */
  get quietMs(): number {
    return performance.now() - this.cameMs;
  }

  get playing(): boolean {
    return this.ctx.state === 'running' && this.quietMs < PLAYS_MS;
  }

  sinceBeat(): boolean {
    const grew = this.decoded > this.beatDecoded && this.ctx.state === 'running';
    this.beatDecoded = this.decoded;
    return grew;
  }

  heardNow(): void {
    this.cameMs = performance.now();
  }

  counters(): object {
    return { decoded: this.decoded, sent: this.sent, unsent: this.unsent, quietMs: Math.round(this.quietMs), context: this.ctx.state, ...this.played };
  }

  resume(): void {
    void this.ctx.resume();
  }

  /** Faded within 80 ms. */
  play(on: boolean): void {
    this.gain = on ? 1 : 0;
    this.player?.port.postMessage({ gain: this.gain });
    if (on) this.resume();
  }

  /** null: muted; nothing is taken from the microphone and nothing sent. */
  speak(stream: MediaStream | null): void {
    if (stream === this.stream) return;
    this.stream = stream;
    this.source?.disconnect();
    this.source = null;
    if (!stream || !this.taker) return;
    this.encoder ??= this.makeEncoder();
    // The clock goes on while nothing is sent, or the server would take the pause for lost sound.
    this.step = Math.max(this.step + 1, Math.round(performance.now() / 20));
    this.source = this.ctx.createMediaStreamSource(stream);
    this.source.connect(this.taker);
    this.resume();
  }

  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.ws.onclose = this.ws.onmessage = null;
    this.ws.close();
    this.source?.disconnect();
    for (const codec of [this.decoder, this.encoder]) if (codec && codec.state !== 'closed') codec.close();
    void this.ctx.close().catch(() => undefined);
    this.use.down();
  }

  private async worklets(): Promise<void> {
    await this.ctx.audioWorklet.addModule(workletUrl);
    this.player = new AudioWorkletNode(this.ctx, 'play', { numberOfInputs: 0, outputChannelCount: [1] });
    this.player.port.onmessage = ({ data }: MessageEvent<object>) => (this.played = data);
    this.player.connect(this.ctx.destination);
    this.player.port.postMessage({ gain: this.gain });
    this.taker = new AudioWorkletNode(this.ctx, 'capture', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
    this.taker.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => this.took(data);
    this.decoder = this.makeDecoder();
    const stream = this.stream; // spoken before the worklets were here
    this.stream = null;
    this.speak(stream);
  }

  // ---- the room ----

  private makeDecoder(): AudioDecoder {
    const decoder = new AudioDecoder({
      output: (sound) => {
        const at = this.due.shift();
        const pcm = new Float32Array(sound.numberOfFrames);
        sound.copyTo(pcm, { planeIndex: 0, format: 'f32-planar' });
        sound.close();
        if (at !== undefined) this.player?.port.postMessage({ at, pcm }, [pcm.buffer]);
      },
      error: () => {
        this.due.length = 0;
        if (!this.ended) this.decoder = this.makeDecoder(); // one bad packet is not the end of hearing
      },
    });
    decoder.configure({ codec: 'opus', sampleRate: 48000, numberOfChannels: 1 });
    return decoder;
  }

  private came(bytes: ArrayBuffer): void {
    const frame = readFrame(bytes);
    if (!frame) return;
    this.cameMs = performance.now();
    this.decoded += 1;
    if (frame.opus.length <= 1 || !this.decoder || this.decoder.decodeQueueSize > QUEUED) return; // a pause, or too slow a device
    this.due.push(frame.timestamp);
    this.decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: Math.round(frame.timestamp / 0.048), data: frame.opus }));
  }

  // ---- the microphone ----

  private makeEncoder(): AudioEncoder {
    const encoder = new AudioEncoder({
      output: (chunk) => this.encoded(chunk),
      error: () => {
        this.levels.clear();
        this.encoder = this.ended ? null : this.makeEncoder();
      },
    });
    const opus = { frameDuration: 20000, application: 'voip', usedtx: true };
    encoder.configure({ codec: 'opus', sampleRate: 48000, numberOfChannels: 1, bitrate: BITRATE, opus });
    return encoder;
  }

  private took(pcm: Float32Array<ArrayBuffer>): void {
    const step = this.step++;
    // The worklet's last frames are on their way when all is closed.
    if (this.ended || !this.stream || this.encoder?.state !== 'configured' || this.encoder.encodeQueueSize > QUEUED) return;
    this.levels.set(step, dBov(pcm));
    const sound = new AudioData({ format: 'f32-planar', sampleRate: 48000, numberOfFrames: STEP, numberOfChannels: 1, timestamp: step * 20000, data: pcm });
    this.encoder.encode(sound);
    sound.close();
  }

  /** Browsers shift the time by the codec's own delay, less than half a step: the step is the nearest. */
  private encoded(chunk: EncodedAudioChunk): void {
    const step = Math.round(chunk.timestamp / 20000);
    const level = this.levels.get(step) ?? 127;
    for (const k of this.levels.keys()) if (k <= step) this.levels.delete(k);
    const now = performance.now();
    if (!this.stream || (chunk.byteLength <= 2 && now - this.sentMs < ALIVE_MS)) return;
    if (this.ws.readyState !== WebSocket.OPEN || this.ws.bufferedAmount > UNSENT_BYTES) {
      this.unsent += 1;
      return;
    }
    const opus = new Uint8Array(chunk.byteLength);
    chunk.copyTo(opus);
    this.sentMs = now;
    this.sent += 1;
    this.ws.send(writeFrame({ level, seq: this.seq++, timestamp: step * STEP, opus }));
  }
}
