/** Runs on the browser's audio thread: takes the microphone in steps of 20 ms, and plays what the page decoded. */
import { Playout } from './playout';

declare const currentTime: number;
declare function registerProcessor(name: string, is: new () => AudioWorkletProcessor): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

const STEP = 960;
const FADE = 1 / (48 * 80); // a sample: 80 ms from the one way to the other

class Capture extends AudioWorkletProcessor {
  private step = new Float32Array(STEP);
  private n = 0;

  process([input]: Float32Array[][]): boolean {
    const mono = input?.[0];
    if (!mono) return true; // nothing is connected
    for (const x of mono) {
      this.step[this.n++] = x;
      if (this.n < STEP) continue;
      this.port.postMessage(this.step, [this.step.buffer]);
      this.step = new Float32Array(STEP);
      this.n = 0;
    }
    return true;
  }
}

class Play extends AudioWorkletProcessor {
  private readonly queue = new Playout();
  private gain = 0;
  private wanted = 0;
  private toldAt = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<{ at: number; pcm: Float32Array } | { gain: number }>) => {
      if ('pcm' in data) this.queue.push(data.at, data.pcm, currentTime * 1000);
      else this.wanted = data.gain;
    };
  }

  process(_: Float32Array[][], [output]: Float32Array[][]): boolean {
    const out = output?.[0];
    if (!out) return true;
    this.queue.pull(out, currentTime * 1000);
    if (currentTime - this.toldAt >= 1) {
      this.toldAt = currentTime;
      this.port.postMessage({ inHandMs: Math.round(this.queue.inHand / 48), targetMs: this.queue.target / 48, stalls: this.queue.stalls, cutMs: this.queue.cut / 48 });
    }
    for (let i = 0; i < out.length; i++) {
      this.gain = Math.max(0, Math.min(1, this.gain + (this.wanted > this.gain ? FADE : -FADE)));
      if (this.wanted === 1 && this.gain > 1 - FADE) this.gain = 1;
      out[i] = (out[i] ?? 0) * this.gain;
    }
    return true;
  }
}

registerProcessor('capture', Capture);
registerProcessor('play', Play);
