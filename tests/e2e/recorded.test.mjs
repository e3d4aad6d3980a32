// A meeting is recorded with everybody's knowledge: the chair begins, open microphones close, each is asked and
// answers by keyboard, on a phone too; the top of the room says in words which it is; who comes late is asked. Then what
// was said is listened to, with the page that stood and where the presenter pointed; a film of it is made and taken out;
// it is removed, and its certificate is found.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe } from './axe.mjs';
import { voiceFile } from './hear.mjs';
import { api, browser, discard, ident, out, seed, serve, signIn, until } from './lib.mjs';
import { member } from './member.mjs';
import { enter, known, meetingOf, Person, picture, speak } from './walk.mjs';

let data, links, server, chrome, meeting, late;
before(async () => {
  ({ data, links } = seed({}));
  server = await serve(data, { log: 'recorded' });
  chrome = await browser({ voice: voiceFile('anna') });
  meeting = await meetingOf(server, links);
  await picture(server, links);
}, { timeout: 120_000 });
after(async () => {
  await late?.leave();
  await chrome?.close();
  await server?.stop();
  discard(data);
});

const says = (page, words) => until(`the top of the room says ${words}`, async () => (await page.locator('.private').first().innerText()).includes(words));

const BOARD = ident('DEMO-BOARD-THORACIC');

/** Looked at by people: VTB_SHOTS=folder. */
async function shot(page, name) {
  if (!process.env.VTB_SHOTS) return;
  mkdirSync(process.env.VTB_SHOTS, { recursive: true });
  for (const theme of ['day', 'reading']) {
    await page.evaluate((t) => { document.documentElement.dataset.theme = t; }, theme);
    for (const [width, height, label] of [[1440, 900, 'wide'], [720, 450, 'zoom200'], [360, 740, 'phone']]) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: join(process.env.VTB_SHOTS, `${name}-${label}-${theme}.png`), fullPage: true });
    }
  }
  await page.evaluate(() => { document.documentElement.dataset.theme = 'day'; });
  await page.setViewportSize({ width: 1440, height: 900 });
}

test('the coordinator says whether the board is recorded, and for how long', { timeout: 60_000 }, async () => {
  const page = await signIn(chrome, server, links, 'coordinator');
  await page.goto(new URL(`/boards/${BOARD}`, page.url()).href);
  await page.getByRole('heading', { name: 'Recording', exact: true }).waitFor();
  const tick = page.getByLabel('The chair may record meetings of this board');
  const save = page.getByRole('button', { name: 'Save how it is recorded' });
  await tick.uncheck();
  await save.click();
  await page.getByText('Not recorded: nobody can record a meeting of this board.').waitFor();
  const chair = await member(server, links.people['SYN-PRAC-01'], meeting); // the meeting was planned before
  await chair.say('meeting.open', {});
  assert.match((await chair.ask('recording.start', {})).message, /policy allows/);
  await chair.leave();
  await tick.check();
  await page.getByLabel('Days that a recording is kept').fill('0');
  await save.click();
  await page.getByText('1 to 3650 days.').waitFor();
  await page.getByLabel('Days that a recording is kept').fill('30');
  await save.click();
  await page.getByText('removed after 30 days').waitFor();
  await axe(page, 'how a board is recorded');
  await shot(page, 'policy');
  const other = await Person.signIn(server, links.people['SYN-PRAC-04']);
  assert.equal((await other.call('PUT', `/api/boards/${BOARD}/recording`, { recording: 'off', days: 1 })).status, 403);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('nobody is recorded speaking who was not told', { timeout: 120_000 }, async () => {
  const chair = await signIn(chrome, server, links, 'chair');
  const phone = await signIn(chrome, server, links, 'coordinator', { person: 'SYN-PRAC-02', width: 390, height: 844 });
  await enter(chair, meeting);
  await chair.getByRole('button', { name: /Start next case/ }).click();
  await enter(phone, meeting);
  await speak(phone);
  await says(phone, 'Not recorded');

  await chair.getByRole('button', { name: 'Record', exact: true }).click();
  await chair.getByRole('button', { name: 'Begin recording' }).click();
  await says(chair, 'Recording');
  await says(phone, 'Recording');
  await phone.getByRole('heading', { name: 'This meeting is being recorded' }).waitFor();
  await until('the open microphone closed', async () => (await known(phone)).ownSound.is.startsWith('muted') || (await known(phone)).ownSound.is === 'talking_muted');
  await axe(phone, 'asked on a phone');
  const { seat } = await known(phone);
  await phone.keyboard.press('Escape'); // listens only, until the microphone is wanted
  await phone.locator('.micbtn').click();
  await phone.getByRole('heading', { name: 'This meeting is being recorded' }).waitFor();
  assert.ok(!(await known(phone)).state.meeting.told.includes(seat));
  await phone.keyboard.press('Enter');
  await until('the acknowledgement is known to the chair', async () => (await known(chair)).state.meeting.told.includes(seat));
  await phone.getByRole('dialog').waitFor({ state: 'detached' });
  await speak(phone);
  await until('the room heard the phone', async () => (await known(chair)).state.seats.bySeat[seat].spoke);
  await chair.keyboard.press('1'); // presents: page 1
  await until('the page stands', async () => (await known(chair)).state.picture.shown);
  const wall = await chair.locator('.osd').boundingBox();
  for (let i = 0; i < 12; i++) { // points, for over a second
    await chair.mouse.move(wall.x + wall.width / 2 + i, wall.y + wall.height / 2);
    await new Promise((done) => setTimeout(done, 110));
  }

  late = await member(server, links.people['SYN-PRAC-04'], meeting);
  const refused = await late.ask('sound.mute', { muted: false });
  assert.match(refused.message, /acknowledged/);
  await chair.getByRole('button', { name: 'Record', exact: true }).click();
  await chair.getByText('Not yet acknowledged by one person').waitFor();
  await axe(chair, 'the chair\'s recording');
  await late.say('recording.acknowledge', {});
  await chair.getByText('Everybody here has acknowledged it.').waitFor();
  await late.say('sound.mute', { muted: false });

  await chair.getByRole('button', { name: 'Off the record' }).click();
  await says(phone, 'Off the record');
  await chair.getByRole('button', { name: 'Record', exact: true }).click();
  await chair.getByRole('button', { name: 'End the recording' }).click();
  await says(phone, 'Not recorded');
  await until('what was said is kept', async () => {
    const { body } = await api(chair, 'GET', `/api/cases/${ident('DEMO-CASE-01')}/recordings`);
    return body.recordings.length === 1 && body.recordings[0].state === 'ended' && body.recordings[0].duration_ms > 0;
  });
  assert.deepEqual([...chair.errors, ...phone.errors], []);
  await phone.context().close();
  await listens(chair);
});

/** What was said is heard with the page that stood, kept longer, and removed with a certificate. */
async function listens(page) {
  const { body } = await api(page, 'GET', `/api/cases/${ident('DEMO-CASE-01')}/recordings`);
  const id = body.recordings[0].recording;
  assert.ok(Math.abs(body.recordings[0].until_us - body.recordings[0].began_us - 30 * 86_400e6) < 60e6, 'kept as the board says');
  await page.goto(new URL(`/cases/${ident('DEMO-CASE-01')}`, page.url()).href);
  await page.getByRole('link', { name: 'Listen' }).click();
  await page.getByRole('heading', { name: 'Jump to' }).waitFor();
  const full = (await api(page, 'GET', `/api/recordings/${id}`)).body;
  assert.ok(full.spans.some((s) => s.kind === 'turn'), 'somebody spoke');
  await page.getByRole('button', { name: 'Case picture, page 1' }).click();
  await page.getByRole('img', { name: 'Case picture, page 1' }).waitFor();
  await until('its tiles are drawn', () => page.evaluate(() => {
    const tiles = [...document.querySelectorAll('.tiled img')];
    return tiles.length > 0 && tiles.every((it) => it.complete && it.naturalWidth > 0);
  }));
  const at = full.moments.find((m) => m.kind === 'page').at_ms / 1000;
  await until('the sound is there too', () => page.evaluate((from) => document.querySelector('audio').currentTime >= from - 0.1, at));
  const bytes = await page.evaluate(async (path) => [...new Uint8Array(await (await fetch(path)).arrayBuffer())], `/api/recordings/${id}/marks`);
  assert.ok(bytes.length >= 5 * 21 && bytes.length % 21 === 0, `${bytes.length} bytes of marks`);
  const pointed = new DataView(Uint8Array.from(bytes).buffer).getUint32(1) / 1000;
  await page.evaluate((to) => { document.querySelector('audio').pause(); document.querySelector('audio').currentTime = to; }, pointed + 0.3);
  await page.locator('.tiled .points').waitFor();
  await shot(page, 'listening');
  await page.locator('.wall').focus();
  await page.keyboard.press('ArrowLeft');
  await until('Left goes to where the page began', () => page.evaluate((from) => Math.abs(document.querySelector('audio').currentTime - from) < 0.2, at));
  const name = full.spans.find((s) => s.kind === 'turn').name;
  await page.getByLabel('Show', { exact: true }).selectOption(`by ${name}`);
  await page.getByRole('button', { name: `${name} speaks` }).first().click();
  await page.locator('.speaks b').filter({ hasText: name }).waitFor();
  await axe(page, 'listening');
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing scrolls sideways at 390 px');
  await axe(page, 'listening on a phone');

  await films(page, id, full.duration_ms);

  const day = new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Remove after').fill(day);
  await page.getByRole('button', { name: 'Keep until then' }).click();
  await until('it is kept longer', async () => (await api(page, 'GET', `/api/recordings/${id}`)).body.until_us > (Date.now() + 198 * 86_400_000) * 1000);
  await page.getByRole('button', { name: 'Remove it now' }).click();
  await page.getByLabel('Reason').fill('The patient asked for it.');
  await page.getByRole('button', { name: /^Remove .* of sound/ }).click();
  await page.getByRole('heading', { name: 'Certificate of removal' }).waitFor();
  await page.getByText(full.sha256).waitFor();
  await page.getByText('The patient asked for it.').waitFor();
  assert.ok(!readdirSync(join(data, 'recordings')).some((it) => it.startsWith(id)), 'sound, film and marks are gone');
  await shot(page, 'certificate');
  await axe(page, 'the certificate');
  await page.goto(new URL(`/boards/${BOARD}`, page.url()).href); // where a coordinator looks for it
  await page.getByText(/by .*: The patient asked for it\./).waitFor();
  await page.getByRole('link', { name: /^Certificate of/ }).click();
  await page.getByRole('heading', { name: 'Certificate of removal' }).waitFor();
  assert.deepEqual(page.errors, []);
}

const DISCOVER = `
import sys, gi
gi.require_version("GstPbutils", "1.0")
from gi.repository import Gst, GstPbutils
Gst.init(None)
info = GstPbutils.Discoverer.new(20 * Gst.SECOND).discover_uri("file://" + sys.argv[1])
print(info.get_duration() // Gst.MSECOND, len(info.get_video_streams()), len(info.get_audio_streams()), info.get_seekable())
`;

/** A film is pressed for, made while the page is left, taken out by its link, and is what it should be. */
async function films(page, id, durationMs) {
  await page.setViewportSize({ width: 1440, height: 900 });
  const path = `/api/recordings/${id}/film`;
  const other = await Person.signIn(server, links.people['SYN-PRAC-04']);
  assert.equal((await other.call('POST', path)).status, 403, 'a member listens, and makes no film');
  await page.getByRole('button', { name: 'Make a film' }).click();
  await page.getByRole('button', { name: 'Stop making it' }).waitFor();
  await page.getByRole('button', { name: 'Stop making it' }).click();
  await page.getByRole('button', { name: 'Make a film' }).waitFor();
  await until('it was given up', async () => (await api(page, 'GET', path)).body.state === 'none');
  await page.getByRole('button', { name: 'Make a film' }).click();
  await page.getByRole('button', { name: 'Stop making it' }).waitFor();
  await shot(page, 'making');
  await page.reload(); // the state is the server's
  const link = page.getByRole('link', { name: /^Take the film/ });
  await link.waitFor({ timeout: 60_000 });
  await axe(page, 'a film to take');
  await shot(page, 'film');
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.match(download.suggestedFilename(), /^recording-\d{4}-\d\d-\d\d\.webm$/);
  const file = join(out, 'film.webm');
  await download.saveAs(file);
  const [ms, video, audio, seekable] = execFileSync('/usr/bin/python3', ['-c', DISCOVER, file], { encoding: 'utf8' }).trim().split(' ');
  assert.ok(Math.abs(Number(ms) - durationMs) < 250, `the film has ${ms} ms, the sound ${durationMs}`);
  assert.deepEqual([video, audio, seekable], ['1', '1', 'True']);
  const part = await page.evaluate(async (p) => {
    const whole = new Uint8Array(await (await fetch(`${p}.webm`)).arrayBuffer());
    const answer = await fetch(`${p}.webm`, { headers: { range: 'bytes=1000-1999' } });
    const piece = new Uint8Array(await answer.arrayBuffer());
    return { status: answer.status, cache: answer.headers.get('cache-control'), same: piece.length === 1000 && piece.every((b, i) => b === whole[1000 + i]) };
  }, path);
  assert.deepEqual(part, { status: 206, cache: 'no-store', same: true });
}
