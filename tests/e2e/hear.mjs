// Hears what a page hears, and says whether it is a given voice: normalised correlation of 1 s
// windows in the band 100-3400 Hz, as media tests of this project do everywhere.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, out } from './lib.mjs';

const RATE = 8000;

/** Made under another name first: two walks may want the same sound at once. */
function made(wav, args) {
  if (existsSync(wav)) return wav;
  const half = `${wav.slice(0, -4)}.${process.pid}.wav`;
  execFileSync('sox', args(half));
  renameSync(half, wav);
  return wav;
}

/** A 48 kHz WAV of a test voice, made once from the FLAC in the fixtures. */
export function voiceFile(name) {
  return made(join(out, `${name}.wav`), (to) => ['-D', join(root, `tests/fixtures/speech/${name}.flac`), '-b', '16', to]);
}

/** A tone of `hz`, 10 s, as microphone. */
export function toneFile(hz) {
  return made(join(out, `tone-${hz}.wav`), (to) => ['-n', '-r', '48000', '-c', '1', '-b', '16', to, 'synth', '10', 'sine', String(hz), 'vol', '0.5']);
}

const read = new Map();

/** Band-passed samples at 8 kHz of a test voice, read once. */
export function voice(name) {
  if (!read.has(name)) read.set(name, samples(voiceFile(name)));
  return read.get(name);
}

/** Band-passed samples at 8 kHz of a file. */
export function samples(file) {
  const raw = execFileSync('sox', [file, '-r', String(RATE), '-c', '1', '-e', 'floating-point', '-b', '32', '-t', 'raw', '-', 'sinc', '100-3400'],
    { maxBuffer: 1 << 28 });
  return new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
}

/** Makes microphones give their file unchanged: no echo canceller, no gain control. Before any page script. */
export function plainMicrophone(page) {
  return page.addInitScript(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) =>
      ask({ ...wanted, audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    // Every connection is remembered, so that its sound can be heard.
    const Plain = window.RTCPeerConnection;
    window.__connections = [];
    window.RTCPeerConnection = class extends Plain {
      constructor(...given) {
        super(...given);
        window.__connections.push(this);
      }
    };
  });
}

/**
 * Begins to record what the page's newest connection receives. `take(from)` gives what was recorded since sample
 * `from`, or nothing once there is a newer connection; `end()` lets go of it.
 */
async function recorder(page) {
  await page.evaluate(() => {
    const newest = () => window.__connections.filter((c) => c.connectionState === 'connected').at(-1);
    const connection = newest();
    if (!connection) throw new Error('no connection');
    const context = new AudioContext({ sampleRate: 48000 });
    const source = context.createMediaStreamSource(new MediaStream([connection.getReceivers()[0].track]));
    const tap = context.createScriptProcessor(4096, 1, 1);
    const parts = [];
    source.connect(tap);
    tap.connect(context.destination);
    tap.onaudioprocess = ({ inputBuffer }) => {
      parts.push(Int16Array.from(inputBuffer.getChannelData(0), (v) => Math.max(-32768, Math.min(32767, Math.round(v * 32767)))));
    };
    window.__recorder = {
      async take(from, least) {
        const first = Math.floor(from / 4096);
        while (parts.length * 4096 < from + least && newest() === connection) await new Promise((r) => setTimeout(r, 20));
        if (newest() !== connection) return null;
        let text = '';
        for (const part of parts.slice(first)) text += String.fromCharCode(...new Uint8Array(part.buffer));
        return btoa(text);
      },
      end() {
        tap.disconnect();
        return context.close();
      },
    };
  });
  return {
    take: async (from, least) => {
      const text = await page.evaluate(([f, l]) => window.__recorder.take(f, l), [from, least]);
      return text === null ? null : Buffer.from(text, 'base64');
    },
    end: () => page.evaluate(() => window.__recorder?.end()).catch(() => undefined),
  };
}

/** Samples at 8 kHz, band-passed, of 48 kHz 16 bit; the WAV stays in `out` for whoever wants to listen. */
function taken(raw, name) {
  const file = join(out, `${name}.raw`), wav = join(out, `${name}.wav`);
  writeFileSync(file, raw);
  execFileSync('sox', ['-r', '48000', '-c', '1', '-e', 'signed', '-b', '16', file, wav]);
  rmSync(file);
  return samples(wav);
}

/** Records `seconds` of what the page's newest connection receives; Float32Array at 8 kHz, band-passed. */
export async function listen(page, seconds, name) {
  const tape = await recorder(page);
  const raw = await tape.take(0, seconds * 48000);
  await tape.end();
  if (!raw) throw new Error(`${name}: the connection changed`);
  return taken(raw, name);
}

/**
 * Listens until the last `seconds` satisfy `is`, at most `patience` seconds: a machine that stood still, or a buffer
 * that still settles, spoils the windows of that time and no others. The row of the best set; `is` says whether it did.
 */
export async function listenUntil(page, name, { seconds, window, source, is, patience = 40 }) {
  const began = Date.now();
  let best = { windows: 0, share: 0, highest: 0, steady: 0, good: 0, rows: [] };
  while (Date.now() < began + patience * 1000) {
    const tape = await recorder(page);
    let raw = Buffer.alloc(0), from = 0, wanted = seconds * 48000;
    while (Date.now() < began + patience * 1000) {
      const more = await tape.take(from, wanted - from);
      if (!more) break; // another connection: begin again
      raw = Buffer.concat([raw.subarray(0, 2 * 4096 * Math.floor(from / 4096)), more]);
      from = raw.length / 2;
      const heard = taken(raw, name);
      const row = compare(heard.subarray(Math.max(0, heard.length - seconds * RATE)), source, { seconds: window });
      row.good = row.rows.filter((r) => r.r > 0.8).length;
      if (row.share >= best.share) best = row;
      if (is(row)) {
        await tape.end();
        return row;
      }
      wanted = from + 48000;
    }
    await tape.end();
  }
  return best;
}

// ---- correlation by FFT ----

const tables = new Map();

/** cos and sin of every turn of one size, computed once. */
function table(n) {
  if (!tables.has(n)) {
    const cos = new Float64Array(n / 2), sin = new Float64Array(n / 2);
    for (let k = 0; k < n / 2; k++) {
      cos[k] = Math.cos((2 * Math.PI * k) / n);
      sin[k] = Math.sin((2 * Math.PI * k) / n);
    }
    tables.set(n, { cos, sin });
  }
  return tables.get(n);
}

function fft(re, im, inverse) {
  const n = re.length;
  const { cos, sin } = table(n);
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  const sign = inverse ? 1 : -1;
  for (let size = 2; size <= n; size <<= 1) {
    const half = size / 2, step = n / size;
    for (let from = 0; from < n; from += size) {
      for (let k = 0; k < half; k++) {
        const c = cos[k * step], s = sign * sin[k * step];
        const a = from + k, b = a + half;
        const x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
        re[b] = re[a] - x; im[b] = im[a] - y;
        re[a] += x; im[a] += y;
      }
    }
  }
}

const spectra = new WeakMap();

/** The voice, looped by one window, and its spectrum: the same for all windows of this length. */
function spectrum(source, length) {
  const kept = spectra.get(source);
  if (kept?.length === length) return kept;
  const looped = new Float32Array(source.length + length);
  looped.set(source);
  looped.set(source.subarray(0, length), source.length);
  let size = 1;
  while (size < looped.length + length) size <<= 1;
  const re = new Float64Array(size), im = new Float64Array(size);
  re.set(looped);
  fft(re, im, false);
  const made = { length, looped, size, re, im };
  spectra.set(source, made);
  return made;
}

/** Best normalised correlation of `window` anywhere in `source` (looped), and its place in samples. */
function bestMatch(window, source) {
  const { looped, size, re, im } = spectrum(source, window.length);
  const ar = new Float64Array(size), ai = new Float64Array(size);
  ar.set(window);
  fft(ar, ai, false);
  for (let i = 0; i < size; i++) {
    const x = re[i] * ar[i] + im[i] * ai[i];
    ai[i] = im[i] * ar[i] - re[i] * ai[i];
    ar[i] = x;
  }
  fft(ar, ai, true);
  let energy = 0, own = 0;
  for (let i = 0; i < window.length; i++) {
    energy += looped[i] ** 2;
    own += window[i] ** 2;
  }
  let best = { r: 0, at: 0 };
  for (let at = 0; at + window.length <= looped.length; at++) {
    const r = ar[at] / size / Math.sqrt(energy * own + 1e-12);
    if (r > best.r) best = { r, at };
    energy += (looped[at + window.length] ?? 0) ** 2 - looped[at] ** 2;
  }
  return best;
}

export function loudness(heard) {
  let sum = 0;
  for (const v of heard) sum += v * v;
  return Math.sqrt(sum / heard.length);
}

/**
 * Windows of 1 s (or `seconds`) that carry sound, each with its best r against the voice.
 * share: windows with r > 0.8; highest: the best of all.
 */
export function compare(heard, voice, { seconds = 1 } = {}) {
  const rows = [];
  const length = seconds * RATE;
  for (let from = 0; from + length <= heard.length; from += length) {
    const window = heard.subarray(from, from + length);
    if (loudness(window) < 0.002) continue;
    const { r, at } = bestMatch(window, voice);
    rows.push({ r, lag: (((at - from) % voice.length) + voice.length) % voice.length });
  }
  const good = rows.filter((row) => row.r > 0.8);
  let steady = 0;
  for (let i = 1; i < good.length; i++) steady += Math.abs(good[i].lag - good[i - 1].lag) <= (5 * RATE) / 1000 ? 1 : 0;
  return { windows: rows.length, share: rows.length ? good.length / rows.length : 0, highest: Math.max(0, ...rows.map((row) => row.r)), steady, rows };
}

/** Strength of one tone against everything (0..1), by Goertzel. */
export function tone(heard, hz) {
  const w = (2 * Math.PI * hz) / RATE;
  let s1 = 0, s2 = 0, all = 0;
  for (const v of heard) {
    const s = v + 2 * Math.cos(w) * s1 - s2;
    s2 = s1;
    s1 = s;
    all += v * v;
  }
  const power = s1 * s1 + s2 * s2 - 2 * Math.cos(w) * s1 * s2;
  return (2 * power) / (heard.length * all + 1e-12);
}
