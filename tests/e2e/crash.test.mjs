// The server is killed in the middle of a case; later the network is gone for ten seconds, and a page is
// reloaded. Each time everybody is back in the same meeting, item, view and draft, with sound both ways, and
// nothing that anyone had seen is missing. Nobody presses anything.
//
// The network is cut by taking down the loopback of the walk's own namespace: neither a segment of the socket
// nor a datagram of sound passes, as with a pulled cable. (Playwright talks to its browsers through pipes.)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, discard, seed, serve, signIn, until } from './lib.mjs';
import { plainMicrophone, voiceFile } from './hear.mjs';
import { picture, describe, endAll, enter, hearsVoice, known, meetingOf, place, speak } from './walk.mjs';
import { inNamespace, network } from './namespace.mjs';

if (inNamespace(import.meta.url)) {
  const cast = { chair: 'anna', coordinator: 'ben', clinic: 'cleo' };
  const ends = [];
  const pages = {};
  let server, data, links, meeting;

  const everybody = async (check) => (await Promise.all(Object.values(pages).map(check))).every(Boolean);
  const places = async () => Object.fromEntries(await Promise.all(Object.entries(pages).map(async ([role, page]) => [role, await place(page)])));

  /** Fills a field of the plan; the field stays open, as with a person who still writes. */
  async function write(page, label, id, text) {
    const field = page.locator(`#plan-${id}`);
    // A press that meets the redraw of a connection that breaks is made again, as a person would.
    for (let press = 0; press < 3 && !(await field.count()); press++) {
      await page.getByRole('button', { name: new RegExp(`(Write|Change) ${label}$`) }).click();
      await field.waitFor({ timeout: 3000 }).catch(() => undefined);
    }
    await field.pressSequentially(text);
  }

  before(async () => {
    ({ data, links } = seed({ pin: null }));
    ends.push(() => discard(data));
    server = await serve(data, { log: 'crash' });
    ends.push(() => server.stop());
    meeting = await meetingOf(server, links);
    await picture(server, links);
    await Promise.all(Object.entries(cast).map(async ([role, voice]) => {
      const chrome = await browser({ voice: voiceFile(voice) });
      ends.push(() => chrome.close());
      pages[role] = await signIn(chrome, server, links, role);
      await plainMicrophone(pages[role]);
      await enter(pages[role], meeting, 40000);
    }));

    const { chair, coordinator, clinic } = pages;
    await chair.getByRole('button', { name: /Open the room/ }).click();
    await chair.getByRole('button', { name: /^Start Exemplar/ }).click();
    await until('the plan is open for all', () => everybody(async (p) => (await known(p)).state.plan.plan));
    await speak(chair);
    await speak(clinic);
    // The community oncologist presents the own case.
    await clinic.getByRole('navigation', { name: 'Pictures of this case' }).getByRole('button').first().click();
    await until('all see the picture', () => everybody(async (p) => (await known(p)).state.picture.shown));
    await until('the viewer is there', async () => (await known(clinic)).quality !== 'none', 30000);
    await clinic.getByRole('button', { name: 'Closer' }).click();
    await until('all are shown the closer view', () => everybody(async (p) => (await known(p)).state.picture.region));
    await clinic.getByRole('button', { name: /Raise hand/ }).click();
    await coordinator.getByRole('button', { name: /Raise hand/ }).click();
    await write(coordinator, 'Stage agreed', 'stage_agreed', 'cT1c cN2b cM0, IIIA, by the');
    await until('all read the draft', () => everybody(async (p) => (await known(p)).state.plan.fields.stage_agreed?.value === 'cT1c cN2b cM0, IIIA, by the'));
    await until('two hands', () => everybody(async (p) => (await known(p)).state.seats.hands.length === 2));
  });

  after(() => endAll(ends));

  /** Nothing anyone had seen is missing; item, view, draft and seats are the same. */
  function same(was, now) {
    for (const role of Object.keys(pages)) {
      const a = was[role], b = now[role];
      assert.ok(b.meetingN >= a.meetingN, `${role}: meeting ${a.meetingN} -> ${b.meetingN}`);
      assert.ok(b.caseN >= a.caseN, `${role}: case ${a.caseN} -> ${b.caseN}`);
      for (const key of ['phase', 'seat', 'caseId', 'running', 'shown', 'hands', 'plan', 'presenter'])
        assert.deepEqual(b[key], a[key], `${role}: ${key}`);
      // Width and middle; the height follows the window, in which a line of words came and went.
      const off = Math.max(Math.abs(a.region.x - b.region.x), Math.abs(a.region.w - b.region.w), Math.abs(a.region.y + a.region.h / 2 - b.region.y - b.region.h / 2));
      assert.ok(off <= 50, `${role}: the view moved by ${off} of 10000`);
      for (const [field, text] of Object.entries(a.fields)) assert.ok(b.fields[field].startsWith(text), `${role}: ${field}: ${b.fields[field]}`);
    }
    const [first, ...rest] = Object.values(now);
    for (const other of rest) assert.deepEqual([other.meetingN, other.caseN, other.fields], [first.meetingN, first.caseN, first.fields]);
  }

  const isBack = async (page) => {
    const k = await place(page);
    return k?.phase === 'in' && k.link === 'up' && k.hearing;
  };

  async function backTogether(what, began) {
    await until(`all are back after ${what}`, () => everybody(isBack), 20000);
    console.log(`${what}: all back after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    await until('nobody is thought away', () => everybody(async (p) => Object.values((await known(p)).state.seats.bySeat).every((s) => s.presence === 'here')));
  }

  async function soundBothWays(what) {
    // One after the other: to record two at once is work that the voices would pay for on two cores.
    // That it is this voice, both ways; how faithful it is, is judged in sound.test.mjs, where buffers are at rest.
    const is = (row) => row.windows >= 5 && row.share >= 0.5;
    const rows = [await hearsVoice(pages.clinic, 'anna', `${what}-chair-clinic`, { is, seconds: 7 }), await hearsVoice(pages.chair, 'cleo', `${what}-clinic-chair`, { is, seconds: 7 })];
    for (const row of rows) console.log(`${what}: ${describe(row)}`);
    await until('heard by both others, and told so', async () => (await known(pages.chair)).heardBy === 2 && (await known(pages.clinic)).heardBy === 2);
    for (const page of [pages.chair, pages.clinic]) assert.equal((await known(page)).ownSound.is, 'on');
  }

  test('kill -9: all are back, and nothing anyone had seen is missing', { timeout: 180000 }, async () => {
    server.child.kill('SIGSTOP'); // it takes no more; what is typed now was never sent or never answered
    await write(pages.chair, 'Reasons', 'reasons', 'Good performance status.');
    const was = await places();
    await server.kill();
    await until('all know that it is gone', () => everybody((p) => p.getByText(/Coming back, \d+ s/).isVisible()));
    server = await serve(data, { log: 'crash', port: server.port, mediaPort: server.mediaPort });
    await backTogether('kill -9', Date.now());
    await until('the unsent text is saved for all', () => everybody(async (p) => (await known(p)).state.plan.fields.reasons?.value === 'Good performance status.'));
    same(was, await places());
    await soundBothWays('killed');
  });

  test('ten seconds without network', { timeout: 180000 }, async () => {
    await write(pages.chair, 'Options not chosen', 'options', ''); // the field is open, the words come without network
    const was = await places();
    network(false);
    try {
      const cut = Date.now();
      await pages.chair.locator('#plan-options').pressSequentially('Surgery first.');
      await new Promise((r) => setTimeout(r, cut + 10000 - Date.now()));
    } finally {
      network(true);
    }
    await backTogether('no network', Date.now());
    await until('the text typed meanwhile is saved for all', () => everybody(async (p) => (await known(p)).state.plan.fields.options?.value === 'Surgery first.'));
    same(was, await places());
    await soundBothWays('network');
  });

  test('a reload', { timeout: 180000 }, async () => {
    const was = await places();
    server.child.kill('SIGSTOP'); // the last words are typed, and not yet taken
    await write(pages.chair, 'What would change this advice', 'would_change', 'New symptoms.');
    const reloads = [pages.clinic.reload({ waitUntil: 'commit' }), pages.chair.reload({ waitUntil: 'commit' })];
    const began = Date.now();
    server.child.kill('SIGCONT');
    await Promise.all(reloads);
    await backTogether('reload', began);
    await until('the unsent text is saved for all', () => everybody(async (p) => (await known(p)).state.plan.fields.would_change?.value === 'New symptoms.'));
    same(was, await places());
    await soundBothWays('reloaded');
  });

  test('no page had an error', () => {
    for (const [role, page] of Object.entries(pages)) assert.deepEqual(page.errors, [], role);
  });
}
