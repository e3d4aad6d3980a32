// Every screen, as it must be for everybody: axe finds nothing in both themes at three widths, nothing
// scrolls sideways, no request goes outside, no console error; join and sign by Tab and Enter alone;
// and the weight of what is loaded, as the real server sends it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, discard, here, ident, out, root, seed, serve, signIn, until } from './lib.mjs';
import { voiceFile } from './hear.mjs';
import { member, sign, upload, writePlan } from './member.mjs';

const AXE = readFileSync(join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');
const WIDTHS = [[1440, 900], [390, 844], [320, 640]];
const THEMES = ['day', 'reading'];
const PIN = '2741';
const BOARD = ident('DEMO-BOARD-THORACIC');
const ONE = ident('DEMO-CASE-01');
const TWO = ident('DEMO-CASE-02');
const KB = 1024;

let data, links, server, chrome, meetingId, planId, inviteUrl;
const people = {};
const pages = {};

/** Console errors count like faults of the page; a refused request that a screen expects is none. */
function watch(page) {
  page.errors ??= [];
  page.on('console', (m) => m.type() === 'error' && page.errors.push(m.text()));
  page.on('pageerror', (error) => page.errors.push(error.message));
  return page;
}

before(async () => {
  ({ data, links } = seed({ pin: PIN, objection: 5 }));
  server = await serve(data, { log: 'screens' });
  chrome = await browser({ voice: voiceFile('anna') });
  for (const role of ['coordinator', 'chair', 'clinic']) pages[role] = watch(await signIn(chrome, server, links, role));
  const today = await (await people_fetch(pages.coordinator, '/api/today'));
  meetingId = today.meetings.find((it) => it.board === BOARD).meeting;
  await upload(server, links.roles.coordinator, ONE, 'Quadrants', join(root, 'tests/fixtures/documents/quadrants.jpg'));
  await upload(server, links.roles.coordinator, TWO, 'Three pages', join(root, 'tests/fixtures/documents/three-pages.pdf'));
  await aSignedPlan();
  inviteUrl = await anInvitation();
}, { timeout: 400_000 });

after(async () => {
  for (const it of Object.values(people)) await it.leave();
  await chrome?.close();
  try {
    await server?.stop();
  } finally {
    if (data) discard(data);
  }
});

const people_fetch = (page, path, body) => page.evaluate(async ([p, b]) => (await fetch(p, b
  ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(b) } : {})).json(), [path, body]);

/** The first case is heard and signed by scripted people, so that there is a record to look at. */
async function aSignedPlan() {
  for (const [name, key] of Object.entries({ chair: '01', medical: '02', radiation: '03', radiology: '04', pathology: '05', pulmonology: '06' }))
    people[name] = await member(server, links.people[`SYN-PRAC-${key}`], meetingId);
  const items = (await people_fetch(pages.coordinator, `/api/meetings/${meetingId}`)).items;
  await people.chair.say('meeting.open', {});
  await people.chair.say('item.start', { item: items[0].item });
  await writePlan(people.chair);
  planId = await sign(server, people.chair, meetingId, PIN);
  await people.chair.say('item.next', { unsigned: 'refuse' });
  await people.chair.leave(); // the person comes by browser
  delete people.chair;
}

async function anInvitation() {
  const items = (await people_fetch(pages.coordinator, `/api/meetings/${meetingId}`)).items;
  const made = await people_fetch(pages.coordinator, `/api/meetings/${meetingId}/invitations`,
    { person: ident('SYN-PRAC-23'), name: '', specialty: '', site: '', items: [items[1].item] });
  return made.url;
}

async function theme(page, name) {
  await page.evaluate((it) => {
    document.documentElement.dataset.theme = it;
  }, name);
}

const EVERY = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
const COLOURS = { type: 'rule', values: ['color-contrast'] }; // all that a theme changes

/** What axe finds at this width and in this theme, in words. */
async function faults(page, rules) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(AXE);
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { resultTypes: ['violations'], runOnly }), rules);
  return violations.map((it) => `${it.id}: ${it.nodes.map((node) => `${node.target} (${node.failureSummary?.split('\n')[1]?.trim()})`).join(' | ')}`);
}

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Looks at one screen in every width and theme, keeps a picture of each width. */
async function look(page, name, widths = WIDTHS) {
  const found = [];
  for (const [width, height] of widths) {
    await page.setViewportSize({ width, height });
    for (const it of THEMES) {
      await theme(page, it);
      await page.evaluate(() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))));
      // A colour on its way is none that anybody reads.
      await page.evaluate(() => Promise.all(document.getAnimations().filter((at) => at instanceof CSSTransition).map((at) => at.finished.catch(() => undefined))));
      const over = await sideways(page);
      if (over > 0) found.push(`${name} at ${width}, ${it}: scrolls ${over} px sideways`);
      found.push(...(await faults(page, it === THEMES[0] ? EVERY : COLOURS)).map((text) => `${name} at ${width}, ${it}: ${text}`));
      if (it === THEMES[0] || width > 1000) await page.screenshot({ path: join(out, `screen-${name}-${width}-${it}.png`), fullPage: width > 1000 });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await theme(page, 'day');
  assert.deepEqual(found, [], found.join('\n'));
}

const desk = [
  ['signin', null, '/signin', { name: 'Sign in' }],
  ['today-coordinator', 'coordinator', '/today', { level: 1 }],
  ['today-chair', 'chair', '/today', { level: 1 }],
  ['today-clinic', 'clinic', '/today', { level: 1 }],
  ['boards', 'coordinator', '/boards', { name: 'Boards' }],
  ['board', 'coordinator', () => `/boards/${BOARD}`, { name: 'Members' }],
  ['agenda', 'coordinator', () => `/boards/${BOARD}/meetings/${meetingId}`, { name: 'Running order, to scale' }],
  ['cases', 'clinic', '/cases', { name: 'Cases' }],
  ['intake-new', 'clinic', '/cases/new', { name: 'New case' }],
  ['intake', 'coordinator', () => `/cases/${TWO}`, { name: 'Pictures and papers' }],
  ['record', 'coordinator', () => `/cases/${ONE}`, { name: 'This text is what was signed' }],
  ['records', 'coordinator', '/records?q=Exemplar', { name: /^Found for/ }],
  ['plan', 'clinic', () => `/plans/${planId}`, { name: 'This text is what was signed' }],
  ['not-here', 'clinic', '/nothing', { level: 1 }],
];

for (const [name, role, path, heading] of desk) {
  test(`desk: ${name}`, { timeout: 120_000 }, async () => {
    const page = role ? pages[role] : watch(await (await chrome.newContext({ viewport: { width: 1440, height: 900 } })).newPage());
    await page.goto(server.url(role ?? 'coordinator') + (typeof path === 'function' ? path() : path));
    await page.getByRole('heading', heading).first().waitFor();
    if (role === null) page.errors = page.errors.filter((it) => !/401/.test(it)); // who is not signed in is told so by 401
    await look(page, name);
    if (role === null) await page.context().close();
  });
}

test('join: axe, then in by Tab and Enter alone', { timeout: 180_000 }, async () => {
  const context = await chrome.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['microphone'] });
  const page = watch(await context.newPage());
  pages.guest = page;
  await page.goto(inviteUrl);
  await page.getByRole('heading', { name: 'Your device, checked while you read' }).waitFor();
  await look(page, 'join');
  await tabTo(page, /^Join, muted/);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/meet/**');
  await until('sound by keyboard alone', async () => (await page.evaluate(() => window.__consilium?.().hearing)), 30000);
});

/** Only Tab: until the focus is on a control of this name. */
async function tabTo(page, name) {
  for (let n = 0; n < 150; n++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const it = document.activeElement;
      return it?.getAttribute('aria-label') ?? it?.innerText ?? '';
    });
    if (name.test(at.trim())) return;
  }
  assert.fail(`Tab does not come to ${name}`);
}

test('room: what is loaded before sound, and in all', { timeout: 120_000 }, async () => {
  const page = pages.chair;
  await page.addInitScript(() => {
    const timer = setInterval(() => {
      if (!window.__consilium?.().hearing) return;
      window.__soundAt = performance.now();
      clearInterval(timer);
    }, 5);
  });
  await page.goto(`${server.url('chair')}/meet/${meetingId}`);
  await until('the chair hears', () => page.evaluate(() => window.__soundAt), 30000);
  const before_ = await weight(page, await page.evaluate(() => window.__soundAt));
  console.log(`# room's shell before sound: ${before_.sum} B of JS and CSS (${before_.files.length} files)`);
  assert.ok(before_.sum <= 60 * KB, `${before_.sum} B before sound: ${before_.files.join(', ')}`);
});

/** Bytes of JS and CSS as they were sent (gzip), up to `until_` ms after the navigation. */
function weight(page, until_ = Infinity) {
  return page.evaluate((end) => {
    const all = performance.getEntriesByType('resource').filter((it) => /\.(js|css)$/.test(new URL(it.name).pathname) && it.responseEnd <= end);
    const plain = all.filter((it) => it.encodedBodySize >= it.decodedBodySize && it.decodedBodySize > 1024);
    return {
      sum: all.reduce((sum, it) => sum + it.encodedBodySize, 0), plain: plain.map((it) => it.name),
      files: all.map((it) => `${it.name.split('/').pop()} ${it.encodedBodySize}`),
    };
  }, until_);
}

test('first screen: at most 60 kB, compressed', { timeout: 60_000 }, async () => {
  for (const [role, path] of [[null, '/signin'], ['coordinator', '/today'], ['chair', '/today'], ['clinic', '/today']]) {
    const page = role ? pages[role === 'chair' ? 'coordinator' : role] : await (await chrome.newContext()).newPage();
    await page.goto(server.url(role === 'chair' ? 'coordinator' : role ?? 'coordinator') + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    const { sum, plain, files } = await weight(page);
    console.log(`# first screen ${path} ${role ?? ''}: ${sum} B`);
    assert.deepEqual(plain, [], 'sent without compression');
    assert.ok(sum <= 60 * KB, `${path}: ${sum} B: ${files.join(', ')}`);
    if (!role) await page.context().close();
  }
});

test('room: chair, presenter and phone', { timeout: 240_000 }, async () => {
  const { chair, guest } = pages;
  await guest.getByRole('navigation', { name: 'Pictures of this case' }).waitFor();
  await guest.getByRole('button', { name: /^1 Three pages/ }).click();
  for (const page of [chair, guest]) await until('sharp', async () => /Sharp/.test(await page.locator('figcaption').innerText()), 30000);
  await people.medical.say('plan.take', { field: 'answered' });
  await people.medical.say('plan.set', { field: 'answered', base: 0, value: 'Chemoradiotherapy now, immunotherapy after it.' });
  await people.radiology.say('hand.raise', {});
  await look(chair, 'room-chair');
  await look(guest, 'room-presenter');
});

test('room: dialogs', { timeout: 180_000 }, async () => {
  const { chair } = pages;
  for (const [key, title] of [['a', 'Who is here'], ['?', 'Keys and settings'], ['n', 'Next case']]) {
    await chair.getByRole('heading', { level: 1 }).click();
    await chair.keyboard.press(key);
    await chair.getByRole('dialog', { name: title }).waitFor();
    await look(chair, `dialog-${title.split(' ')[0].toLowerCase()}`);
    await chair.keyboard.press('Escape');
    await chair.getByRole('dialog', { name: title }).waitFor({ state: 'detached' });
  }
});

test('read back and sign by Tab and Enter alone', { timeout: 240_000 }, async () => {
  const { chair, guest } = pages;
  await writePlan(people.medical);
  await chair.getByText('All is there').waitFor();
  await tabTo(chair, /^Read back/);
  await chair.keyboard.press('Enter');
  await chair.getByRole('heading', { name: /^Quorum at this moment/ }).waitFor();
  await look(chair, 'readback-chair');
  await look(guest, 'readback-guest', [[1440, 900], [390, 844]]);
  await tabTo(chair, /^Confirm outcome/);
  await chair.keyboard.press('Enter');
  await chair.getByText(/^Confirmed by/).waitFor();
  await tabTo(chair, /^Start the clock/);
  await chair.keyboard.press('Enter');
  await chair.getByText('The time to object is over', { exact: true }).waitFor({ timeout: 40_000 });
  await tabTo(chair, /^Sign as/);
  await chair.keyboard.press('Enter');
  const dialog = chair.getByRole('dialog', { name: 'Sign the plan' });
  await dialog.waitFor();
  await look(chair, 'sign', [[1440, 900], [320, 640]]);
  assert.ok(await dialog.getByLabel('Your PIN').evaluate((it) => it === document.activeElement), 'the PIN has the focus when it is asked');
  await chair.keyboard.type(PIN);
  await chair.keyboard.press('Enter');
  for (const page of [chair, guest]) await page.getByRole('heading', { name: 'Plan, signed' }).waitFor();
  const { sum } = await weight(chair);
  console.log(`# all of the room with viewer, plan, read back and dialogs: ${sum} B`);
  assert.ok(sum <= 170 * KB, `${sum} B in all`);
});

test('nothing outside, no console error', () => {
  for (const [name, page] of Object.entries(pages)) assert.deepEqual(page.errors, [], name);
});
