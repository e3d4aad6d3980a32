// A colleague without a screen: signs in, takes a seat over the socket, answers what a browser would
// answer by itself (beats, the acknowledgement of a read-back), and raises a hand when told. Has no sound.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { until } from './lib.mjs';

/** `link`: the demo's sign-in token. Resolves once the snapshot came. */
export async function member(server, link, meeting, { acks = true, takeover = false } = {}) {
  const origin = `http://127.0.0.1:${server.port}`;
  const answer = await fetch(`${origin}/api/session/demo`,
    { method: 'POST', headers: { 'content-type': 'application/json', origin }, body: JSON.stringify({ token: link }) });
  if (!answer.ok) throw new Error(`the sign-in link was answered ${answer.status}`);
  const cookie = answer.headers.get('set-cookie').split(';')[0];
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, 'consilium.v1', { headers: { cookie, origin } });
  const waiting = new Map();
  const it = { seat: '', phase: 'connecting', events: [], talking: [], refusals: [], cookie, ask, say, leave };
  let id = 1;
  let beats;

  function ask(k, d) {
    const mine = id++;
    socket.send(JSON.stringify({ id: mine, k, d }));
    return new Promise((done) => waiting.set(mine, done));
  }
  /** As `ask`, and a refusal is a fault of the test; only "too many at once" is waited for. */
  async function say(k, d) {
    let reply = await ask(k, d);
    while (!reply.ok && reply.error === 'limit') {
      await new Promise((done) => setTimeout(done, 1000));
      reply = await ask(k, d);
    }
    if (!reply.ok) throw new Error(`${k} was refused: ${reply.error} ${reply.message}`);
  }
  async function leave() {
    clearInterval(beats);
    if (socket.readyState !== WebSocket.OPEN) return;
    const closed = new Promise((done) => socket.once('close', done));
    socket.close();
    await closed;
  }
  function event(m) {
    it.events.push(m);
    if (m.k !== 'readback.begun' || !acks) return;
    const digest = createHash('sha256').update(m.d.text).digest('hex');
    if (digest === m.d.digest) void ask('readback.ack', { digest });
  }

  await new Promise((done, fail) => {
    socket.once('open', done);
    socket.once('error', fail);
  });
  const shown = new Promise((done) => {
    socket.on('message', (data) => {
      const m = JSON.parse(data);
      if (m.t === 'reply') {
        waiting.get(m.re)?.(m);
        waiting.delete(m.re);
        if (!m.ok) it.refusals.push(m);
      } else if (m.t === 'snapshot') {
        it.seat = m.you.seat;
        it.phase = 'in';
        it.events = []; // a snapshot tells all anew
        m.events.forEach(event);
        done();
      } else if (m.t === 'event') event(m);
      else if (m.t === 'lane' && m.k === 'talking') it.talking = m.d.seats;
      else if (m.t === 'waiting') {
        it.phase = 'waiting';
        done();
      }
    });
  });
  await say('hello', takeover ? { meeting, takeover } : { meeting });
  await shown;
  const beat = () => socket.readyState === WebSocket.OPEN
    && void ask('beat', { hearing: false, mic: 'none', rtt_ms: 1, picture: 'none', alone: false, sent: Date.now() * 1000 });
  beats = setInterval(beat, 2000);
  beat();
  return it;
}

const today = () => new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);

/** Fills what sign-rules.json asks for, where it is still empty; for walks that are about something else. */
export async function writePlan(who) {
  const plan = await until('the draft is open', () => who.events.filter((it) => it.k === 'plan.begun').at(-1));
  const set = async (field, value) => {
    const was = who.events.filter((it) => it.k === 'plan.set' && it.d.field === field && it.n > plan.n).at(-1);
    await who.say('plan.take', { field });
    await who.say('plan.set', { field, base: was?.d.version ?? 0, value });
  };
  const fields = { answered: 'Chemoradiotherapy first.', kind: 'pre_treatment', decision: 'consensus', wishes: 'Wants to stay near home.',
    tells_who: 'Dr. Ima Mockford', tells_when: today(), guideline: 'discussed', genetics: 'not_applicable', trials: 'discussed', supportive: 'discussed' };
  for (const [field, value] of Object.entries(fields)) await set(field, value);
  await who.say('plan.line_add', {});
  const line = await until('the line is there', () => who.events.filter((it) => it.k === 'plan.line_added' && it.n > plan.n).at(-1)?.d.line);
  const parts = { what: 'Concurrent chemoradiotherapy, 60 Gy in 30 fractions', kind: 'radiotherapy', intent: 'curative', owner: 'Dr. Ima Mockford', due: today() };
  for (const [part, value] of Object.entries(parts)) await set(`line.${line}.${part}`, value);
}

/** Reads back, lets the time to object pass, confirms the outcome and signs; gives the plan's id. */
export async function sign(server, chair, meeting, pin, reason = '') {
  await chair.say('readback.start', {});
  const begun = await until('read back', () => chair.events.filter((it) => it.k === 'readback.begun').at(-1));
  await chair.say('readback.line', { n: begun.d.lines - 1 });
  await chair.say('readback.window', { running: true });
  await chair.say('plan.outcome', { outcome: ['confirmed'] });
  await until('the time to object is over', () => chair.events.some((it) => it.k === 'readback.window' && it.n > begun.n && it.d.left_s === 0), 40_000);
  const origin = `http://127.0.0.1:${server.port}`;
  const answer = await fetch(`${origin}/api/plans/sign`, { method: 'POST', headers: { 'content-type': 'application/json', origin, cookie: chair.cookie },
    body: JSON.stringify({ meeting, digest: begun.d.digest, pin, reason }) });
  if (!answer.ok) throw new Error(`signing was answered ${answer.status}: ${await answer.text()}`);
  const signed = await until('signed', () => chair.events.filter((it) => it.k === 'item.signed').at(-1));
  return signed.d.plan;
}

/** A document of a case, drawn. By the interface: the walk does it by hand. */
export async function upload(server, link, caseId, title, path) {
  const origin = `http://127.0.0.1:${server.port}`;
  const call = async (method, at, body, type = 'application/json', cookie = '') => {
    const answer = await fetch(origin + at, { method, headers: { origin, 'content-type': type, cookie }, ...(body === undefined ? {} : { body }) });
    if (!answer.ok) throw new Error(`${at} was answered ${answer.status}: ${await answer.text()}`);
    return answer;
  };
  const cookie = (await call('POST', '/api/session/demo', JSON.stringify({ token: link }))).headers.get('set-cookie').split(';')[0];
  const content = readFileSync(path);
  const { document } = await (await call('POST', `/api/cases/${caseId}/documents`, JSON.stringify({ title, bytes: content.length }), undefined, cookie)).json();
  await call('PUT', `/api/documents/${document}/content?offset=0`, content, 'application/octet-stream', cookie);
  await call('POST', `/api/documents/${document}/finish`, '{}', undefined, cookie);
  await until(`${title} is drawn`, async () => (await (await call('GET', `/api/documents/${document}`, undefined, undefined, cookie)).json()).state === 'ready', 90_000);
  return document;
}
