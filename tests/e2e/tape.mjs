// A tape of what a page really plays, whichever way it came: the audio element of the peer connection while it is not
// muted, and what its worklets send to the loudspeaker.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { out } from './lib.mjs';
import { samples } from './hear.mjs';

/** Before any script of the page. Goes on until the page ends. */
export function startTape(page) {
  return page.addInitScript(() => {
    const outputs = []; // { stream, on() }
    const Element = window.Audio;
    window.Audio = function Audio(...given) {
      const element = new Element(...given);
      outputs.push({ element, on: () => !element.muted && !element.paused });
      return element;
    };
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
      if (this instanceof AudioWorkletNode && to === this.context.destination) {
        const tap = this.context.createMediaStreamDestination();
        connect.call(this, tap);
        outputs.push({ stream: tap.stream, on: () => true });
      }
      return connect.call(this, to, ...rest);
    };
    const tape = (window.__tape = { parts: [], n: 0, total: 0 });
    addEventListener('load', () => {
      const context = new AudioContext({ sampleRate: 48000 });
      const mix = context.createScriptProcessor(1024, 1, 1);
      connect.call(mix, context.destination);
      mix.onaudioprocess = ({ inputBuffer }) => {
        for (const it of outputs) {
          const stream = it.stream ?? it.element.srcObject;
          if (stream && stream !== it.taken) {
            it.gain?.disconnect();
            it.gain = context.createGain();
            connect.call(connect.call(context.createMediaStreamSource(stream), it.gain), mix);
            it.taken = stream;
          }
          if (it.gain) it.gain.gain.value = it.on() ? 1 : 0;
        }
        tape.parts.push(Int16Array.from(inputBuffer.getChannelData(0), (v) => Math.max(-32768, Math.min(32767, Math.round(v * 32767)))));
        tape.n += 1024;
        tape.total += 1024;
        if (tape.parts.length > 3000) tape.n -= tape.parts.shift().length;
      };
    });
  });
}

/** The next `seconds`, or, below zero, the last; band-passed at 8 kHz as `samples` of a file. */
export async function tapeOf(page, seconds, name) {
  const text = await page.evaluate(async (s) => {
    const tape = window.__tape;
    const length = Math.round(Math.abs(s) * 48000);
    const end = tape.total + (s > 0 ? length : 0);
    while (tape.total < end) await new Promise((r) => setTimeout(r, 20));
    const all = new Int16Array(tape.n);
    let at = 0;
    for (const part of tape.parts) {
      all.set(part, at);
      at += part.length;
    }
    const bytes = new Uint8Array(all.slice(Math.max(0, all.length - length)).buffer);
    let raw = '';
    for (let i = 0; i < bytes.length; i += 32768) raw += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(raw);
  }, seconds);
  const raw = join(out, `${name}.raw`);
  const wav = join(out, `${name}.wav`);
  writeFileSync(raw, Buffer.from(text, 'base64'));
  execFileSync('sox', ['-r', '48000', '-c', '1', '-e', 'signed', '-b', '16', raw, wav]);
  rmSync(raw);
  return samples(wav);
}

/** How long a tone of `hz` is missing at most, in ms, and where: steps of 10 ms in which it is weaker than a tenth of its median. */
export function gaps(heard, hz) {
  const step = 80;
  const strength = [];
  for (let from = 0; from + step <= heard.length; from += step) {
    let re = 0, im = 0;
    for (let i = 0; i < step; i++) {
      re += heard[from + i] * Math.cos((2 * Math.PI * hz * i) / 8000);
      im += heard[from + i] * Math.sin((2 * Math.PI * hz * i) / 8000);
    }
    strength.push(Math.hypot(re, im) / step);
  }
  const usual = [...strength].sort((a, b) => b - a)[Math.floor(strength.length / 4)] ?? 0;
  if (usual < 0.01) return { longest: strength.length * 10 };
  let longest = 0, run = 0, at = 0;
  for (const [i, s] of strength.entries()) {
    run = s < usual / 10 ? run + 1 : 0;
    if (run <= longest) continue;
    longest = run;
    at = (i - run + 1) * 10;
  }
  return { longest: longest * 10, at };
}
