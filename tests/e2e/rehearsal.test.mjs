// The rehearsed meeting with a person in it, by the interface: it waits, begins as soon as somebody comes in, leaves a
// taken seat alone, is silent while a human reads back, never signs for a human, gives way to a meeting of humans.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discard, ident, out, root, seed, serve, until, voiceProgram } from './lib.mjs';
import { member, sign, writePlan } from './member.mjs';
import { Person } from './walk.mjs';

const BOARD = ident('DEMO-BOARD-THORACIC'), PIN = '2741';
let server, data, links, desk, play, old;

const rehearsed = () => JSON.parse(readFileSync(join(data, 'rehearsed.json'), 'utf8'));
const listed = async () => (await desk.call('GET', `/api/boards/${BOARD}`)).body.meetings;
const openOne = () => until('colleagues sit in an open room', async () =>
  (await listed()).find((m) => m.state === 'open' && m.meeting === rehearsed().at(-1).meeting)?.meeting, 40_000);

async function makeMeeting(cases = []) {
  const { body } = await desk.call('POST', `/api/boards/${BOARD}/meetings`, { starts_us: Date.now() * 1000, minutes: 30 });
  if (cases.length)
    assert.equal((await desk.call('PUT', `/api/meetings/${body.id}/agenda`, { base: body.version,
      items: cases.map((key) => ({ item: '', case: ident(key), minutes: 5, presenter: ident('SYN-PRAC-04') })) })).status, 200);
  return body.id;
}

before(async () => {
  ({ data, links } = seed({ objection: 5 }));
  server = await serve(data, { log: 'rehearsal' });
  desk = await Person.signIn(server, links.roles.coordinator);
  old = [];
  for (let i = 0; i < 4; i++) {
    const meeting = await makeMeeting();
    const coordinator = await member(server, links.roles.coordinator, meeting);
    await coordinator.say('meeting.open', {});
    await coordinator.say('meeting.close', {});
    await coordinator.leave();
    old.push(meeting);
  }
  writeFileSync(join(data, 'rehearsed.json'), JSON.stringify(old));
  writeFileSync(join(data, 'played'), '');
  const log = createWriteStream(join(out, 'rehearsal-script.log'));
  play = spawn(process.execPath, [join(root, 'deploy/rehearsal/main.js'), `http://127.0.0.1:${server.port}`, data, voiceProgram,
    join(root, 'deploy/demo/demo.json'), PIN], { stdio: ['ignore', 'pipe', 'pipe'] });
  play.stdout.pipe(log);
  play.stderr.pipe(log);
});
after(async () => {
  if (play && play.exitCode === null) {
    const gone = new Promise((done) => play.once('exit', done));
    play.kill('SIGTERM');
    await gone;
  }
  await server?.stop();
  if (data) discard(data);
});

test('older rehearsals are listed no more, the last three are', async () => {
  await openOne();
  const ids = (await listed()).map((m) => m.meeting);
  assert.ok(!ids.includes(old[0]), 'the oldest of four is archived');
  assert.deepEqual(old.slice(1).map((id) => ids.includes(id)), [true, true, true]);
});

let meeting, coordinator, chair;

test('somebody comes in, as the coordinator, and hears talk at once', async () => {
  meeting = await openOne();
  coordinator = await member(server, links.roles.coordinator, meeting, { takeover: true });
  await until('a colleague talks', () => coordinator.talking.length > 0, 60_000); // what a visitor is promised
  assert.ok(coordinator.talking.every((it) => it.seat !== coordinator.seat));
});

test('a human chair keeps the chair, reads back in silence and signs; the script does not', async () => {
  chair = await member(server, links.roles.chair, meeting, { takeover: true });
  const items = (await desk.call('GET', `/api/meetings/${meeting}`)).body.items;
  if (!chair.events.some((it) => it.k === 'item.started')) await chair.say('item.start', { item: items[0].item });
  await writePlan(chair);
  const plan = await sign(server, chair, meeting, PIN, 'The quorum is short; the case cannot wait.');
  const full = (await desk.call('GET', `/api/plans/${plan}`)).body;
  assert.equal(full.version, 1);
  assert.equal(chair.events.filter((it) => it.k === 'item.signed').length, 1);
  assert.deepEqual(rehearsed().at(-1).signed, [], 'it is a human who signed: this meeting stays for ever');
  assert.equal(chair.refusals.some((it) => it.error === 'denied'), false, 'nobody took the chair away');
});

test('humans who hear the other case elsewhere are given way to; the room stays whose it is', async () => {
  const theirs = await makeMeeting(['DEMO-CASE-02']);
  const head = await member(server, links.roles.chair, theirs);
  try {
    await head.say('meeting.open', {});
    const [item] = (await desk.call('GET', `/api/meetings/${theirs}`)).body.items;
    await head.say('item.start', { item: item.item });
    const script = () => chair.events.filter((it) => it.k === 'seat.joined').map((it) => it.d.seat)
      .filter((seat) => seat !== chair.seat && seat !== coordinator.seat);
    await until('the colleagues have left', () => script().length > 0 && script().every((seat) =>
      chair.events.filter((it) => ['seat.joined', 'seat.left'].includes(it.k) && it.d.seat === seat).at(-1).k === 'seat.left'), 40_000);
    const states = Object.fromEntries((await listed()).map((m) => [m.meeting, m.state]));
    assert.deepEqual([states[theirs], states[meeting]], ['open', 'open']);
  } finally {
    await Promise.all([head.leave(), chair.leave(), coordinator.leave()]);
  }
});
