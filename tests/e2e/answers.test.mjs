// A second opinion on the wire: whatever a real server answers, over HTTP and over the socket, is judged
// by python3-jsonschema against protocols/http and protocols/signal (judge.py), while a board meets.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { discard, here, ident, root, seed, serve, until } from './lib.mjs';
import { member, sign, writePlan } from './member.mjs';

const heard = []; // {set, name, d}: what is to be judged
const status = {}; // definition: how often it was answered
let server, links, data, origin;

before(async () => {
  ({ data, links } = seed({ objection: 5 }));
  server = await serve(data, { log: 'answers' });
  origin = `http://127.0.0.1:${server.port}`;
});
after(async () => {
  await server?.stop();
  discard(data);
});

function client(cookie = '') {
  return async (want, name, method, path, body, type = 'application/json') => {
    const answer = await fetch(origin + path, { method, headers: { origin, cookie, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: type === 'application/json' ? JSON.stringify(body) : body }) });
    assert.equal(answer.status, want, `${method} ${path}: ${answer.status}`);
    const text = await answer.text();
    if (!name) return { answer, text };
    assert.match(answer.headers.get('content-type'), /^application\/json/, path);
    const d = JSON.parse(text);
    heard.push({ set: 'answer', name, d, at: `${method} ${path}` });
    status[name] = (status[name] ?? 0) + 1;
    return { ...d, cookie: answer.headers.get('set-cookie')?.split(';')[0] };
  };
}

async function signIn(token) {
  const joined = await client()(200, 'joined', 'POST', '/api/session/demo', { token });
  return { cookie: joined.cookie, call: client(joined.cookie) };
}

/** A seat that keeps every message as it came. */
async function ear(cookie, meeting) {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, 'consilium.v1', { headers: { cookie, origin } });
  await new Promise((done, fail) => { socket.once('open', done); socket.once('error', fail); });
  const got = [];
  socket.on('message', (text) => {
    const d = JSON.parse(text);
    got.push(d);
    heard.push({ set: 'socket', name: d.t, d, at: `socket ${d.k ?? d.t}` });
  });
  let id = 1;
  const say = (k, d) => socket.send(JSON.stringify({ id: id++, k, d }));
  say('hello', { meeting });
  await until('a snapshot or a place to wait', () => got.some((m) => m.t === 'snapshot' || m.t === 'waiting'));
  const beats = setInterval(() => say('beat', { hearing: true, mic: 'on', rtt_ms: 5, picture: 'sharp', alone: false, sent: Date.now() * 1000 }), 1000);
  return { got, say, end: () => { clearInterval(beats); socket.close(); } };
}

test('every answer and every message fits its schema', { timeout: 240_000 }, async () => {
  const coordinator = await signIn(links.roles.coordinator);
  const clinic = await signIn(links.roles.clinic);
  const { call } = coordinator;

  await call(200, 'me', 'GET', '/api/me');
  await clinic.call(200, 'me', 'GET', '/api/me');
  const today = await call(200, 'today', 'GET', '/api/today');
  await clinic.call(200, 'today', 'GET', '/api/today');
  const board = ident('DEMO-BOARD-THORACIC');
  const meeting = today.meetings.find((m) => m.board === board).meeting;
  await call(200, 'board_full', 'GET', `/api/boards/${board}`);
  const full = await call(200, 'meeting_full', 'GET', `/api/meetings/${meeting}`);
  const people = await call(200, 'people', 'GET', '/api/people?q=a');
  await call(200, 'found', 'GET', '/api/records?q=');
  await call(200, 'found', 'GET', '/api/records?q=lung&page=0');
  await client()(200, 'site_key', 'GET', '/api/site/key');
  await call(200, null, 'GET', '/healthz');
  await call(200, null, 'GET', '/readyz');

  // Refusals are problems with a sentence.
  await client()(401, 'problem', 'GET', '/api/me');
  await client()(401, 'problem', 'GET', '/api/today');
  await client()(404, 'problem', 'GET', '/api/no-such-thing');
  for (const path of ['cases', 'plans', 'meetings', 'boards', 'documents']) {
    await call(404, 'problem', 'GET', `/api/${path}/${ident('nobody knows')}`);
    const odd = await fetch(`${origin}/api/${path}/not-an-id`, { headers: { cookie: coordinator.cookie } });
    assert.ok(odd.status === 400 || odd.status === 404, `${path}: ${odd.status}`);
    heard.push({ set: 'answer', name: 'problem', d: await odd.json(), at: `${path}/not-an-id` });
  }
  await call(400, 'problem', 'POST', '/api/cases', { base: 0 });
  await client()(403, 'problem', 'POST', '/api/session/demo', { token: 'AAAAAAAAAAAAAAAAAAAAAA' });

  // Intake, a picture, an invitation.
  const key = 'DEMO-CASE-01';
  const before_ = await call(200, 'case_full', 'GET', `/api/cases/${ident(key)}`);
  assert.ok(before_.record, 'a case has a record');
  await clinic.call(200, 'case_full', 'GET', `/api/cases/${ident(key)}`);
  const made = await call(200, 'made', 'POST', '/api/cases', { base: 0, record: { ...before_.record, referring_plan: '', local_id: 'JUDGED-1' } });
  await call(409, 'problem', 'PUT', `/api/cases/${made.id}`, { base: 7, record: { ...before_.record, referring_plan: '' } });
  const bytes = readFileSync(join(root, 'tests/fixtures/documents/three-pages.pdf'));
  const begun = await call(200, 'upload', 'POST', `/api/cases/${ident(key)}/documents`, { title: 'Deck', bytes: bytes.length });
  const half = bytes.length >> 1;
  const piece = (offset, part, want = 200, name = 'upload') =>
    call(want, name, 'PUT', `/api/documents/${begun.document}/content?offset=${offset}`, part, 'application/octet-stream');
  assert.equal((await piece(0, bytes.subarray(0, half))).offset, half);
  assert.equal((await piece(half + 5, bytes.subarray(half))).offset, half, 'a hole is not taken; the answer says where to go on');
  assert.equal((await piece(0, bytes.subarray(0, half))).offset, half, 'what came twice is not written twice');
  assert.equal((await call(200, 'document_card', 'GET', `/api/documents/${begun.document}`)).state, 'uploading');
  assert.equal((await piece(half, bytes.subarray(half))).offset, bytes.length);
  await call(200, 'document_card', 'POST', `/api/documents/${begun.document}/finish`, {});
  const deck = await until('the deck is drawn', async () => {
    const card = await call(200, 'document_card', 'GET', `/api/documents/${begun.document}`);
    return card.state === 'ready' && card;
  }, 90_000);
  await call(200, null, 'GET', `/api/documents/${begun.document}/text/1`);
  const tile = await call(200, null, 'GET', `/t/${begun.document}/${deck.pages[0].digest}/0/0_0`);
  assert.match(tile.answer.headers.get('content-type'), /^image\//);
  assert.match(tile.answer.headers.get('cache-control'), /private.*immutable/);

  const row = full.items.find((it) => it.case === ident(key)) ?? full.items[0];
  const link = await call(200, 'invitation_link', 'POST', `/api/meetings/${meeting}/invitations`,
    { person: '', name: 'Dr. Visiting', specialty: 'medical_oncology', site: 'Elsewhere', items: [row.item] });
  const token = (link.url ?? link.link ?? link.token).split('#').at(-1);
  await client()(200, 'invitation_view', 'POST', '/api/invitations/preview', { token });
  const guest = await client()(200, 'joined', 'POST', '/api/invitations/exchange', { token });
  const asGuest = client(guest.cookie);
  await asGuest(200, 'me', 'GET', '/api/me');
  await asGuest(200, 'today', 'GET', '/api/today');
  await call(200, 'meeting_full', 'GET', `/api/meetings/${meeting}`);
  assert.ok(people.people.length > 0);

  // A board meets; every message of three kinds of seats is kept.
  const waits = await ear(guest.cookie, meeting);
  const staff = await ear(coordinator.cookie, meeting);
  const chair = await member(server, links.roles.chair, meeting);
  assert.ok(waits.got.some((m) => m.t === 'waiting'));
  await chair.say('meeting.open', {});
  await chair.say('item.start', { item: row.item });
  staff.say('hand.raise', {});
  staff.say('media.ask', {});
  staff.say('no.such', {});
  staff.say('page.show', { page: 'one' });
  await chair.say('presenter.pass', { seat: chair.seat });
  await chair.say('page.show', { document: begun.document, page: 1 });
  await chair.say('view.settle', { x: 0, y: 0, w: 5000, h: 5000 });
  void chair.ask('pointer', { x: 10, y: 10, on: true });
  await chair.say('item.extend', { minutes: 5 });
  await writePlan(chair);
  await chair.say('plan.take', { field: 'reasons' });
  await chair.say('plan.set', { field: 'reasons', base: 0, value: 'Two studies favour it.' });
  await chair.say('plan.dissent', { text: 'I would operate first.', in_note: true });
  const plan = await sign(server, chair, meeting, '2741', 'The quorum is short; the case cannot wait.');
  await until('sound was offered', () => staff.got.some((m) => m.t === 'media'));
  await until('who hears whom was told', () => staff.got.some((m) => m.t === 'lane' && m.k === 'sound'));

  const signed = await call(200, 'plan_full', 'GET', `/api/plans/${plan}`);
  assert.equal(signed.plan ?? signed.id ?? plan, plan);
  const file = await call(200, null, 'GET', `/api/plans/${plan}.json`);
  heard.push({ set: 'plan', name: 'file', d: JSON.parse(file.text), at: 'plan.json' });
  assert.match((await call(200, null, 'GET', `/api/plans/${plan}.pdf`)).answer.headers.get('content-type'), /pdf/);
  await call(200, 'case_full', 'GET', `/api/cases/${ident(key)}`);
  await call(200, 'found', 'GET', '/api/records?q=');
  await call(200, 'made', 'POST', `/api/plans/${plan}/amend`, { reason: 'clarification', text: 'The dose is 60 Gy.', pin: '2741' });
  await call(200, 'plan_full', 'GET', `/api/plans/${plan}`);
  await asGuest(200, 'plan_full', 'GET', `/api/plans/${plan}`);
  await chair.say('meeting.close', {});
  await call(200, 'meeting_full', 'GET', `/api/meetings/${meeting}`);
  await call(200, 'today', 'GET', '/api/today');
  await chair.leave();
  staff.end();
  waits.end();
  await call(204, null, 'DELETE', '/api/session');
  await call(401, 'problem', 'GET', '/api/me');

  for (const kind of ['snapshot', 'event', 'reply', 'waiting', 'media', 'notice', 'lane'])
    assert.ok(heard.some((h) => h.set === 'socket' && h.name === kind), `no ${kind} was heard`);
  const judge = spawnSync('python3', [join(here, 'judge.py')], { input: heard.map((h) => JSON.stringify(h)).join('\n'), maxBuffer: 1 << 26 });
  assert.equal(judge.status, 0, judge.stdout.toString() + judge.stderr.toString());
  console.log(judge.stdout.toString().trim());
});
