// Plays one meeting from its opening to its close. Every act is done only by a seat that is the
// script's own; where a human has the role, the others talk on and wait for that human within reason.
import { Refusal, SteppedBack, sleep } from './colleague.js';
import { CASES, LINES, OPENING } from './script.js';
import { Scribe } from './scribe.js';
import { Voices } from './voices.js';

const PATIENCE_MS = 15 * 60_000; // for a human chair or presenter, in all, per case
const BETWEEN_MS = 350;

/** What the chair says of a line. All of it is on everybody's screen; the ear gets what is decided. */
export function aloud(line) {
  if (/^\d+\. /.test(line)) return line.split(' (')[0];
  if (line.startsWith('Dissent')) return `${line.split(':')[0]}, as written.`;
  return /^(Answer|Decision|Who tells)/.test(line) ? line : '';
}

export class MeetingOver extends Error {}
/** Humans began to hear one of our cases in a meeting of their own. */
export class CalledOff extends Error {}

export class Stage {
  constructor({ cast, voices, plans, cases, pin, log }) {
    Object.assign(this, { cast, voices, plans, cases, pin, log });
    this.isCalledOff = false; // set from outside, noticed at the next wait
    this.onSigned = () => undefined; // an item whose plan the script signed
  }

  /** The eyes of the script: a colleague who is in the room. */
  get eyes() {
    return Object.values(this.cast).find((it) => it.isIn && it !== this.cast.saltgrass); // a guest sees one case only
  }

  get room() {
    return this.eyes?.room;
  }

  /** Who acts as chair, if it is one of ours. */
  get chair() {
    const seat = this.room?.chair;
    return Object.values(this.cast).find((it) => it.isIn && it.seat === seat);
  }

  get presenter() {
    const seat = this.room?.presenter || this.room?.chair;
    return Object.values(this.cast).find((it) => it.isIn && it.seat === seat);
  }

  /** Waits until `is` holds. A lost connection is waited out; a closed meeting ends everything. */
  async until(is, ms = PATIENCE_MS) {
    const end = Date.now() + ms;
    while (Date.now() < end) {
      if (this.room?.phase === 'closed') throw new MeetingOver();
      if (this.isCalledOff) throw new CalledOff();
      if (this.room && is(this.room)) return true;
      await sleep(200);
    }
    return false;
  }

  /** Asks as `who`; what is refused or lost is logged and does not stop the play. */
  async act(who, kind, data) {
    if (!who?.isIn) return false;
    try {
      await who.ask(kind, data);
      return true;
    } catch (error) {
      if (error instanceof Refusal) this.log(`${who.key}: ${kind} refused: ${error.message}`);
      else if (!(error instanceof SteppedBack)) throw error;
      return false;
    }
  }

  /** Rendered ahead, so that nobody waits for a voice. */
  prepare() {
    const all = [...OPENING, ...Object.values(CASES).flat(), ...Object.values(LINES)];
    for (const it of all) this.voices.get(this.cast[it.by].voice, it.say).catch((error) => this.log(`voice: ${error.message}`));
  }

  async say(who, text, voice = who.voice) {
    if (!who?.isIn) {
      await sleep(1500);
      return;
    }
    try {
      const path = await this.voices.get(voice, text);
      await who.speak(path, Voices.milliseconds(path));
    } catch (error) {
      this.log(`${who.key}: not spoken: ${error.message}`);
    }
    await sleep(BETWEEN_MS);
  }

  // ---- one turn: words, and what happens meanwhile ----

  async turn(it) {
    await this.until(() => true);
    const who = this.cast[it.by];
    if (it.pass) await this.pass(this.cast[it.pass]);
    if (it.give) await this.give(this.cast[it.give]);
    if (it.hand) await this.act(this.cast[it.hand], 'hand.raise', {});
    if (it.page) await this.show(it.page);
    if (it.zoom) await this.act(this.presenter, 'view.settle', box(it.zoom));
    const pointing = it.point ? this.point(it.point) : undefined;
    if (it.write) this.scribe.write(it.write);
    if (it.lines) this.scribe.lines(it.lines);
    if (it.dissent) await this.dissent(who);
    await this.say(who, it.say);
    await pointing;
  }

  async pass(to) {
    // A human who presents is not interrupted by a script.
    if (this.presenter && to.isIn) await this.act(this.presenter, 'presenter.pass', { seat: to.seat });
  }

  async give(to) {
    if (to.isIn && this.room?.hands.includes(to.seat)) await this.act(this.chair, 'floor.give', { seat: to.seat });
  }

  async show(page) {
    const deck = this.room?.documents.find((it) => it.kind === 'pdf' && it.pages.length >= page);
    if (deck) await this.act(this.presenter, 'page.show', { document: deck.document, page });
  }

  async point(places) {
    const who = this.presenter;
    if (!who) return;
    await sleep(1200);
    for (let i = 0; i + 1 < Math.max(places.length, 2); i++) {
      const [from, to] = [places[i], places[i + 1] ?? places[i]];
      for (let step = 0; step < 16; step++) {
        const at = (k) => Math.round(from[k] + ((to[k] - from[k]) * step) / 15);
        await this.act(who, 'pointer', { x: at(0), y: at(1), on: true });
        await sleep(130);
      }
    }
    await this.act(who, 'pointer', { x: 0, y: 0, on: false });
  }

  async dissent(who) {
    const own = this.plan.dissent.find((it) => it.person === who.key);
    if (own && this.isOurDraft()) await this.act(who, 'plan.dissent', { text: own.text, in_note: true });
  }

  isOurDraft() {
    return this.room?.draft.item === this.room?.running && this.room?.running === this.item.item;
  }

  // ---- a case ----

  async play(item) {
    this.item = item;
    const key = this.cases.get(item.case);
    this.plan = this.plans.get(key);
    this.scribe = new Scribe(this, this.plan);
    await this.until((room) => room.draft.item === item.item && room.draft.phase === 'draft', 10_000);
    await this.until((room) => this.deckIsReady(room), 60_000);
    for (const it of CASES[key]) {
      if (await this.standsOrIsOver(item)) break;
      await this.turn(it);
    }
    await this.scribe.finished();
    await this.decide();
  }

  /** A human chair reads back: silence until that is over. True: nothing more is to be said about this case. */
  async standsOrIsOver(item) {
    await this.until((room) => room.draft.phase !== 'readback' || this.chair !== undefined);
    return this.room !== undefined && (this.room.running !== item.item || this.room.draft.phase === 'signed');
  }

  deckIsReady(room) {
    return room.documents.some((it) => it.kind === 'pdf' && it.state !== 'waiting' && it.state !== 'rendering' && it.pages.length > 0);
  }

  isDone() {
    return this.room?.draft.phase === 'signed' || this.room?.running !== this.item.item;
  }

  /** Read back and sign, if the chair is ours; else the human chair does it in the human's own time. */
  async decide() {
    const end = Date.now() + PATIENCE_MS;
    let reminders = 0, reminded = Date.now();
    for (let tries = 0; tries < 4 && Date.now() < end; ) {
      await this.until(() => true);
      if (this.isDone()) return;
      if (this.chair) {
        tries++;
        if (await this.readBack()) return;
        await sleep(8000);
      } else {
        if (reminders < 3 && Date.now() - reminded > 60_000 && this.room.draft.phase === 'draft') {
          reminded = Date.now();
          reminders++;
          await this.say(this.cast.pulmonology, LINES.wait.say);
        }
        await sleep(500);
      }
    }
  }

  async readBack() {
    const draft = () => this.room?.draft;
    if (draft()?.phase !== 'readback' && !(await this.act(this.chair, 'readback.start', {}))) return false;
    if (!(await this.until((room) => room.draft.phase === 'readback', 5000))) return false;
    if (this.plan.outcome.length) await this.act(this.chair, 'plan.outcome', { outcome: this.plan.outcome });
    await sleep(800);
    const digest = draft()?.readback?.digest;
    const stands = () => this.chair && draft()?.readback?.digest === digest && !draft().readback.objection;
    if (!(await this.readAloud(stands))) return this.objected();
    if (!(await this.act(this.chair, 'readback.window', { running: true }))) return false;
    await this.until((room) => !stands() || room.draft.readback?.over, 60_000);
    if (!stands() || !draft().readback.over) return this.objected();
    return this.sign(digest);
  }

  async readAloud(stands) {
    const lines = this.room?.draft.readback?.wording.split('\n') ?? [];
    const calm = this.chair && { ...this.chair.voice, speed: this.chair.voice.speed + 22 };
    for (let n = 0; n < lines.length; n++) {
      if (!stands()) return false;
      await this.act(this.chair, 'readback.line', { n });
      if (aloud(lines[n])) await this.say(this.chair, aloud(lines[n]), calm);
      else await sleep(500);
    }
    if (stands()) await this.say(this.chair, LINES.window.say);
    return stands();
  }

  /** Somebody objected, or the chair is a human now. Ours reads again after a while. */
  async objected() {
    const readback = this.room?.draft.readback;
    if (!this.chair || !this.room) return false;
    if (readback?.objection) {
      await sleep(6000);
      await this.say(this.chair, LINES.resume.say);
      if (this.room?.draft.phase === 'readback') await this.act(this.chair, 'readback.end', {});
      await sleep(20_000);
    }
    return false;
  }

  async sign(digest) {
    const who = this.chair;
    if (!who || who.isHuman) return false;
    const met = this.room.draft.readback.met;
    try {
      await who.browser.call('POST', '/api/plans/sign', { meeting: this.meeting, digest, pin: this.pin,
        reason: met ? '' : 'Rehearsal: a colleague was called away; the others were heard.' });
    } catch (error) {
      this.log(`${who.key}: not signed: ${error.message}`);
      return false;
    }
    this.onSigned(this.item.item);
    await this.until((room) => room.draft.phase === 'signed', 5000);
    await this.say(who, LINES.signed.say);
    return true;
  }

  // ---- the whole meeting ----

  async run(meeting, mayBegin) {
    this.meeting = meeting;
    this.isCalledOff = false;
    this.prepare();
    await Promise.all(Object.values(this.cast).map((it) => it.enter(meeting)));
    if (!(await this.until((room) => room.items.length > 0 && room.chair, 60_000))) throw new Error('the room did not fill');
    await this.act(this.cast.coordinator.isIn ? this.cast.coordinator : this.chair, 'meeting.open', {});
    await mayBegin();
    for (const it of OPENING) await this.turn(it);
    for (const item of [...this.room.items]) {
      if (this.room.item(item.item)?.state !== 'planned' && this.room.running !== item.item) continue;
      if (!(await this.begin(item))) break;
      await this.play(item);
      await this.end(item);
    }
    await this.say(this.chair ?? this.cast.pulmonology, LINES.closing.say);
    await this.close();
  }

  /** Our chair starts the case; a human chair is waited for. */
  async begin(item) {
    const end = Date.now() + PATIENCE_MS;
    while (Date.now() < end) {
      await this.until(() => true);
      if (this.room.running === item.item) return true;
      if (this.room.item(item.item)?.state !== 'planned') return false;
      if (this.room.running === '' && this.chair) await this.act(this.chair, 'item.start', { item: item.item });
      await sleep(500);
    }
    return false;
  }

  /** Out of the case: our chair moves on, a human chair does it, or after all patience the coordinator. */
  async end(item) {
    const end = Date.now() + PATIENCE_MS;
    while (Date.now() < end) {
      await this.until(() => true);
      if (this.room.running !== item.item) return;
      if (this.chair) await this.next();
      else await sleep(500);
    }
    await this.next(this.cast.coordinator);
  }

  async next(who = this.chair) {
    const room = this.room;
    if (!room || !who) return;
    if (room.draft.phase === 'readback') await this.act(who, 'readback.end', {});
    // Ends this case and starts the next one in one act.
    await this.act(who, 'item.next', { unsigned: room.draft.phase === 'signed' ? 'refuse' : 'defer' });
    await sleep(1500);
  }

  async close() {
    await this.until((room) => room.running === '' || !this.chair, 5000);
    for (let tries = 0; tries < 20 && this.room?.phase === 'open'; tries++) {
      const who = this.chair ?? (this.cast.coordinator.isIn ? this.cast.coordinator : undefined);
      if (who) {
        if (this.room.running) await this.next(who);
        await this.act(who, 'meeting.close', {});
      }
      await sleep(1500);
    }
  }

  /** Out of the way of humans who hear the case elsewhere; whoever sits here is told why. */
  async giveWay(isHumanHere) {
    this.isCalledOff = false;
    if (isHumanHere) await this.say(this.chair ?? this.cast.pulmonology, LINES.elsewhere.say);
    // Where humans have both, the room is theirs to close: the script only leaves it.
    if (this.chair || this.cast.coordinator.isIn) await this.close();
  }

  leave() {
    for (const it of Object.values(this.cast)) it.leave();
  }
}

const box = ([x, y, w, h]) => ({ x, y, w, h });
