// Sentences become sound once: espeak-ng speaks, sox brings it to 48 kHz mono at one loudness. The
// files are named by what is said and who says it, and stay in the demo's folder.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BYTES_PER_MS = 96;

export class Voices {
  #folder;
  #making = new Map();
  #last = Promise.resolve();

  constructor(folder) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** The file of a sentence, made if it is not there; one at a time, so that the server keeps its cores. */
  get(voice, text) {
    const name = createHash('sha256').update(JSON.stringify([voice, text])).digest('hex').slice(0, 24);
    const path = join(this.#folder, `${name}.wav`);
    if (existsSync(path)) return Promise.resolve(path);
    if (!this.#making.has(path)) {
      const made = this.#last.then(() => this.#make(voice, text, path)).finally(() => this.#making.delete(path));
      this.#making.set(path, made);
      this.#last = made.catch(() => undefined);
    }
    return this.#making.get(path);
  }

  static milliseconds(path) {
    return statSync(path).size / BYTES_PER_MS;
  }

  async #make(voice, text, path) {
    const raw = `${path}.raw.wav`, part = `${path}.part.wav`;
    await run('espeak-ng', ['-v', voice.name, '-p', String(voice.pitch), '-s', String(voice.speed), '-w', raw, text]);
    await run('sox', [raw, '-r', '48000', '-c', '1', '-b', '16', part, 'norm', '-5', 'pad', '0', '0.2']);
    unlinkSync(raw);
    renameSync(part, path);
    return path;
  }
}
