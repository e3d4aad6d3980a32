// A recording that a killed server left behind: finished at the start, heard by ranges by who may hear it and
// nobody else, sought in by Chromium, written down, removed with a certificate. Its sound is tones that
// tell the second they are of (tests/unit/recording/plant.c).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createHash, randomUUID } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { browser, discard, here, ident, program, seed, serve, signIn, until } from './lib.mjs';

const plant = join(program, '../../tests/unit/recording/recording_plant');
const SECONDS = 600;
const CASE = ident('DEMO-CASE-01');
const ID = randomUUID(), OLD = randomUUID(), NEXT = randomUUID();
const DAY = 86_400_000_000;
let alone, server, links, data, origin, meeting, other;

function load(events) {
  const file = join(data, 'more.jsonl');
  writeFileSync(file, events.map((e) => JSON.stringify({ s: '', id: '', at: Date.now() * 1000, by: '', ...e })).join('\n'));
  execFileSync(program, ['load', data, file], { stdio: 'pipe' });
}

before(async () => {
  ({ data, links } = seed({}));
  const agenda = readFileSync(join(data, 'seed.jsonl'), 'utf8').split('\n').filter((l) => l.includes('"agenda.set"')).map((l) => JSON.parse(l))
    .find((e) => e.d.items.some((i) => i.case === CASE));
  meeting = agenda.id;
  const begun = (recording, until_us) => ({ k: 'recording.begun', d: { recording, meeting, item: agenda.d.items.find((i) => i.case === CASE).item, case: CASE, until_us } });
  const second = agenda.d.items.find((i) => i.case !== CASE); // the next case of the same meeting
  other = second.case;
  load([begun(ID, Date.now() * 1000 + DAY), begun(OLD, Date.now() * 1000 - DAY),
    { at: Date.now() * 1000 + 1000, k: 'recording.begun', d: { recording: NEXT, meeting, item: second.item, case: other, until_us: Date.now() * 1000 + DAY } }]);
  execFileSync(plant, [data, NEXT, '5']);
  execFileSync(plant, [data, ID, String(SECONDS)]);
  execFileSync(plant, [data, OLD, '5']);
  assert.deepEqual(readdirSync(join(data, 'recordings')).sort(), [`${ID}.live`, `${NEXT}.live`, `${OLD}.live`].sort());
  server = await serve(data, { log: 'recording' });
  origin = `http://127.0.0.1:${server.port}`;
});
after(async () => {
  await server?.stop();
  discard(data);
});

async function person(token) {
  const joined = await fetch(`${origin}/api/session/demo`, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
  assert.equal(joined.status, 200);
  const cookie = joined.headers.get('set-cookie').split(';')[0];
  return (path, { method = 'GET', body, headers = {}, signal } = {}) => fetch(origin + path, { method, signal,
    headers: { origin, cookie, ...headers, ...(body ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) });
}
const sound = `/api/recordings/${ID}/sound`;

test('what a crash left is finished, and heard by ranges', { timeout: 60_000 }, async () => {
  const call = await person(links.roles.coordinator);
  const card = await until('it is finished', async () => {
    const found = (await (await call(`/api/cases/${CASE}/recordings`)).json()).recordings.find((r) => r.recording === ID);
    return found.state === 'ended' && found;
  });
  assert.equal(card.was_cut, true);
  assert.ok(Math.abs(card.duration_ms - SECONDS * 1000) <= 1000, `lasts ${card.duration_ms} ms`);
  // The other one's day had come while the server was down.
  const old = await until('the old one is removed', async () => {
    const found = await (await call(`/api/recordings/${OLD}`)).json();
    return found.state === 'removed' && found;
  });
  assert.equal(old.removed_why, 'expired');
  assert.equal(old.duration_ms, 5000);
  assert.equal(old.removed_by, '');
  await until('the next case is finished', () => existsSync(join(data, 'recordings', `${NEXT}.rec`)) && !existsSync(join(data, 'recordings', `${NEXT}.live`)));
  assert.deepEqual(readdirSync(join(data, 'recordings')).sort(), [`${ID}.rec`, `${NEXT}.rec`].sort());
  assert.ok(!readFileSync(join(data, 'recordings', `${ID}.rec`)).includes('OpusHead'), 'nothing plain on the disk');

  const whole = await call(sound);
  assert.equal(whole.status, 200);
  assert.equal(whole.headers.get('cache-control'), 'no-store');
  assert.equal(whole.headers.get('content-type'), 'audio/webm');
  const bytes = Buffer.from(await whole.arrayBuffer());
  assert.equal(bytes.length, card.bytes);
  assert.equal(createHash('sha256').update(bytes).digest('hex'), card.sha256);
  for (const [from, to] of [[0, 0], [100, 70_000], [65_535, 65_536], [bytes.length - 5, bytes.length - 1]]) {
    const part = await call(sound, { headers: { range: `bytes=${from}-${to}` } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get('content-range'), `bytes ${from}-${to}/${bytes.length}`);
    assert.ok(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(from, to + 1)), `${from}-${to}`);
  }
  for (let i = 0; i < 5; i++) { // a player that goes in the middle of a piece
    const gone = new AbortController();
    const going = await call(sound, { signal: gone.signal });
    await going.body.getReader().read();
    gone.abort();
  }
  assert.equal((await call(sound, { headers: { range: `bytes=${bytes.length}-` } })).status, 416);
  const head = await call(sound, { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), String(bytes.length));
  const of = (await (await call(`/api/meetings/${meeting}/recordings`)).json()).recordings;
  assert.deepEqual(of.map((r) => r.recording).sort(), [ID, OLD, NEXT].sort());
});

test('who may not hear it does not learn that it is there', async () => {
  assert.equal((await fetch(origin + sound)).status, 401);
  const statuses = new Map();
  for (const [name, token] of Object.entries(links.people)) {
    const call = await person(token);
    const heard = (await call(sound, { headers: { range: 'bytes=0-0' } })).status;
    statuses.set(heard, (statuses.get(heard) ?? 0) + 1);
    if (heard === 206) continue;
    assert.equal(heard, 404, name);
    for (const [path, asked] of [[`/api/recordings/${ID}`, {}], [`/api/cases/${CASE}/recordings`, {}],
      [`/api/recordings/${ID}`, { method: 'DELETE', body: { reason: 'x' } }], [`/api/recordings/${ID}/until`, { method: 'PUT', body: { until_us: 1 } }]])
      assert.equal((await call(path, asked)).status, 404, `${name} ${asked.method ?? 'GET'} ${path}`);
  }
  assert.ok(statuses.get(206) > 0 && statuses.get(404) > 0, JSON.stringify([...statuses]));
  const scribe = await person(links.roles.clinic); // the referrer hears, and removes nothing
  if ((await scribe(`/api/recordings/${ID}`)).status === 200)
    assert.equal((await scribe(`/api/recordings/${ID}`, { method: 'DELETE', body: { reason: 'x' } })).status, 403);
});

test('the cases of a meeting lead to each other, for who may hear both', async () => {
  const call = await person(links.roles.coordinator);
  const first = await (await call(`/api/recordings/${ID}`)).json();
  assert.deepEqual(first.before, []); // the one that was removed has nothing to hear
  assert.deepEqual(first.after.map((r) => r.recording), [NEXT]);
  const next = await (await call(`/api/recordings/${NEXT}`)).json();
  assert.deepEqual(next.before.map((r) => [r.recording, r.name]), [[ID, first.name]]);
  assert.deepEqual(next.after, []);
  for (const [name, token] of Object.entries(links.people)) { // a referrer of one of them alone learns nothing of the other
    const they = await person(token);
    const [one, two] = await Promise.all([ID, NEXT].map((id) => they(`/api/recordings/${id}`)));
    if (one.status === 200 && two.status === 404) {
      assert.deepEqual((await one.json()).after, [], name);
      alone = name;
    }
    if (two.status === 200 && one.status === 404) {
      assert.deepEqual((await two.json()).before, [], name);
      alone = name;
    }
  }
  assert.ok(alone, 'somebody hears only one of them');
});

test('a film is made while the server lives, or not at all', { timeout: 60_000 }, async () => {
  const film = `/api/recordings/${ID}/film`;
  const call = await person(links.roles.coordinator);
  assert.equal((await (await call(film)).json()).state, 'none');
  assert.equal((await call(`${film}.webm`)).status, 409);
  assert.equal((await call(film, { method: 'POST' })).status, 200);
  assert.equal((await (await call(`/api/recordings/${NEXT}/film`, { method: 'POST' })).json()).ahead, 1); // one at a time
  assert.equal((await call(`/api/recordings/${NEXT}/film`, { method: 'DELETE' })).status, 204);
  await until('a hundredth of it is made', async () => (await (await call(film)).json()).percent >= 1);
  await server.kill();
  assert.deepEqual(readdirSync(join(data, 'recordings')).sort(), [`${ID}.rec`, `${NEXT}.rec`].sort(), 'no half a film');
  server = await serve(data, { log: 'recording' });
  origin = `http://127.0.0.1:${server.port}`;
  const again = await person(links.roles.coordinator);
  await until('its end is known', async () => (await (await again(film)).json()).state === 'interrupted');
  assert.deepEqual(readdirSync(join(data, 'jobs')), []);
});

test('Chromium plays it and seeks in it', { timeout: 60_000 }, async () => {
  const chrome = await browser();
  try {
    const page = await signIn(chrome, server, links, 'coordinator');
    const got = await page.evaluate(async (path) => {
      const audio = new Audio(path);
      const event = (name) => new Promise((done, fail) => {
        audio.addEventListener(name, done, { once: true });
        audio.addEventListener('error', () => fail(new Error(audio.error?.message)), { once: true });
      });
      await Promise.all([event('loadedmetadata'), audio.load()]);
      const { duration } = audio;
      const seeks = [];
      for (const to of [500.5, 40.25, 590]) {
        const start = performance.now();
        audio.currentTime = to;
        await event('seeked');
        seeks.push({ to, at: audio.currentTime, ms: Math.round(performance.now() - start) });
      }
      audio.currentTime = 302.1; // an even second: a tone of 300 + 10 * 302 Hz
      await event('seeked');
      const context = new AudioContext();
      const analyser = new AnalyserNode(context, { fftSize: 16384 });
      context.createMediaElementSource(audio).connect(analyser);
      await audio.play();
      while (audio.currentTime < 302.7) await event('timeupdate');
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      const loudest = bins.indexOf(Math.max(...bins)) * context.sampleRate / analyser.fftSize;
      return { duration, seeks, loudest };
    }, sound);
    console.log('duration and seeks', JSON.stringify(got));
    assert.ok(Math.abs(got.duration - SECONDS) <= 1);
    for (const seek of got.seeks) assert.ok(Math.abs(seek.at - seek.to) < 0.05, JSON.stringify(seek));
    assert.ok(Math.abs(got.loudest - 3320) < 10, `heard ${got.loudest} Hz at second 302`);
    assert.deepEqual(page.errors, []);
  } finally {
    await chrome.close();
  }
});

test('it is kept as long as is said, then removed with a certificate', { timeout: 30_000 }, async () => {
  const call = await person(links.roles.coordinator);
  assert.equal((await call(`/api/recordings/${ID}/until`, { method: 'PUT', body: { until_us: 5 } })).status, 422);
  assert.equal((await call(`/api/recordings/${ID}/until`, { method: 'PUT', body: { until_us: Date.now() * 1000 + 2 * DAY } })).status, 204);
  assert.equal((await call(`/api/recordings/${ID}`, { method: 'DELETE', body: { reason: '' } })).status, 400);
  assert.equal((await call(`/api/recordings/${ID}`, { method: 'DELETE', body: { reason: 'The patient asked for it.' } })).status, 204);
  assert.ok(!existsSync(join(data, 'recordings', `${ID}.rec`)));
  assert.equal((await call(sound)).status, 409);
  const full = await (await call(`/api/recordings/${ID}`)).json();
  assert.equal(full.state, 'removed');
  assert.equal(full.removed_why, 'asked');
  assert.equal(full.removed_reason, 'The patient asked for it.');
  assert.ok(full.removed_by.length > 0);
  const board = ident('DEMO-BOARD-THORACIC');
  const listed = (await (await call(`/api/boards/${board}/recordings`)).json()).recordings;
  assert.deepEqual(Object.fromEntries(listed.map((r) => [r.recording, r.state])), { [NEXT]: 'ended', [OLD]: 'removed', [ID]: 'removed' });
  assert.equal((await (await person(links.roles.clinic))(`/api/boards/${board}/recordings`)).status, 403);
  const seen = [['recording_full', `/api/recordings/${ID}`], ['recording_full', `/api/recordings/${NEXT}`], ['film', `/api/recordings/${NEXT}/film`],
    ['recordings', `/api/boards/${board}/recordings`], ['board_full', `/api/boards/${board}`]];
  const lines = await Promise.all(seen.map(async ([name, path]) => JSON.stringify({ set: 'answer', name, d: await (await call(path)).json(), at: path })));
  const judge = spawnSync('python3', [join(here, 'judge.py')], { input: lines.join('\n') });
  assert.equal(judge.status, 0, judge.stdout.toString() + judge.stderr.toString());
  // The site's log has who asked for a film, what became of it, and both removals (that its chain covers them: store_log_test).
  const kinds = execFileSync('python3', ['-c', 'import sqlite3,sys,json; print(json.dumps(dict(sqlite3.connect(sys.argv[1]).execute("select kind, count(*) from events where kind like \'recording.%\' group by kind").fetchall())))',
    join(data, 'consilium.db')], { encoding: 'utf8' });
  const log = JSON.parse(kinds);
  assert.equal(log['recording.film_asked'], 2);
  assert.equal(log['recording.film_ended'], 2); // cancelled, interrupted
  assert.equal(log['recording.removed'], 2);
  assert.equal((await call(`/api/recordings/${ID}`, { method: 'DELETE', body: { reason: 'again' } })).status, 409);
});
