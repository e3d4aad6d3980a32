// A guest who was invited to one case hears, sees and receives nothing of another: two tones, every frame of
// the socket, every answer of HTTP. One device a link, and what becomes of links that are old or made up.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, discard, ident, program, root, seed, serve, signIn, until } from './lib.mjs';
import { listen, loudness, plainMicrophone, toneFile, tone as toneOf } from './hear.mjs';
import { Person, picture, endAll, enter, inside, known, meetingOf, speak } from './walk.mjs';

const A = 'DEMO-CASE-01', B = 'DEMO-CASE-02';
const ends = [];
let server, links, meeting, items, pictureOfA, invitation, old, chairPage, coordinatorPage, guest, second;
const frames = []; // all that the guest's socket brought
const answers = []; // all that HTTP answered the guest
const demo = JSON.parse(readFileSync(join(root, 'deploy/demo/demo.json'), 'utf8'));
const recordOf = (key) => demo.cases.find((c) => c.key === key).record;

/** What must never reach who is not in that case: names, dates, numbers, words, documents. */
const secretsOf = (key) => {
  const r = recordOf(key);
  return [r.name, r.name.split(',')[0], r.birth_date, r.local_id, r.diagnosis, r.question, r.stage, ident(key), ...(key === A ? [pictureOfA.document, ...pictureOfA.pages.map((p) => p.digest)] : [])];
};
const leaks = (texts, key) => secretsOf(key).filter((secret) => texts.some((t) => t.includes(secret)));

/** A link that ended last year, as an old mail still has it. */
function expiredLink(data) {
  const token = randomBytes(16).toString('base64url');
  const made = { invitation: randomUUID(), meeting, person: ident('SYN-PRAC-36'), name: 'Dr. Old Link', specialty: 'surgery', site: 'Elsewhere', items: [],
    token: createHash('sha256').update(token).digest('hex'), until_us: (Date.now() - 86400e3 * 300) * 1000, by: ident('SYN-PRAC-07') };
  const file = join(data, 'old.jsonl');
  writeFileSync(file, `${JSON.stringify({ s: '', id: '', at: (Date.now() - 86400e3 * 320) * 1000, by: made.by, k: 'invitation.made', d: made })}\n`);
  execFileSync(program, ['load', data, file], { stdio: 'pipe' });
  return token;
}

/** Share of a tone in the sound: the middle of windows of 250 ms, since a jitter buffer that stretches shifts the phase. */
function tone(heard, hz) {
  const shares = [];
  for (let at = 0; at + 2000 <= heard.length; at += 2000) shares.push(toneOf(heard.subarray(at, at + 2000), hz));
  return shares.sort((a, b) => a - b)[shares.length >> 1];
}

const press = async (name) => chairPage.getByRole('button', { name }).click();
const waits = async () => (await known(guest))?.phase === 'waiting';

before(async () => {
  const { data, links: given } = seed({ pin: null });
  links = given;
  ends.push(() => discard(data));
  meeting = JSON.parse(readFileSync(join(data, 'seed.jsonl'), 'utf8').split('\n').find((l) => l.includes('"meeting.planned"'))).id;
  old = expiredLink(data);
  server = await serve(data, { log: 'island' });
  ends.push(() => server.stop());
  assert.equal(await meetingOf(server, links), meeting);
  [pictureOfA] = await picture(server, links, A);

  for (const [role, hz] of [['chair', 440], ['coordinator', 880]]) {
    const chrome = await browser({ voice: toneFile(hz) });
    ends.push(() => chrome.close());
    const page = await signIn(chrome, server, links, role);
    await plainMicrophone(page);
    await enter(page, meeting);
    if (role === 'chair') chairPage = page;
    else coordinatorPage = page;
  }
  await press(/Open the room/);
  const { body } = await (await Person.signIn(server, links.roles.coordinator)).call('GET', `/api/meetings/${meeting}`);
  items = Object.fromEntries(body.items.map((i) => [i.case, i.item]));
});

after(() => endAll(ends));

test('an invitation is made, read without a change, and joined with two clicks', async () => {
  const coordinator = await Person.signIn(server, links.roles.coordinator);
  const made = await coordinator.call('POST', `/api/meetings/${meeting}/invitations`,
    { person: '', name: 'Dr. Pilar Sampleton', specialty: 'medical_oncology', site: 'Quillback Valley Hospital', items: [items[ident(B)]] });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  invitation = made.body;
  const token = new URL(invitation.url).hash.slice(1);

  await press(/^Start Exemplar/); // A runs before the guest comes
  const chrome = await browser({ voice: toneFile(660) });
  ends.push(() => chrome.close());
  const context = await chrome.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['microphone'] });
  guest = await context.newPage();
  guest.on('websocket', (ws) => ws.on('framereceived', (f) => frames.push(String(f.payload))));
  guest.on('response', (r) => r.text().then((text) => answers.push(`${r.url()} ${text}`), () => undefined));
  guest.on('request', (r) => assert.ok(!r.url().includes(token), 'the token stands in the fragment, which reaches no log'));
  await plainMicrophone(guest);
  await guest.goto(`${server.url('guest')}/j#${token}`);
  await guest.getByText('Dr. Pilar Sampleton, medical oncology').waitFor();
  await guest.getByText('Quillback Valley Hospital').waitFor();
  const preview = await new Person(server).call('POST', '/api/invitations/preview', { token });
  assert.equal(preview.body.bound_elsewhere, false, 'reading binds no device');
  await guest.getByRole('button', { name: 'Join, muted' }).click();
  await until('the guest waits', waits, 20000);
  await guest.getByText('You hear and see only your own case').waitFor();
});

test('while A is heard the guest of B gets no sample, event, tile or text of it', async () => {
  await speak(chairPage);
  const words = 'Osimertinib after chemoradiation';
  await chairPage.getByRole('button', { name: /Write Answer to the question$/ }).click();
  await chairPage.locator('#plan-answered').fill(words);
  await until('the draft of A is saved', async () => (await known(coordinatorPage)).state.plan.fields.answered?.value === words);
  await chairPage.getByRole('navigation', { name: 'Pictures of this case' }).getByRole('button').first().click();
  await until('A is shown', async () => (await known(coordinatorPage)).state.picture.shown);

  await until('the way of sound is laid ahead', async () => (await known(guest)).sound.connection === 'connected');
  const [heard, control] = await Promise.all([listen(guest, 4, 'island-guest-a'), listen(coordinatorPage, 4, 'island-coordinator-a')]);
  assert.ok(tone(control, 440) > 0.8, 'the room hears the tone of A');
  assert.equal(heard.reduce((most, v) => Math.max(most, Math.abs(v)), 0) < 1e-6, true, `the guest heard something: ${loudness(heard)}`);
  const energy = await guest.evaluate(async () => {
    let sum = 0;
    (await window.__connections.at(-1).getStats()).forEach((s) => s.type === 'inbound-rtp' && (sum += s.totalAudioEnergy ?? 0));
    return sum;
  });
  assert.equal(energy, 0, 'since the way was laid not one sample was other than silence');

  const page = pictureOfA.pages[0];
  const asked = await guest.evaluate((paths) => Promise.all(paths.map(async (p) => (await fetch(p)).status)),
    [`/t/${pictureOfA.document}/${page.digest}/0/0_0`, `/api/documents/${pictureOfA.document}`, `/api/documents/${pictureOfA.document}/text/1`, `/api/cases/${ident(A)}`]);
  assert.deepEqual(asked, [404, 404, 404, 404], 'what is not shared does not exist');
  const tile = await coordinatorPage.evaluate(async (p) => (await fetch(p)).status, `/t/${pictureOfA.document}/${page.digest}/0/0_0`);
  assert.equal(tile, 200, 'the same tile is there for the board');

  assert.deepEqual(leaks(frames, A), [], 'frames of the socket');
  assert.deepEqual(leaks(answers, A), [], 'answers of HTTP');
  assert.deepEqual(frames.filter((f) => /"t":"(event|snapshot)"/.test(f) || f.includes(words) || /"k":"(talking|pointer|view.live|sound)"/.test(f)), []);
  assert.equal((await known(guest)).state.plan.plan, '');
});

test('with B the guest is in, and hears it', async () => {
  if ((await known(chairPage)).ownSound.is === 'on') await chairPage.locator('.micbtn').click();
  await chairPage.keyboard.press('Escape');
  await press(/Next case/);
  await chairPage.getByRole('dialog').getByRole('button', { name: /open|not signed|leave/i }).first().click();
  await until('B runs', async () => (await known(coordinatorPage)).state.agenda.running === items[ident(B)]);
  await inside(guest);
  assert.equal((await known(guest)).state.agenda.running, items[ident(B)]);
  await speak(coordinatorPage);
  const heard = await listen(guest, 3, 'island-guest-b');
  assert.ok(tone(heard, 880) > 0.8, `880 Hz: ${tone(heard, 880)}`);
  assert.ok(tone(heard, 440) < 0.02, `440 Hz: ${tone(heard, 440)}`);
  await guest.getByText('Fabelton').first().waitFor();
  assert.deepEqual(leaks(frames, A), []);
  assert.deepEqual(leaks(answers, A), []);
});

test('after B the guest waits again and receives nothing', async () => {
  await press(/End this case/);
  await chairPage.getByRole('dialog').getByRole('button', { name: /open|not signed|leave/i }).first().click();
  await until('the guest waits', waits);
  const n = frames.length;
  assert.equal(await guest.getByText('Fabelton').count(), 0, 'nothing of the case stays on the screen');
  await press(/^Start Exemplar/);
  await until('A runs again', async () => (await known(coordinatorPage)).state.agenda.running === items[ident(A)]);
  const packets = () => guest.evaluate(async () => {
    let sum = 0;
    (await window.__connections.at(-1).getStats()).forEach((s) => s.type === 'inbound-rtp' && (sum += s.packetsReceived));
    return sum;
  });
  const before = await packets();
  const [heard, control] = await Promise.all([listen(guest, 3, 'island-guest-after'), listen(chairPage, 3, 'island-chair-after')]);
  assert.ok(tone(control, 880) > 0.8, 'the coordinator is heard in the room');
  assert.equal(await packets(), before, 'not one packet of sound came');
  // What the browser itself makes up after the last packet of the own item is a noise of -70 dB and less.
  assert.ok(loudness(heard) < 1e-3, `the guest hears ${loudness(heard)}`);
  assert.deepEqual(frames.slice(n).filter((f) => !/"t":"waiting"/.test(f) && !/"k":"beat"/.test(f)), []);
  assert.deepEqual(leaks(frames, A), []);
});

test('a second device is refused until the coordinator frees the link', async () => {
  const token = new URL(invitation.url).hash.slice(1);
  second = new Person(server);
  const refused = await second.call('POST', '/api/invitations/exchange', { token });
  assert.deepEqual([refused.status, refused.body.error], [409, 'bound']);
  assert.equal(second.cookies.size, 0);
  const guests = await new Person(server).call('POST', `/api/invitations/${invitation.invitation}/free`, {});
  assert.equal(guests.status, 401, 'not by anybody');
  const chair = await Person.signIn(server, links.roles.clinic);
  assert.equal((await chair.call('POST', `/api/invitations/${invitation.invitation}/free`, {})).status >= 403, true, 'not by a member');

  const coordinator = await Person.signIn(server, links.roles.coordinator);
  assert.ok((await coordinator.call('POST', `/api/invitations/${invitation.invitation}/free`, {})).status < 300);
  assert.equal((await second.call('POST', '/api/invitations/exchange', { token })).status, 200);
  assert.equal((await second.call('GET', '/api/me')).status, 200);
  const first = await new Person(server).call('POST', '/api/invitations/exchange', { token });
  assert.equal(first.status, 409, 'now the second device holds it');
});

test('an old link and a made-up one are told apart, and open nothing', async () => {
  for (const way of ['preview', 'exchange']) {
    const person = new Person(server);
    const late = await person.call('POST', `/api/invitations/${way}`, { token: old });
    assert.deepEqual([late.status, late.body.error], [410, 'expired'], way);
    const unknown = await person.call('POST', `/api/invitations/${way}`, { token: randomBytes(16).toString('base64url') });
    assert.deepEqual([unknown.status, unknown.body.error], [404, 'absent'], way);
    assert.equal((await person.call('POST', `/api/invitations/${way}`, { token: 'short' })).status, 400);
    assert.equal(person.cookies.size, 0);
  }
  const page = await guest.context().newPage();
  await page.goto(`${server.url('guest')}/j#${old}`);
  await page.getByText('This link has ended').waitFor();
  await page.goto('about:blank');
  await page.goto(`${server.url('guest')}/j#${randomBytes(16).toString('base64url')}`);
  await page.getByText('This link is not known').waitFor();
});
