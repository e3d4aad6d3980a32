// Writes the plan while the others talk: takes a field, saves its text as it grows, lets it go.
// What a human has written, or is writing, is left alone.
import { sleep } from './colleague.js';

const SAVE_MS = 700;
const WORDS_A_SAVE = 5;
const TEXTS = new Set(['answered', 'wishes', 'reasons', 'would_change', 'stage_agreed', 'tells_who']);
const TEXT_PARTS = new Set(['what', 'where', 'waits_for', 'owner']);
const PARTS = ['what', 'kind', 'intent', 'owner', 'due', 'where', 'waits_for'];

/** "one two three" grows by some words a save; the last one is whole. */
export function growth(text, words = WORDS_A_SAVE) {
  const all = text.split(' ');
  const steps = [];
  for (let n = words; n < all.length; n += words) steps.push(all.slice(0, n).join(' '));
  return [...steps, text];
}

export class Scribe {
  #work = Promise.resolve();

  constructor(stage, plan) {
    this.stage = stage;
    this.plan = plan;
  }

  write(fields) {
    for (const field of fields) this.#then(() => this.#field(field, this.plan.fields[field] ?? '', TEXTS.has(field)));
  }

  lines(numbers) {
    for (const n of numbers) this.#then(() => this.#line(this.plan.lines[n]));
  }

  #then(job) {
    this.#work = this.#work.then(job).catch((error) => this.stage.log(`scribe: ${error.message}`));
  }

  finished() {
    return this.#work;
  }

  /** The scribe; where a human has that role, the plan is the human's to write. */
  get #who() {
    const who = this.stage.cast.scribe;
    return who.isIn && this.stage.isOurDraft() && who.room.draft.phase === 'draft' ? who : undefined;
  }

  async #field(name, text, grows) {
    const who = this.#who;
    const own = () => who.room.draft.fields.get(name) ?? { version: 0, value: '', lease: '' };
    if (!who || !text || own().value || !(await this.stage.act(who, 'plan.take', { field: name }))) return;
    for (const value of grows ? growth(text) : [text]) {
      const base = own().version;
      if (!(await this.stage.act(who, 'plan.set', { field: name, base, value }))) break;
      await this.stage.until((room) => !who.isIn || own().version > base, 3000);
      await sleep(SAVE_MS);
    }
    await this.stage.act(who, 'plan.drop', { field: name });
  }

  async #line(line) {
    const who = this.#who;
    if (!who || !line) return;
    const before = new Set(who.room.draft.lines);
    const fresh = () => who.room.draft.lines.find((it) => !before.has(it));
    if (!(await this.stage.act(who, 'plan.line_add', {}))) return;
    await this.stage.until(() => !who.isIn || fresh() !== undefined, 3000);
    const id = fresh();
    if (!id) return;
    for (const part of PARTS) await this.#field(`line.${id}.${part}`, line[part] ?? '', TEXT_PARTS.has(part));
  }
}
