// What people with a session try who want more than it gives them: no browser, only the interface.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seed, serve, discard, ident, until } from './lib.mjs';
import { request } from 'node:http';
import { Person, meetingOf } from './walk.mjs';
import { member } from './member.mjs';

const CASE = ident('DEMO-CASE-01'), THORACIC = ident('DEMO-BOARD-THORACIC'), GENERAL = ident('DEMO-BOARD-GENERAL');
let server, data, links, meeting, coordinator, agenda, guests = 0;

before(async () => {
  ({ data, links } = seed({ objection: 5 }));
  server = await serve(data, { log: 'attack' });
  meeting = await meetingOf(server, links);
  coordinator = await Person.signIn(server, links.roles.coordinator);
  agenda = (await coordinator.call('GET', `/api/meetings/${meeting}`)).body;
});
after(async () => {
  await server?.stop();
  if (data) discard(data);
});

const as = (key) => Person.signIn(server, links.people[key]);
const link = async (body) => coordinator.call('POST', `/api/meetings/${meeting}/invitations`, { person: '', name: `Dr. Guest ${++guests}`, specialty: 'pathology', site: 'Elsewhere', ...body });
async function guest(body) {
  const made = await link(body);
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const person = new Person(server);
  const answer = await person.call('POST', '/api/invitations/exchange', { token: made.body.url.split('#')[1] });
  assert.equal(answer.status, 200);
  return { person, invitation: made.body.invitation, url: made.body.url };
}

test('the words of a page exist for nobody to whom the file does not', async () => {
  const photo = readFileSync(new URL('../../deploy/demo/photos/endoscopy-synthetic.jpg', import.meta.url));
  const { document } = (await coordinator.call('POST', `/api/cases/${CASE}/documents`, { title: 'Photo', bytes: photo.length })).body;
  assert.equal((await coordinator.call('PUT', `/api/documents/${document}/content?offset=0`, photo)).status, 200);
  assert.equal((await coordinator.call('POST', `/api/documents/${document}/finish`)).status, 200);
  assert.equal((await coordinator.call('GET', `/api/documents/${document}`)).status, 200);
  const stranger = await as('SYN-PRAC-19');
  const { person } = await guest({ items: [agenda.items.find((row) => row.case !== CASE).item] });
  for (const who of [stranger, person])
    for (const path of [`/api/documents/${document}`, `/api/documents/${document}/text/1`, `/api/documents/${ident('nothing')}/text/1`])
      assert.deepEqual([(await who.call('GET', path)).status, path], [404, path]);
});

test('an upload of no bytes is a mistake, not too large', async () => {
  for (const [bytes, status] of [[0, 400], [-1, 400], [209715201, 413]])
    assert.equal((await coordinator.call('POST', `/api/cases/${CASE}/documents`, { title: 'Empty', bytes })).status, status, `${bytes}`);
});

test('the referring clinician is called what their account is called', async () => {
  const { version, record } = (await coordinator.call('GET', `/api/cases/${CASE}`)).body;
  const saved = await coordinator.call('PUT', `/api/cases/${CASE}`, { base: version, record: { ...record, referrer_name: 'Dr. Somebody Else' } });
  assert.equal(saved.status, 200, JSON.stringify(saved.body));
  assert.equal((await coordinator.call('GET', `/api/cases/${CASE}`)).body.record.referrer_name, record.referrer_name);
  const unknown = await coordinator.call('PUT', `/api/cases/${CASE}`, { base: version + 1, record: { ...record, referrer: ident('nobody') } });
  assert.deepEqual([unknown.status, unknown.body.field], [400, 'referrer']);
});

test('a meeting that is over can leave the lists, by the coordinator, and its log stays', async () => {
  const { id } = (await coordinator.call('POST', `/api/boards/${THORACIC}/meetings`, { starts_us: Date.now() * 1000, minutes: 30 })).body;
  const meetings = async () => (await coordinator.call('GET', `/api/boards/${THORACIC}`)).body.meetings.map((m) => m.meeting);
  assert.equal((await coordinator.call('DELETE', `/api/meetings/${id}`)).status, 403, 'it is not over');
  const seat = await member(server, links.roles.coordinator, id);
  await seat.say('meeting.open', {});
  await seat.say('meeting.close', {});
  await seat.leave();
  assert.equal((await (await as('SYN-PRAC-19')).call('DELETE', `/api/meetings/${id}`)).status, 404);
  assert.equal((await (await as('SYN-PRAC-04')).call('DELETE', `/api/meetings/${id}`)).status, 403);
  assert.ok((await meetings()).includes(id));
  assert.equal((await coordinator.call('DELETE', `/api/meetings/${id}`)).status, 204);
  assert.equal((await coordinator.call('DELETE', `/api/meetings/${id}`)).status, 204, 'twice is once');
  assert.ok(!(await meetings()).includes(id));
  assert.equal((await coordinator.call('GET', `/api/meetings/${id}`)).body.state, 'closed');
});

test('a guest is invited with a specialty of the list, or not at all', async () => {
  assert.equal((await link({ items: [agenda.items[0].item], specialty: 'palm_reading' })).status, 400);
  assert.equal((await link({ items: [agenda.items[0].item], specialty: '' })).status, 400);
});

test('another board gets nothing of a case, and cannot take it onto its agenda', async () => {
  const other = await as('SYN-PRAC-19'); // coordinator of the general board
  const before = (await coordinator.call('GET', `/api/cases/${CASE}`)).body;
  assert.equal((await other.call('GET', `/api/cases/${CASE}`)).status, 404);
  assert.equal((await other.call('GET', `/api/meetings/${meeting}`)).status, 404);
  assert.equal((await other.call('GET', `/api/boards/${THORACIC}`)).status, 404);
  assert.equal((await other.call('PUT', `/api/cases/${CASE}`, { base: before.version, record: before.record })).status, 403);
  assert.equal((await other.call('POST', `/api/cases/${CASE}/documents`, { title: 'Mine', bytes: 10 })).status, 403);

  const made = await other.call('POST', `/api/boards/${GENERAL}/meetings`, { starts_us: (Date.now() + 86400000) * 1000, minutes: 60 });
  assert.equal(made.status, 200);
  const taken = await other.call('PUT', `/api/meetings/${made.body.id}/agenda`, { base: 0, items: [{ item: '', case: CASE, minutes: 10, presenter: ident('SYN-PRAC-19') }] });
  assert.equal(taken.status, 404);
  assert.equal((await other.call('GET', `/api/cases/${CASE}`)).status, 404);
  assert.equal((await coordinator.call('GET', `/api/cases/${CASE}`)).body.version, before.version);
});

test('a search does not tell a member of another board who is in the record', async () => {
  const member = await as('SYN-PRAC-14');
  const { name } = agenda.items.find((it) => it.case === CASE);
  const { body } = await member.call('GET', `/api/records?q=${encodeURIComponent(name.slice(0, 4))}`);
  assert.equal(body.total, 0);
  assert.equal(body.hidden, 0);
});

test('whoever may not read the sealed plan cannot become its referrer', async () => {
  const { version, record, sealed } = (await coordinator.call('GET', `/api/cases/${CASE}`)).body;
  assert.equal(sealed, true);
  assert.equal(record.referring_plan, '');
  const tried = await coordinator.call('PUT', `/api/cases/${CASE}`, { base: version, record: { ...record, referrer: ident('SYN-PRAC-07') } });
  assert.equal(tried.status, 403);
  assert.equal((await coordinator.call('GET', `/api/cases/${CASE}`)).body.sealed, true);
});

test('no invitation opens the seat of a member', async () => {
  const items = [agenda.items[0].item];
  assert.equal((await link({ person: ident('SYN-PRAC-01'), items })).status, 400);
  assert.equal((await link({ person: ident('SYN-PRAC-01').toUpperCase(), items })).status, 400);
});

test('an invitation is worth its items and nothing else, whoever it names', async () => {
  const [own, other] = agenda.items;
  for (const body of [{}, { person: ident('SYN-PRAC-14') }]) { // a stranger; a member of another board
    const { person, url } = await guest({ ...body, items: [own.item] });
    assert.ok(url.startsWith(`http://127.0.0.1:${server.port}/j#`));
    const today = (await person.call('GET', '/api/today')).body;
    assert.deepEqual(today.meetings.map((m) => [m.meeting, m.role, m.items.map((it) => it.item)]), [[meeting, 'guest', [own.item]]]);
    assert.deepEqual(today.unsigned, []);
    assert.ok(today.cases.every((c) => c.case === own.case));
    for (const path of [`/api/people`, `/api/meetings/${meeting}`, `/api/boards/${THORACIC}`, `/api/boards/${GENERAL}`, `/api/cases/${other.case}`])
      assert.ok([403, 404].includes((await person.call('GET', path)).status), path);
    assert.equal((await person.call('POST', '/api/cases', { base: 0, record: (await coordinator.call('GET', `/api/cases/${CASE}`)).body.record })).status, 403);
    const found = (await person.call('GET', `/api/records?q=${encodeURIComponent(other.name)}`)).body;
    assert.deepEqual([found.total, found.hidden], [0, 0]);
  }
});

test('sockets end with sign-out, and with a device that was freed', async () => {
  const { person, invitation } = await guest({ items: [agenda.items[0].item] });
  const waiting = await person.socket(meeting);
  const member = await as('SYN-PRAC-03');
  const seat = await member.socket(meeting);
  assert.equal((await coordinator.call('POST', `/api/invitations/${invitation}/free`, {})).status, 204);
  assert.equal((await member.call('DELETE', '/api/session')).status, 204);
  await until('the guest and the member are out', () => waiting.closed === 4401 && seat.closed === 4401);
  assert.equal((await person.call('GET', '/api/me')).status, 401);
  assert.equal((await member.call('GET', '/api/me')).status, 401);
});

test('other sites, and requests without an origin, change nothing', async () => {
  for (const origin of ['http://evil.example', 'null', `http://127.0.0.1.evil.example:${server.port}`])
    assert.equal((await coordinator.call('DELETE', '/api/session', undefined, { origin })).status, 403);
  assert.equal((await coordinator.call('GET', '/api/me')).status, 200);
});

test('an upload is its owner’s, and pieces of none are refused', async () => {
  const begun = await coordinator.call('POST', `/api/cases/${CASE}/documents`, { title: 'Deck', bytes: 4 });
  assert.equal(begun.status, 200);
  const { document } = begun.body, chair = await Person.signIn(server, links.roles.chair);
  const piece = new Uint8Array([1, 2, 3, 4]);
  assert.equal((await chair.call('PUT', `/api/documents/${document}/content?offset=0`, piece)).status, 404);
  assert.equal((await chair.call('GET', `/api/documents/${document}`)).status, 404);
  assert.equal((await coordinator.call('GET', `/api/documents/${document}`)).body.received, 0);
  assert.equal((await coordinator.call('PUT', `/api/documents/${ident('nothing')}/content?offset=0`, piece)).status, 404);
  assert.equal((await coordinator.call('PUT', `/api/documents/${document}/content?offset=0`, piece)).status, 200);
  const [one, two] = await Promise.all([1, 2].map(() => coordinator.call('POST', `/api/documents/${document}/finish`)));
  assert.ok(one.status >= 400 && two.status >= 400); // four bytes are no picture, and finish is not done twice
});

test('knocking with made-up links does not fill the log', async () => {
  const stranger = new Person(server);
  for (let i = 0; i < 150; i++)
    assert.equal((await stranger.call('POST', '/api/invitations/preview', { token: Buffer.alloc(16, i).toString('base64url') })).status, 404);
  const count = execFileSync('python3', ['-c', 'import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute("select count(*) from events where kind=?", ["signin.refused"]).fetchone()[0])',
    join(data, 'consilium.db')]).toString().trim();
  assert.ok(Number(count) > 0 && Number(count) <= 120, count); // sixty a minute
});

test('a stop in the middle of password checks is a clean one', async () => {
  const one = seed();
  const other = await serve(one.data, { log: 'attack-stop' });
  const body = JSON.stringify({ email: 'nobody@example.org', password: 'a long one' });
  const sent = Array.from({ length: 12 }, (_, i) => new Promise((done) => {
    const ask = request({ port: other.port, method: 'POST', path: '/api/session/password',
      headers: { origin: `http://127.0.0.1:${other.port}`, host: `127.0.0.1:${other.port}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) + 2 } });
    ask.on('error', () => {});
    ask.end(body.replace('nobody', `nobody${String(i).padStart(2, '0')}`), () => setTimeout(() => done(ask.destroy()), 100));
  }));
  await Promise.all(sent);
  await other.stop(); // a sanitizer would have spoken
  discard(one.data);
});
