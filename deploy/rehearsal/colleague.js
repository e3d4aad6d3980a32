// One scripted colleague: signs in, takes the own seat, beats, hears, speaks, and asks for things.
// A human who takes the seat keeps it: then this colleague only waits until the human has been gone
// for half a minute. A server that restarts is waited for.
import { Browser } from './http.js';
import { Room } from './fold.js';
import { Sound } from './sound.js';

const AWAY_MS = 30_000;
const BACKOFF_MS = [250, 500, 1000, 1000, 2000];
const REPLY_MS = 8000;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Refusal extends Error {}
/** The seat is a human's now, or the room is closed: what was to be done is not done. */
export class SteppedBack extends Error {}

export class Colleague {
  #socket;
  #asked = new Map(); // id -> {done, fail}
  #next = 1;
  #losses = 0;
  #beat;
  #retry;
  #meeting = '';
  #soundRetry;
  #humanWasHere = false;
  #part = []; // of a snapshot that comes in two messages

  constructor({ key, person, name, voice, url, token, program, log }) {
    Object.assign(this, { key, person, name, voice, log });
    this.browser = new Browser(url, token);
    this.room = new Room();
    this.seat = '';
    this.isIn = false;
    this.isWaiting = false; // a guest before the own item
    this.isHuman = false; // somebody else sits in this seat
    this.onEvent = () => undefined;
    this.witness = () => undefined; // a colleague who is in the room, to ask whether the human still is
    this.sound = new Sound(program, (sdp) => this.#tell('media.answer', { sdp }), () => this.#soundLost());
  }

  /** Goes to a meeting. A seat that a human holds there is not fought for. */
  async enter(meeting) {
    const humanWasHere = this.#humanWasHere;
    this.leave();
    this.#meeting = meeting;
    if (!this.browser.cookie) await this.browser.signIn();
    if (humanWasHere) this.#stepBack(); // the human may come along to this meeting, and finds the seat free
    else this.#connect();
  }

  leave() {
    this.#meeting = '';
    clearTimeout(this.#retry);
    clearTimeout(this.#soundRetry);
    if (this.isIn || this.isWaiting) this.#tell('leave', {});
    this.#drop();
    this.sound.stop();
    this.room.clear();
    this.#humanWasHere = this.isHuman;
    this.isHuman = false;
  }

  #drop() {
    this.#part = [];
    clearInterval(this.#beat);
    this.isIn = this.isWaiting = false;
    for (const it of this.#asked.values()) it.fail(new SteppedBack('the connection was lost'));
    this.#asked.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #connect() {
    if (!this.#meeting) return;
    this.#drop();
    const url = new URL('/ws', this.browser.url);
    url.protocol = 'ws:';
    const socket = new WebSocket(url, { protocols: ['consilium.v1'], headers: { Cookie: this.browser.cookie, Origin: this.browser.url } });
    this.#socket = socket;
    socket.onopen = () => this.#hello();
    socket.onmessage = (message) => {
      if (socket === this.#socket) this.#take(JSON.parse(message.data));
    };
    const over = (code) => {
      if (socket === this.#socket) this.#lost(code);
    };
    socket.onclose = (event) => over(event.code);
    socket.onerror = () => over(0); // Node says no close where the connection was refused
  }

  async #hello() {
    try {
      await this.ask('hello', { meeting: this.#meeting });
      this.#losses = 0;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'stale') this.#stepBack();
      else this.log(`${this.key}: not admitted: ${error.message}`);
      if (this.#meeting && !this.isHuman) this.#again(2000);
      return;
    }
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#sendBeat(), 2000);
  }

  #lost(code) {
    this.#drop();
    this.sound.stop();
    if (!this.#meeting || this.isHuman) return;
    if (code === 4401) {
      this.browser.signIn().then(() => this.#again(0), () => this.#again(2000));
      return;
    }
    this.#again(BACKOFF_MS[Math.min(this.#losses++, BACKOFF_MS.length - 1)] * (0.75 + Math.random() / 2));
  }

  #again(ms) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), ms);
  }

  /** A human sits here now. Comes back when nobody has sat here for half a minute. */
  #stepBack() {
    if (!this.isHuman) this.log(`${this.key}: a human has this role`);
    this.isHuman = true;
    this.#drop();
    this.sound.stop();
    let empty = Date.now();
    const look = () => {
      if (!this.#meeting || !this.isHuman) return;
      const seen = this.witness()?.room;
      if (!seen || seen.isHere(this.person)) empty = Date.now();
      if (Date.now() - empty >= AWAY_MS) {
        this.isHuman = false;
        this.log(`${this.key}: the human is gone; the script goes on`);
        this.#connect();
      } else {
        this.#retry = setTimeout(look, 1000);
      }
    };
    clearTimeout(this.#retry);
    look();
  }

  #take(message) {
    switch (message.t) {
      case 'reply': {
        const asked = this.#asked.get(message.re);
        this.#asked.delete(message.re);
        if (message.ok) asked?.done();
        else asked?.fail(Object.assign(new Refusal(message.message), { code: String(message.error).toLowerCase() }));
        break;
      }
      case 'snapshot':
        this.#part.push(...message.events);
        if (message.more) break;
        message.events = this.#part.splice(0);
        this.seat = message.you.seat;
        this.room.clear();
        for (const event of message.events) this.room.take(event);
        if (!this.isIn && !this.isWaiting) this.#tell('media.ask', {}); // a guest has sound from the waiting on
        this.isIn = true;
        this.isWaiting = false;
        this.#acknowledge();
        break;
      case 'waiting':
        if (!this.isWaiting) this.#tell('media.ask', {});
        this.isWaiting = true;
        this.isIn = false;
        break;
      case 'event':
        this.room.take(message);
        if (message.k === 'readback.begun') this.#acknowledge();
        if (message.k === 'sound.muted' && message.d.seat === this.seat && message.d.muted) this.sound.hush();
        this.onEvent(message);
        break;
      case 'media':
        if (message.k === 'offer') this.sound.offer(message.sdp);
        else if (message.k !== 'connected') this.#soundLost();
        break;
      case 'notice':
        if (message.k === 'taken_over' || message.k === 'seat_elsewhere') this.#stepBack();
        break;
    }
  }

  /** This client has the text before it: the exact digest says which. */
  #acknowledge() {
    const digest = this.room.draft.readback?.digest;
    if (digest && this.isIn) this.#tell('readback.ack', { digest });
  }

  #soundLost() {
    clearTimeout(this.#soundRetry);
    this.#soundRetry = setTimeout(() => {
      if (this.isIn || this.isWaiting) this.#tell('media.ask', {});
    }, 2000);
  }

  #sendBeat() {
    this.sound.look();
    const muted = this.room.seats.get(this.seat)?.muted ?? true;
    this.#tell('beat', { hearing: this.sound.hears, mic: muted ? 'muted' : 'on', rtt_ms: 1,
      picture: 'none', alone: false, sent: Date.now() * 1000 });
  }

  #tell(kind, data) {
    this.ask(kind, data).catch(() => undefined); // what matters is asked again with the next state
  }

  /** Resolves when the server has made it durable; throws Refusal with the server's sentence. */
  ask(kind, data) {
    return new Promise((done, fail) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        fail(new SteppedBack('not connected'));
        return;
      }
      const id = this.#next++;
      if (kind !== 'beat' && kind !== 'pointer' && kind !== 'view.live') {
        const late = setTimeout(() => { this.#asked.delete(id); fail(new SteppedBack('no answer')); }, REPLY_MS);
        this.#asked.set(id, { done: (v) => { clearTimeout(late); done(v); }, fail: (e) => { clearTimeout(late); fail(e); } });
      } else {
        done();
      }
      this.#socket.send(JSON.stringify({ id, k: kind, d: data }));
    });
  }

  /** Speaks a sound file if this is the script's own seat. */
  async speak(path, milliseconds) {
    if (!this.isIn) return;
    if (this.room.seats.get(this.seat)?.muted) await this.ask('sound.mute', { muted: false }).catch(() => undefined);
    await this.sound.say(path, milliseconds);
  }
}
