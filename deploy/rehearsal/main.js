// The rehearsed meeting: scripted colleagues hold one meeting after the other, so that one person
// alone hears, sees and joins a living board.
//
//     node main.js URL DEMO_DATA CONSILIUM_VOICE DEMO.json PIN
//
// The first meeting plays at once, so that a signed plan is there to be read. From then on the
// colleagues sit ready in the next one and begin when a human comes in: what nobody hears would only
// fill the log.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOARD, CAST } from './cast.js';
import { Browser } from './http.js';
import { Colleague, sleep } from './colleague.js';
import { CASES } from './script.js';
import { identOf, shifted } from './demo.js';
import { Kept } from './kept.js';
import { CalledOff, MeetingOver, Stage } from './stage.js';
import { Voices } from './voices.js';

const WAIT_MS = 3 * 3600_000;
const GUARD_MS = 5000;
const [url, data, program, demoPath, pin] = process.argv.slice(2);
const log = (text) => console.log(`${new Date().toISOString()} ${text}`);
const demo = JSON.parse(readFileSync(demoPath, 'utf8'));
const tokens = JSON.parse(readFileSync(join(data, 'links.json'), 'utf8')).people;
const playedPath = join(data, 'played'); // a whole meeting was played once
const kept = new Kept(join(data, 'rehearsed.json'), call, log);

const cast = Object.fromEntries(Object.entries(CAST).map(([role, { key, voice }]) => [role, new Colleague({
  key, voice, url, program, log, person: identOf(key), token: tokens[key], name: demo.people.find((it) => it.key === key).name,
})]));
const ours = new Set(Object.values(cast).map((it) => it.person));
const stage = new Stage({
  cast, pin, log,
  voices: new Voices(join(data, 'voices')),
  plans: new Map(demo.scripts.map((it) => [it.case, shifted(it, demo.written)])),
  cases: new Map(Object.keys(CASES).map((key) => [identOf(key), key])),
});
stage.onSigned = (item) => kept.signed(stage.meeting, item);
for (const it of Object.values(cast)) {
  it.witness = () => stage.eyes;
  // A human reads back: the time to object stands while somebody else speaks, so nobody does.
  it.onEvent = (event) => { if (event.k === 'readback.begun' && !stage.chair) it.sound.hush(); };
}

/** Somebody is in the room who is none of us, or sits in one of our seats. */
function humanIsHere() {
  const strangers = [...(stage.room?.seats.values() ?? [])].some((it) => it.state !== 'left' && !ours.has(it.person));
  return strangers || Object.values(cast).some((it) => it.isHuman);
}

/** The coordinator's desk. Its cookie is made anew where the server no longer knows it. */
const desk = new Browser(url, tokens[CAST.coordinator.key]);
async function call(method, path, body) {
  if (!desk.cookie) await desk.signIn();
  try {
    return await desk.call(method, path, body);
  } catch (error) {
    if (error.status !== 401) throw error;
    await desk.signIn();
    return desk.call(method, path, body);
  }
}

/** Our cases may be heard elsewhere just now, by humans: their draft is not to be disturbed. */
async function casesAreFree() {
  const { meetings } = await call('GET', '/api/today');
  return !meetings.some((it) => it.state === 'open' && !kept.has(it.meeting) &&
    it.items.some((item) => stage.cases.has(item.case) && item.state === 'running'));
}

async function plan() {
  const board = identOf(BOARD);
  const made = await call('POST', `/api/boards/${board}/meetings`, { starts_us: Date.now() * 1000, minutes: 10 });
  kept.add(made.id);
  await call('PUT', `/api/meetings/${made.id}/agenda`, { base: made.version, items: Object.keys(CASES).map((key) => ({
    item: '', case: identOf(key), minutes: 5, presenter: identOf(demo.cases.find((it) => it.key === key).record.referrer) })) });
  return made.id;
}

/** What a rehearsal that was interrupted left open is closed, so that nobody walks into an empty room. */
async function tidy() {
  const { meetings } = await call('GET', `/api/boards/${identOf(BOARD)}`);
  for (const it of meetings.filter((m) => m.state !== 'closed' && kept.has(m.meeting))) {
    stage.meeting = it.meeting;
    await cast.coordinator.enter(it.meeting);
    if (await stage.until((room) => room.chair !== '', 10_000).catch(() => false)) {
      await stage.act(cast.coordinator, 'meeting.open', {});
      await stage.close().catch(() => undefined);
    }
    cast.coordinator.leave();
  }
}

async function waitForCompany(isFirst) {
  if (isFirst || humanIsHere()) return;
  log('waiting for somebody to come in');
  const end = Date.now() + WAIT_MS;
  while (!humanIsHere()) {
    if (Date.now() > end) { // "today" shows what began in the last half day: a fresh one is planned
      await stage.close();
      throw new MeetingOver();
    }
    await stage.until(() => humanIsHere(), 60_000); // looks five times a second
  }
  log('somebody came in');
  await sleep(1500); // their sound is being set up
}

async function forever() {
  let isFirst = !existsSync(playedPath);
  await tidy();
  for (;;) {
    if (!(await casesAreFree())) {
      await sleep(15_000);
      continue;
    }
    await kept.tidy();
    const meeting = await plan();
    log('a rehearsed meeting begins');
    const guard = setInterval(() => casesAreFree().then((free) => { stage.isCalledOff ||= !free; }, () => undefined), GUARD_MS);
    try {
      await stage.run(meeting, () => waitForCompany(isFirst));
    } catch (error) {
      if (error instanceof CalledOff) {
        log('a case of ours is heard in another meeting: this one ends');
        await stage.giveWay(humanIsHere()).catch(() => undefined);
      } else if (!(error instanceof MeetingOver)) throw error;
    } finally {
      clearInterval(guard);
      await sleep(3000);
      stage.leave();
    }
    isFirst = false;
    writeFileSync(playedPath, '');
    log('the rehearsed meeting is over');
    await sleep(2000);
  }
}

function stop() {
  stage.leave();
  setTimeout(() => process.exit(0), 500);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

for (;;) {
  try {
    await forever();
  } catch (error) {
    log(`interrupted: ${error.stack ?? error}`);
    stage.leave();
    await sleep(3000);
  }
}
