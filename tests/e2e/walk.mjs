// What the walks share: a seat in a meeting by browser or by bare socket, and what each of them knows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { root, until, ident } from './lib.mjs';
import { listenUntil, voice as voiceOf } from './hear.mjs';

/** Uploads a picture to a case and waits until it is drawn; gives the case's documents. */
export async function picture(server, links, key = 'DEMO-CASE-01') {
  const reader = await Person.signIn(server, links.roles.coordinator);
  const bytes = readFileSync(join(root, 'tests/fixtures/documents/quadrants.jpg'));
  const begun = await reader.call('POST', `/api/cases/${ident(key)}/documents`, { title: 'Case picture', bytes: bytes.length });
  await reader.call('PUT', `/api/documents/${begun.body.document}/content?offset=0`, bytes);
  await reader.call('POST', `/api/documents/${begun.body.document}/finish`, {});
  const { documents } = await until('the pages of the picture', async () => {
    const { body } = await reader.call('GET', `/api/cases/${ident(key)}`);
    return body.documents?.length && body.documents.every((d) => d.state === 'ready' || d.state === 'partly') && body;
  }, 90000);
  return documents;
}

/** The demo's meeting of today. */
export async function meetingOf(server, links) {
  const reader = await Person.signIn(server, links.roles.coordinator);
  const { body } = await reader.call('GET', '/api/today');
  return body.meetings.find((m) => m.board === ident('DEMO-BOARD-THORACIC')).meeting;
}

// ---- by browser ----

export const known = (page) => page.evaluate(() => window.__consilium?.());

/** What the tests compare before and after a fault: where a client stands, and what it has read. */
export const place = (page) => page.evaluate(() => {
  const k = window.__consilium?.();
  if (!k) return null;
  const s = k.state;
  return {
    phase: k.phase, seat: k.seat, meetingN: s.meetingN, caseId: s.caseId, caseN: s.caseN, running: s.agenda.running,
    shown: s.picture.shown, region: s.picture.region, hands: s.seats.hands.map((h) => h.seat), plan: s.plan.plan,
    fields: Object.fromEntries(Object.entries(s.plan.fields).map(([id, f]) => [id, f.value])), presenter: s.seats.presenter,
    hearing: k.hearing, own: k.ownSound, heardBy: k.heardBy, link: k.sound.link,
  };
});

/** Goes into the room by its address and hears it. */
export async function enter(page, meeting, ms = 20000) {
  await page.goto(new URL(`/meet/${meeting}`, page.url()).href);
  await inside(page, ms);
}

export async function inside(page, ms = 20000) {
  await until('in the room, with sound', async () => {
    const k = await known(page);
    return k?.phase === 'in' && k.sound.link === 'up';
  }, ms);
}

/** Presses the own microphone on, as a person does. */
export async function speak(page) {
  const button = page.locator('.micbtn');
  await until('the microphone is on', async () => {
    const { ownSound } = await known(page);
    if (ownSound.is === 'on') return true;
    if (ownSound.is === 'muted' || ownSound.is === 'muted_by' || ownSound.is === 'talking_muted') await button.click();
    return false;
  });
}

export const micTitle = (page) => page.locator('.micbtn > span').evaluate((e) => e.firstChild.textContent);

// ---- is it that voice ----

/**
 * The rule of this project: 80 % of the windows of 1 s have r > 0.8, and the place in the voice is
 * steady to 5 ms between most neighbours. A buffer that corrects itself costs one step, not most.
 */
export function isVoice(row) {
  return row.windows >= 4 && row.share >= 0.8 && row.steady >= 0.6 * (row.good - 1);
}

/** Waits until the jitter buffer leaves time as it is: stretched sound is no fair window. Goes on after 6 s anyway. */
export async function settled(page) {
  const moved = () => page.evaluate(async () => {
    const c = window.__connections.filter((x) => x.connectionState === 'connected').at(-1);
    let sum = -1;
    (await c?.getStats())?.forEach((s) => {
      if (s.type === 'inbound-rtp') sum = s.insertedSamplesForDeceleration + s.removedSamplesForAcceleration + s.concealmentEvents;
    });
    return sum;
  });
  let last = await moved(), calm = 0;
  for (let i = 0; i < 24 && calm < 4; i++) {
    await new Promise((r) => setTimeout(r, 250));
    const now = await moved();
    calm = now === last ? calm + 1 : 0;
    last = now;
  }
}

export async function hearsVoice(page, voice, name, { seconds = 5, window = 1, is = isVoice } = {}) {
  // After a fault sound may come over the web connection for a while; what is judged here is the way back too.
  await until(`${name}: a connection over UDP`, () => page.evaluate(() => window.__connections.some((c) => c.connectionState === 'connected')), 60_000);
  const row = await listenUntil(page, name, { seconds, window, source: voiceOf(voice), is });
  if (!is(row)) throw new Error(`${name}: not the voice of ${voice}: ${describe(row)}`);
  return row;
}

export const describe = (row) => `${row.windows} windows, ${(row.share * 100).toFixed(0)} % above 0.8, best ${row.highest.toFixed(2)}, r ${row.rows.map((r) => r.r.toFixed(2)).join(' ')}, lag ${row.rows.map((r) => (r.lag / 8).toFixed(0)).join(' ')} ms`;

// ---- by bare HTTP and socket ----

/** A person without a browser: a cookie and our own Origin. */
export class Person {
  constructor(server, host = '127.0.0.1') {
    this.server = server;
    this.origin = `http://${host}:${server.port}`;
    this.cookies = new Map();
  }

  static async signIn(server, token) {
    const person = new Person(server);
    const answer = await person.call('POST', '/api/session/demo', { token });
    if (answer.status >= 300) throw new Error(`sign-in: ${answer.status}`);
    return person;
  }

  async call(method, path, body, headers = {}) {
    const raw = body instanceof Uint8Array;
    const answer = await fetch(`http://127.0.0.1:${this.server.port}${path}`, {
      method, redirect: 'manual', ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
      headers: { origin: this.origin, cookie: this.cookie(), ...(body === undefined ? {} : { 'content-type': raw ? 'application/octet-stream' : 'application/json' }), ...headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split('=');
      this.cookies.set(name, value);
    }
    const bytes = Buffer.from(await answer.arrayBuffer());
    const json = answer.headers.get('content-type')?.includes('json') && bytes.length;
    return { status: answer.status, body: json ? JSON.parse(bytes) : bytes };
  }

  cookie() {
    return [...this.cookies].map(([n, v]) => `${n}=${v}`).join('; ');
  }

  /** A socket of this person; `hello` is said when a meeting is given. */
  async socket(meeting, said = {}) {
    const seat = new Seat(this);
    await seat.open();
    if (meeting) {
      const reply = await seat.ask('hello', { meeting, ...said });
      if (!reply.ok) throw new Error(`hello: ${reply.error} ${reply.message}`);
    }
    return seat;
  }
}

/** One bare socket: asks, keeps all that came. */
export class Seat {
  constructor(person) {
    this.person = person;
    this.frames = []; // texts, as they came
    this.messages = [];
    this.replies = new Map();
    this.nextId = 1;
    this.closed = null;
  }

  open(headers = {}) {
    const { person } = this;
    this.ws = new WebSocket(`ws://127.0.0.1:${person.server.port}/ws`, 'consilium.v1', { headers: { origin: person.origin, cookie: person.cookie(), ...headers } });
    this.ws.on('message', (data) => this.take(data.toString()));
    this.gone = new Promise((done) => this.ws.on('close', (code) => {
      this.closed = code;
      clearInterval(this.beats);
      for (const settle of this.replies.values()) settle({ ok: false, error: 'closed' });
      done(code);
    }));
    return new Promise((done, fail) => {
      this.ws.once('open', () => done(this));
      this.ws.once('error', fail);
    });
  }

  take(text) {
    this.frames.push(text);
    const m = JSON.parse(text);
    this.messages.push(m);
    if (m.t === 'reply') {
      this.replies.get(m.re)?.(m);
      this.replies.delete(m.re);
    }
    if (m.t === 'snapshot') this.you = m.you;
    this.onmessage?.(m);
  }

  ask(k, d = {}) {
    const id = this.nextId++;
    return new Promise((done) => {
      this.replies.set(id, done);
      this.ws.send(JSON.stringify({ id, k, d }));
    });
  }

  /** Says every 2 s that it is alive, as a browser does. */
  alive({ hearing = false, mic = 'none' } = {}) {
    const beat = () => this.ws.readyState === 1 && this.ws.send(JSON.stringify({ id: this.nextId++, k: 'beat', d: { hearing, mic, rtt_ms: 1, picture: 'none', alone: false, sent: Date.now() * 1000 } }));
    beat();
    this.beats = setInterval(beat, 2000);
    return this;
  }

  events(kind) {
    return this.messages.filter((m) => m.t === 'event' && (!kind || m.k === kind));
  }

  snapshot() {
    return this.messages.findLast((m) => m.t === 'snapshot');
  }

  close() {
    clearInterval(this.beats);
    this.ws.close();
    setTimeout(() => this.ws.terminate(), 1000).unref(); // one that stands still hears no goodbye
    return this.gone;
  }
}

/**
 * Ends what a walk began, newest first. A thing that does not end within 20 s is a fault and is left to the
 * end of this process, which takes its browsers with it.
 */
export async function endAll(ends) {
  const faults = [];
  for (const end of ends.splice(0).reverse()) {
    let timer;
    const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error(`did not end: ${end}`)), 20000)));
    await Promise.race([Promise.resolve().then(end), late]).catch((error) => faults.push(error.message));
    clearTimeout(timer);
  }
  setTimeout(() => process.exit(1), 3000).unref(); // something still holds the loop
  if (faults.length) throw new Error(faults.join('; '));
}
