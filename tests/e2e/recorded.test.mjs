// A meeting is recorded with everybody's knowledge: the chair begins, open microphones close, each is asked and
// answers by keyboard, on a phone too; the top of the room says in words which it is; who comes late is asked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe } from './axe.mjs';
import { voiceFile } from './hear.mjs';
import { api, browser, discard, ident, seed, serve, signIn, until } from './lib.mjs';
import { member } from './member.mjs';
import { enter, known, meetingOf, speak } from './walk.mjs';

let data, links, server, chrome, meeting, late;
before(async () => {
  ({ data, links } = seed({}));
  server = await serve(data, { log: 'recorded' });
  chrome = await browser({ voice: voiceFile('anna') });
  meeting = await meetingOf(server, links);
}, { timeout: 60_000 });
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
});
