// A second opinion on the wire: whatever a real server answers, over HTTP and over the socket, is judged
// by python3-jsonschema against protocols/http and protocols/signal (judge.py), while a board meets.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { discard, here, ident, out, root, seed, serve, until } from './lib.mjs';
import { member, sign, writePlan } from './member.mjs';

const heard = []; // {set, name, d}: what is to be judged
const status = {}; // definition: how often it was answered
let server, links, data, origin;

before(async () => {
  ({ data, links } = seed({ objection: 5 }));
  const secret = join(data, 'turn.secret'); // a relay that nobody asks: what is told of it is what matters here
  writeFileSync(secret, 'A secret of more than 32 characters.\n');
  server = await serve(data, { log: 'answers', options: ['--media.turn=relay.example.org', `--media.turn_secret=${secret}`] });
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

/** Room systems (WHIP, WHEP): who may make a token, and each answer of the two endpoints. Before the board meets. */
async function rooms(call, clinic, board, meeting) {
  const DAY = 86_400_000_000;
  const body = { name: 'Room 2', site: 'Klinikum', meeting, items: [], until_us: Date.now() * 1000 + DAY, vouches: true };
  const here = `/api/boards/${board}/devices`;
  const make = (more = {}) => call(200, 'device_made', 'POST', here, { ...body, ...more });
  const { device, token } = await make();
  const { token: weekly } = await make({ name: 'OBS', meeting: '' });
  const { device: other, token: others } = await make({ name: 'OBS' });
  await clinic.call(403, 'problem', 'POST', here, body); // a member, and no head of the board
  await clinic.call(403, 'problem', 'GET', here);
  await clinic.call(403, 'problem', 'DELETE', `/api/devices/${device}`);
  await call(400, 'problem', 'POST', here, { ...body, name: '' });
  await call(422, 'problem', 'POST', here, { ...body, until_us: 1 });
  await call(400, 'problem', 'POST', here, { ...body, items: [ident('nobody knows')] });
  await call(404, 'problem', 'POST', here, { ...body, meeting: ident('nobody knows') });
  assert.equal((await call(200, 'devices', 'GET', here)).devices.length, 3);

  const read = (leaf) => readFileSync(join(root, 'tests/fuzz/corpus/fuzz_rtc_device', leaf), 'utf8');
  const obs = read('offer_obs'), SDP = 'application/sdp', FRAGMENT = 'application/trickle-ice-sdpfrag';
  const ask = async (want, method, path, { token: bearer = token, type, body: text, headers = {} } = {}) => {
    const answer = await fetch(origin + path, { method, body: text, headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(type && { 'content-type': type }), ...headers } });
    const got = await answer.text();
    assert.equal(answer.status, want, `${method} ${path}: ${answer.status} ${got}`);
    if (want >= 400) heard.push({ set: 'answer', name: 'problem', d: JSON.parse(got), at: `${method} ${path}` });
    return { text: got, of: (name) => answer.headers.get(name) };
  };
  const offer = (want, path, more = {}) => ask(want, 'POST', path, { type: SDP, body: obs, ...more });

  const preflight = await ask(200, 'OPTIONS', '/whip', { token: '', headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' } });
  assert.equal(preflight.of('accept-post'), SDP);
  assert.equal(preflight.of('access-control-allow-origin'), '*');
  assert.match(preflight.of('access-control-allow-headers'), /Authorization/);
  for (const method of ['GET', 'PUT', 'DELETE']) assert.match((await ask(405, method, '/whip', { type: SDP })).of('allow'), /POST, OPTIONS/);
  assert.match((await offer(401, '/whip', { token: '' })).of('www-authenticate'), /^Bearer/);
  await offer(401, '/whip', { token: 'A'.repeat(22) });
  await offer(401, '/whip', { token: 'short' });
  assert.equal((await offer(415, '/whip', { type: 'text/plain' })).of('accept-post'), SDP);
  await offer(406, '/whip', { headers: { accept: 'text/html' } });
  await offer(413, '/whip', { body: obs.padEnd(16385, ' ') });
  await offer(400, '/whip', { body: 'hello' });
  await offer(406, '/whip', { body: obs.replaceAll('opus/48000', 'PCMU/8000') });
  await offer(422, '/whip', { body: obs.replace('setup:actpass', 'setup:passive') });
  await offer(422, '/whep'); // it would speak, and was to listen

  const begun = await offer(201, '/whip', { headers: { accept: `text/html, ${SDP};q=0.9`, origin: 'https://elsewhere.example' } });
  assert.equal(begun.of('content-type'), SDP);
  assert.equal(begun.of('access-control-allow-origin'), '*');
  assert.match(begun.of('location'), /^\/whip\/[\w-]{22}$/);
  assert.match(begun.text, /a=ice-lite\r\n[^]*m=audio [1-9]\d* [^]*a=setup:passive\r\n[^]*a=recvonly\r\n[^]*m=video 0 /);
  const at = begun.of('location'), etag = begun.of('etag');
  const again = await offer(201, '/whip'); // the first brought no sound: the later one takes over
  await ask(404, 'DELETE', at);
  const mine = again.of('location');
  const trickle = (want, more = {}) => ask(want, 'PATCH', mine, { type: FRAGMENT, body: read('fragment').replace('EsAw', '3tIb'), ...more });
  const match = { headers: { 'if-match': etag } };
  await trickle(204, match);
  await trickle(428);
  await trickle(412, { headers: { 'if-match': '"99"' } });
  await trickle(415, { ...match, type: SDP });
  await trickle(400, { ...match, body: '{"candidate":""}' });
  await trickle(401, { ...match, token: '' });
  await trickle(404, { ...match, token: others });
  const restart = await trickle(200, { headers: { 'if-match': '*' }, body: 'a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n' });
  assert.notEqual(restart.of('etag'), etag);
  assert.match(restart.text, /a=ice-ufrag:[^]*a=ice-pwd:/);
  await trickle(412, match);
  await ask(405, 'GET', mine);
  await ask(405, 'POST', mine, { type: SDP, body: obs });
  await ask(404, 'DELETE', mine.replace('whip', 'whep'));
  const ear = (await offer(201, '/whep', { body: read('offer_browser') }));
  assert.match(ear.text, /a=sendonly\r\n/);
  await ask(200, 'DELETE', mine);
  await ask(404, 'DELETE', mine);

  assert.ok((await offer(409, '/whip', { token: weekly })).of('retry-after')); // no meeting within 30 minutes
  const relays = (await offer(201, '/whip', { token: others })).of('link').split(', ');
  assert.equal(relays.length, 3);
  assert.match(relays[0], /^<turn:relay\.example\.org:3478\?transport=udp>; rel="ice-server"; username="\d+:[\w-]+"; credential="[\w+/=]+"; credential-type="password"$/);
  await call(204, null, 'DELETE', `/api/devices/${device}`);
  await ask(401, 'DELETE', ear.of('location')); // ended by the revocation, with its token
  await offer(401, '/whip');
  let refused = 0;
  for (let i = 0; i < 30; i++) refused += (await fetch(`${origin}/whip`, { method: 'POST', body: obs, headers: { authorization: `Bearer ${others}`, 'content-type': SDP } })).status === 429;
  assert.equal(refused, 1); // the first of them was the 31st of that minute
  for (let i = 0; i < 47; i++) await make({ name: `Room ${i + 3}` });
  await make({ name: 'the 50th' });
  await call(409, 'problem', 'POST', here, body);
  await call(204, null, 'DELETE', `/api/devices/${other}`);
  assert.ok((await call(200, 'devices', 'GET', here)).devices.every((it) => !('token' in it)));
  const log = readFileSync(join(out, 'answers.log'), 'utf8');
  assert.ok(!log.includes(token) && !log.includes(others), 'a token stands in the log');
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
  await rooms(call, clinic, board, meeting);

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
