// A meeting is recorded with everybody's knowledge: the chair begins, open microphones close, each is asked and
// answers by keyboard, on a phone too; the top of the room says in words which it is; who comes late is asked. Then what
// was said is listened to, with the page that stood.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe } from './axe.mjs';
import { voiceFile } from './hear.mjs';
import { api, browser, discard, ident, seed, serve, signIn, until } from './lib.mjs';
import { member } from './member.mjs';
import { enter, known, meetingOf, picture, speak } from './walk.mjs';

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

test('nobody is recorded speaking who was not told', { timeout: 120_000 }, async () => {
  const chair = await signIn(chrome, server, links, 'chair');
  const phone = await signIn(chrome, server, links, 'coordinator', { person: 'SYN-PRAC-02', width: 390, height: 844 });
  await enter(chair, meeting);
  await chair.getByRole('button', { name: 'Open the room' }).click();
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
  const name = full.spans.find((s) => s.kind === 'turn').name;
  await page.getByLabel('Show', { exact: true }).selectOption(`by ${name}`);
  await page.getByRole('button', { name: `${name} speaks` }).first().click();
  await page.locator('.speaks b').filter({ hasText: name }).waitFor();
  await axe(page, 'listening');
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing scrolls sideways at 390 px');
  await axe(page, 'listening on a phone');

  const day = new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Remove after').fill(day);
  await page.getByRole('button', { name: 'Keep until then' }).click();
  await until('it is kept longer', async () => (await api(page, 'GET', `/api/recordings/${id}`)).body.until_us > (Date.now() + 198 * 86_400_000) * 1000);
  await page.getByRole('button', { name: 'Remove it now' }).click();
  await page.getByLabel('Reason').fill('The patient asked for it.');
  await page.getByRole('button', { name: /^Remove .* of sound/ }).click();
  await page.getByRole('heading', { name: 'Certificate of removal' }).waitFor();
  await page.getByText(full.sha256).waitFor();
  await axe(page, 'the certificate');
  assert.deepEqual(page.errors, []);
}
