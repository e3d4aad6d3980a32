// long because one walk is one story: each step stands on the one before it.
// The main job, once through, as people do it: three windows (coordinator, chair, a community oncologist
// who was sent a link) and five scripted colleagues who make the quorum. Each step needs the one before.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { api, browser, discard, ident, out, program, root, seed, serve, signIn, until } from './lib.mjs';
import { voiceFile } from './hear.mjs';
import { axe } from './axe.mjs';
import { member, sign as signPlan, writePlan } from './member.mjs';

const PIN = '2741';
const CASE = {
  name: 'Placebo, Harriet', birth: '1958-04-17', id: 'WALK-000777', diagnosis: 'Squamous cell carcinoma of lung',
  question: 'Chemoradiotherapy first, or resection after induction?', referring: 'Concurrent chemoradiotherapy at Quillback, no surgery.',
};
const GUEST = 'Dr. Pilar Sampleton';
const COLLEAGUES = { 'medical oncology': '02', 'radiation oncology': '03', radiology: '04', pathology: '05', pulmonology: '06' };

let data, links, server;
const chromes = [];
let coordinator, chair, guest; // pages
const colleagues = {};
let link, meetingId, caseUrl;

const shot = (page, name) => page.screenshot({ path: join(out, `walk-${name}.png`) });
const button = (page, name) => page.getByRole('button', { name });
const known = (page) => page.evaluate(() => window.__consilium?.());
const sees = (page, text, ms) => page.getByText(text).first().waitFor({ state: 'visible', timeout: ms ?? 15000 });
const everyone = () => [coordinator, chair, guest];

async function window_(voice) {
  const chrome = await browser({ voice: voiceFile(voice) });
  chromes.push(chrome);
  return chrome;
}

before(async () => {
  ({ data, links } = seed({ pin: PIN }));
  server = await serve(data, { log: 'walk' });
});

after(async () => {
  for (const it of Object.values(colleagues)) await it.leave();
  for (const chrome of chromes) await chrome.close();
  try {
    await server?.stop();
  } finally {
    if (data) discard(data);
  }
});

let failed = '';
/** Steps after a failed one would only say the same again. */
function step(name, body) {
  test(name, { timeout: 120_000 }, async () => {
    if (failed) assert.fail(`not walked, because "${failed}" failed`);
    failed = name;
    try {
      await body();
    } catch (error) {
      for (const [who, page] of Object.entries({ coordinator, chair, guest }))
        if (page && !page.isClosed()) await shot(page, `failed-${who}`).catch(() => undefined);
      throw error;
    }
    failed = '';
  });
}

// ---- Schedule ----

step('the coordinator sees the weekly thoracic board and its next meeting', async () => {
  coordinator = await signIn(await window_('anna'), server, links, 'coordinator');
  await coordinator.getByRole('heading', { level: 1 }).waitFor();
  await sees(coordinator, /Weekly thoracic board meets today/);
  await shot(coordinator, '01-today-coordinator');
  await coordinator.getByRole('link', { name: 'Boards' }).click();
  await coordinator.getByRole('link', { name: 'Weekly thoracic board' }).click();
  await coordinator.getByRole('heading', { level: 1, name: 'Weekly thoracic board' }).waitFor();
  await sees(coordinator, /Quorum: one of surgery/);
  await shot(coordinator, '02-board');
});

step('a case is written; a stage without a prefix is found, and repaired by one press', async () => {
  const page = coordinator;
  await page.getByRole('link', { name: 'Cases', exact: true }).click();
  await page.getByRole('link', { name: 'New case' }).click();
  await page.getByLabel('Your question to the board').fill(CASE.question);
  await page.getByLabel('Family name, given name').fill(CASE.name);
  await page.getByLabel('Birth date').fill(CASE.birth);
  await page.getByLabel('Record number').fill(CASE.id);
  await page.getByLabel('Sex').selectOption({ label: 'Female' });
  await button(page, 'Choose another').click();
  await page.getByLabel('Find the referring physician').fill('Sampleton');
  await page.getByRole('group', { name: 'People found' }).getByRole('button', { name: GUEST }).click();
  await sees(page, GUEST);
  await page.getByLabel('Diagnosis', { exact: true }).fill(CASE.diagnosis);
  await page.getByLabel('T', { exact: true }).fill('T2a');
  await page.getByLabel('N', { exact: true }).fill('N2');
  await page.getByLabel('M', { exact: true }).fill('M0');
  await page.getByLabel('Group, or other').fill('IIIA');
  await page.getByLabel('Staging system').fill('AJCC Version 9 lung');
  await page.getByLabel('What matters to the patient').fill('Wants to be home by evening; sings in a choir.');
  await page.getByLabel('What you would do without the board').fill(CASE.referring);
  await button(page, 'Save the case').click();
  // Not saved: the fault is said at the field and in the summary, the repair is a button.
  await page.getByRole('heading', { name: 'One thing to correct before it can be saved' }).waitFor();
  await shot(page, '03-intake-fault');
  await button(page, 'Use cT2a').click();
  assert.equal(await page.getByLabel('T', { exact: true }).inputValue(), 'cT2a');
  await button(page, 'Save the case').click();
  await page.waitForURL(/\/cases\/[0-9a-f-]{36}$/);
  caseUrl = page.url();
  await sees(page, /^Saved/);
});

step('a deck and a photograph arrive and are drawn', async () => {
  const page = coordinator;
  // Four pages of the demo's deck: a person would bring twelve, a test need not wait for them.
  const deck = join(out, 'Case deck.pdf');
  const pages = [1, 2, 3, 4].map((n) => join(out, `deck-${n}.pdf`));
  execFileSync('pdfseparate', ['-l', '4', join(root, 'deploy/demo/decks/01-nsclc-egfr.pdf'), join(out, 'deck-%d.pdf')]);
  execFileSync('pdfunite', [...pages, deck]);
  await page.getByLabel('Choose files').setInputFiles([deck, join(root, 'tests/fixtures/documents/quadrants.jpg')]);
  const row = (title) => page.getByRole('row').filter({ hasText: title });
  await row('Case deck').getByText('as 1').waitFor({ timeout: 100_000 });
  await row('quadrants').getByText('as 2').waitFor({ timeout: 30_000 });
  await shot(page, '04-intake');
});

step('both cases go on the agenda with minutes and presenter, in an order set by keyboard', async () => {
  const page = coordinator;
  await page.getByRole('link', { name: 'Today' }).click();
  await page.getByRole('link', { name: 'Open the agenda', exact: true }).click();
  await page.getByRole('heading', { name: 'Running order, to scale' }).waitFor();
  meetingId = /meetings\/([0-9a-f-]{36})/.exec(page.url())[1];
  await button(page, `Add ${CASE.name}`).click();
  await button(page, 'Save agenda').click();
  await button(page, 'Agenda is saved').waitFor();
  // Now the referring clinician, who is not of the board, may be chosen as presenter.
  await page.getByLabel('Presents').selectOption({ label: GUEST });
  await page.getByLabel('Minutes').fill('9');
  await page.getByLabel('Minutes').press('Tab');
  await button(page, 'One minute more').click();
  const chosen = button(page, new RegExp(`Item 3, ${CASE.name}`));
  await chosen.focus();
  await chosen.press('Alt+ArrowUp');
  await page.keyboard.press('Alt+ArrowUp');
  const order = await page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Item \d/ }) }).allInnerTexts();
  assert.match(order[0], /Placebo, Harriet/);
  assert.match(order[0], /10 min/);
  await button(page, 'Save agenda').click();
  await button(page, 'Agenda is saved').waitFor();
  await page.reload();
  await button(page, new RegExp(`Item 1, ${CASE.name} ?, 10 minutes`)).waitFor();
  await shot(page, '05-agenda');
});

step('a guest is invited to one item and the link is copied', async () => {
  const page = coordinator;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write', 'microphone']);
  await button(page, 'Invite a person').click();
  await page.getByLabel('Find a person').fill('Sampleton');
  await page.getByRole('group', { name: 'People found' }).getByRole('button', { name: GUEST }).click();
  await page.getByRole('checkbox', { name: /1 Placebo, Harriet/ }).check();
  await button(page, 'Make the link').click();
  await button(page, 'Copy').click();
  await button(page, 'Copied').waitFor();
  link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, await page.getByRole('textbox', { name: `Link for ${GUEST}` }).inputValue());
  assert.match(link, /\/j#/);
  await shot(page, '06-invited');
});

// ---- Join ----

step('the chair opens the room, the colleagues come', async () => {
  chair = await signIn(await window_('ben'), server, links, 'chair');
  await sees(chair, /Weekly thoracic board meets today/);
  await shot(chair, '07-today-chair');
  // What the referring clinician would do is sealed from the board until the plan is read back.
  await chair.getByRole('link', { name: 'Open the agenda', exact: true }).first().click();
  await button(chair, new RegExp(`Item 1, ${CASE.name}`)).click();
  await chair.getByRole('link', { name: 'Open the case' }).click();
  await sees(chair, CASE.question);
  assert.doesNotMatch(await chair.content(), new RegExp(CASE.referring), 'the sealed plan reached the chair');
  await shot(chair, '07b-case-chair');
  await chair.getByRole('link', { name: 'Today' }).click();
  await chair.getByRole('link', { name: 'Open the room' }).first().click();
  await button(chair, 'Open the room').click();
  for (const [specialty, key] of Object.entries(COLLEAGUES))
    colleagues[specialty] = await member(server, links.people[`SYN-PRAC-${key}`], meetingId);
  await coordinator.getByRole('link', { name: 'Open the room' }).click();
  await coordinator.getByRole('heading', { level: 1, name: 'Weekly thoracic board' }).waitFor();
  await sees(chair, 'Bronchowitz');
});

step('the community oncologist opens the link: two clicks, and sound', async () => {
  const chrome = await window_('cleo');
  const context = await chrome.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['microphone'] });
  guest = await context.newPage();
  guest.errors = [];
  guest.on('pageerror', (error) => guest.errors.push(error.message));
  await guest.goto(link); // the first click, in the mail
  await sees(guest, `${GUEST}, medical oncology`);
  await sees(guest, 'Quillback Valley Hospital');
  await sees(guest, /You hear 1 case, and nothing about other patients/);
  await shot(guest, '08-join');
  assert.doesNotMatch(guest.url(), /#./, 'the token stays in no address line');
  await button(guest, 'Join, muted').click(); // the second
  // Before the item runs there is a waiting page and nothing of the meeting.
  await guest.getByRole('heading', { name: 'Your case is next' }).waitFor();
  await shot(guest, '09-waiting');
  await axe(guest, 'the waiting page');
  await button(chair, /Start Placebo/).click();
  const clicked = Date.now();
  await until('sound reaches the guest', async () => (await known(guest))?.hearing, 30000);
  console.log(`# from the start of the item to the guest's sound: ${Date.now() - clicked} ms`);
  await sees(guest, CASE.question);
});

// ---- Present ----

const caption = (page) => page.locator('figcaption').innerText();
const shows = (page, n) => until(`page ${n} is sharp`, async () => new RegExp(`Case deck, page ${n} of 4.*Sharp`, 's').test(await caption(page)), 45000);
/** What part of the page the window shows, as the overview map draws it: left, top, width, height in per cent. */
async function region(page) {
  const style = await page.locator('.map .view').getAttribute('style', { timeout: 15000 });
  return Object.fromEntries([...style.matchAll(/(left|top|width|height):\s*(-?[\d.]+)%/g)].map(([, k, v]) => [k, Number(v)]));
}
const contains = (outer, inner) => outer.left <= inner.left + 1 && outer.top <= inner.top + 1
  && outer.left + outer.width >= inner.left + inner.width - 1 && outer.top + outer.height >= inner.top + inner.height - 1;

step('the presenter shows a page; everybody sees it sharp, with two identifiers beside it', async () => {
  await button(guest, /^1 Case deck/).click();
  for (const page of everyone()) {
    await shows(page, 1);
    assert.match(await caption(page), /Placebo, Harriet, born 17 Apr 1958 · WALK-000777/);
  }
  await shot(guest, '10-presenter');
});

step('the next page is fetched ahead; the page turn reaches everybody', async () => {
  const documents = (await known(chair)).state.picture.documents;
  const next = documents.find((it) => it.title === 'Case deck').pages[1].digest;
  const fetched = () => chair.evaluate((digest) => performance.getEntriesByType('resource').filter((it) => it.name.includes(digest)).length, next);
  await until('page 2 is fetched while page 1 is shown', async () => (await fetched()) > 0, 30000);
  assert.match(await caption(chair), /page 1 of 4/);
  await guest.getByRole('heading', { name: 'Shared picture' }).focus().catch(() => undefined);
  await guest.keyboard.press('ArrowRight');
  for (const page of everyone()) await shows(page, 2);
});

step('zoom, pan and pointer are followed; looking around alone ends with one click', async () => {
  await button(guest, 'Closer').click();
  await button(guest, 'Closer').click();
  await until('the chair sees all the presenter sees', async () => {
    const [outer, inner] = [await region(chair), await region(guest)];
    return inner.width < 75 && outer.width < 85 && contains(outer, inner);
  });
  const before_ = await region(chair);
  const box = await guest.getByRole('img', { name: /Case deck, page 2/ }).boundingBox();
  await guest.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.6);
  await guest.mouse.down();
  await guest.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.5, { steps: 8 });
  await guest.mouse.up();
  await until('the pan is followed', async () => {
    const [outer, inner] = [await region(chair), await region(guest)];
    return outer.left > before_.left + 2 && contains(outer, inner);
  });
  await guest.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.4, { steps: 5 });
  await sees(chair, 'Sampleton');
  await chair.locator('.pointer').getByText('Sampleton').waitFor();
  await coordinator.locator('.pointer').getByText('Sampleton').waitFor();
  await chair.getByRole('heading', { level: 1 }).click();
  await chair.keyboard.press('f');
  await sees(chair, 'You look around alone');
  await button(chair, 'Closer').click();
  await until('the presenter is told that one looks around', async () => /Looking around alone\s*1/.test(await guest.getByRole('complementary', { name: 'Presenting' }).innerText()));
  await shot(chair, '11-alone');
  await button(guest, /^Call everyone back/).click();
  await sees(chair, 'Dr Sampleton calls you back'); // asked, not forced
  await button(chair, /^Return/).click();
  await sees(chair, 'You follow Dr Sampleton');
  await until('the chair is back', async () => contains(await region(chair), await region(guest)));
});

step('the presenter hides the picture and shows it again', async () => {
  await button(guest, 'Hide picture').click();
  for (const page of everyone()) await sees(page, /The picture is hidden/);
  await shot(chair, '11b-hidden');
  await button(guest, 'Show it again').click();
  for (const page of everyone()) await shows(page, 2);
});

step('the chair passes the presenter role; only documents of this case can be shown', async () => {
  await chair.keyboard.press('a');
  const dialog = chair.getByRole('dialog', { name: 'Who is here' });
  await shot(chair, '12-who');
  await dialog.getByRole('listitem').filter({ hasText: 'Pixelbaum' }).getByRole('button', { name: 'Let present' }).click();
  await button(dialog, 'Close').click();
  await sees(guest, 'You follow Dr Pixelbaum');
  // A document of another patient, there and readable, but not of the running case.
  const other = await otherDocument();
  const radiology = colleagues.radiology;
  const refused = await radiology.ask('page.show', { document: other, page: 1 });
  assert.equal(refused.ok, false, 'a document of another case was shown');
  const own = (await known(chair)).state.picture.documents.find((it) => it.title === 'Case deck').document;
  await radiology.say('page.show', { document: own, page: 3 });
  for (const page of everyone()) await shows(page, 3);
  for (const page of everyone()) assert.doesNotMatch(JSON.stringify((await known(page)).state), new RegExp(other));
});

/** Uploaded by the coordinator's own session, outside the room. */
async function otherDocument() {
  const page = await coordinator.context().newPage();
  await page.goto(`${server.url('coordinator')}/cases/${ident('DEMO-CASE-01')}/intake`);
  await page.getByLabel('Choose files').setInputFiles(join(root, 'tests/fixtures/documents/quadrants.jpg'));
  await page.getByRole('row').filter({ hasText: 'quadrants' }).getByText('as 1').waitFor({ timeout: 60000 });
  const found = await page.evaluate(async (id) => (await (await fetch(`/api/cases/${id}`)).json()).documents[0].document, ident('DEMO-CASE-01'));
  await page.close();
  return found;
}

// ---- Moderate ----

const ruler = (page) => page.getByRole('navigation', { name: /^Agenda/ });

step('the agenda is a ruler of time; two more minutes; next asks about an unsigned plan', async () => {
  assert.match(await ruler(chair).innerText(), /1 Placebo, Harriet\s+\d+:\d\d of 10 min/);
  await button(chair, /Two more minutes/).click();
  for (const page of everyone()) await ruler(page).getByText(/of 12 min/).waitFor();
  await button(chair, /^Undo: more minutes/).click();
  for (const page of everyone()) await ruler(page).getByText(/of 10 min/).waitFor();
  await button(chair, /Two more minutes/).click();
  for (const page of everyone()) await ruler(page).getByText(/of 12 min/).waitFor();
  await shot(chair, '13-undo');
  // The guest's ruler names no other patient.
  assert.doesNotMatch(await ruler(guest).innerText(), /Exemplar|Fabelton/);
  await chair.keyboard.press('n');
  const dialog = chair.getByRole('dialog', { name: 'Next case' });
  await dialog.getByText('The plan of Placebo is not signed.').waitFor();
  await shot(chair, '13-next-unsigned');
  await button(dialog, 'Stay and sign it first').click();
  await ruler(chair).getByText(/of 12 min/).waitFor();
});

step('hands stand in order; the chair gives the floor', async () => {
  await guest.keyboard.press('h');
  await button(guest, /Hand up, 1st/).waitFor();
  await colleagues.radiology.say('hand.raise', {});
  await button(coordinator, /Raise hand/).click();
  await button(coordinator, /Hand up, 3rd/).waitFor();
  const hands = chair.getByRole('region', { name: 'Hands, in order' });
  await until('three hands in order', async () => /1 Sampleton.*2 Pixelbaum.*3 Agendason/s.test(await hands.innerText()));
  await shot(chair, '14-hands');
  await chair.keyboard.press('g');
  await button(guest, /Raise hand/).waitFor();
  await guest.getByText(/Dr Fictor gives you the floor/).first().waitFor({ state: 'attached' });
  await button(hands, /Give the floor to Pixelbaum/).click();
  await button(coordinator, /Hand up, 1st/).click();
  await sees(hands, 'Dr Pixelbaum has the floor');
});

step('the chair is offered, taken, and taken back', async () => {
  await chair.keyboard.press('a');
  const dialog = chair.getByRole('dialog', { name: 'Who is here' });
  await dialog.getByRole('listitem').filter({ hasText: 'Agendason' }).getByRole('button', { name: 'Offer the chair' }).click();
  await shot(chair, '14b-offered');
  await button(dialog, 'Close').click();
  await sees(coordinator, /offers you the chair/);
  await shot(coordinator, '14c-offer');
  await button(coordinator, 'Take the chair').click();
  await button(planOf(coordinator), /^Read back/).waitFor();
  assert.equal(await button(planOf(chair), /^Read back/).count(), 0, 'two act as chair');
  await button(chair, 'Take the chair back').click();
  await button(planOf(chair), /^Read back/).waitFor();
  await button(planOf(coordinator), /^Read back/).waitFor({ state: 'detached' });
});

step('who speaks, who was not heard yet, who is missing for quorum', async () => {
  await guest.keyboard.press('m');
  await until('the guest is told who hears', async () => /You are on, heard by 2/.test(await button(guest, /You are on/).innerText()), 30000);
  const bench = chair.getByRole('region', { name: 'People by specialty' });
  await until('the chair sees who speaks', async () => /Sampleton.*speaking, \d/s.test(await bench.innerText()), 20000);
  await shot(chair, '15-speaking');
  assert.match(await bench.innerText(), /Radiology\s+Pixelbaum\s+(, presents\s+)?not yet heard/);
  await colleagues.pulmonology.leave();
  await until('pulmonology is away', async () => /Pulmonology.*(coming back|missing)\s+needed for quorum/s.test(await bench.innerText()), 30000);
  colleagues.pulmonology = await member(server, links.people['SYN-PRAC-06'], meetingId);
  await until('pulmonology is back', async () => /Pulmonology\s+Bronchowitz\s+not yet heard/.test(await bench.innerText()));
});

step('the chair mutes one, then all; only oneself can unmute', async () => {
  await chair.keyboard.press('a');
  const dialog = chair.getByRole('dialog', { name: 'Who is here' });
  await dialog.getByRole('listitem').filter({ hasText: 'Sampleton' }).getByRole('button', { name: 'Mute' }).click();
  await button(guest, /Muted by Dr Fictor at/).waitFor();
  await guest.keyboard.press('m');
  await coordinator.getByRole('heading', { level: 1 }).click();
  await coordinator.keyboard.press('m');
  await button(guest, /You are on/).waitFor();
  await button(coordinator, /You are on/).waitFor();
  await button(dialog, 'Mute all others').click();
  await button(guest, /Muted by Dr Fictor at/).waitFor();
  await button(coordinator, /Muted by Dr Fictor at/).waitFor();
  await button(dialog, 'Close').click();
  await until('silence', async () => !/speaking/.test(await chair.getByRole('region', { name: 'People by specialty' }).innerText()));
});

// ---- Decide ----

const planOf = (page) => page.getByRole('complementary', { name: /^Plan, / });

async function write(page, label, text) {
  const plan = planOf(page);
  await button(plan, new RegExp(`^(Write|Change) ${label}$`)).click();
  await plan.getByLabel(label, { exact: true }).fill(text);
  await plan.getByLabel(label, { exact: true }).press('Tab');
}

step('chair and coordinator fill the plan, all see it grow', async () => {
  const plan = planOf(chair);
  const missing = plan.getByRole('list', { name: 'What must be there' });
  await missing.getByText('Question answered').waitFor();
  await button(plan, 'Write Answer to the question').click();
  const field = plan.getByLabel('Answer to the question', { exact: true });
  await field.pressSequentially('Induction first');
  // Half a sentence is there, with its writer, while it is being written.
  await planOf(guest).getByText('Induction first', { exact: true }).waitFor();
  await planOf(guest).getByText('Fictor writes').waitFor();
  await field.pressSequentially(', then resection if N2 clears.');
  await field.press('Tab');
  await planOf(guest).getByText('Induction first, then resection if N2 clears.').waitFor();
  await missing.getByText('Question answered').waitFor({ state: 'detached' });
  await plan.getByLabel('Kind of plan').selectOption({ label: 'Plan before treatment' });
  await plan.getByLabel('Decision').selectOption({ label: 'Majority with dissent' });
  await write(coordinator, 'What the patient wants', 'Wants to be home by evening; sings in a choir.');
  await write(coordinator, 'Who tells the patient', GUEST);
  await planOf(coordinator).getByLabel('When', { exact: true }).fill('2026-12-01');
  await planOf(coordinator).getByRole('heading', { name: /^Plan, draft/ }).click();
  await button(plan, 'Add a recommendation').click();
  await plan.getByLabel('What', { exact: true }).fill('Three cycles of nivolumab with platinum doublet');
  await plan.getByLabel('Kind', { exact: true }).selectOption({ label: 'Systemic therapy' });
  await plan.getByLabel('Intent').selectOption({ label: 'Neoadjuvant' });
  await plan.getByLabel('Who', { exact: true }).fill(GUEST);
  await plan.getByLabel('By when').fill('2026-12-08');
  await plan.getByLabel('Where').fill('Quillback Valley Hospital');
  await button(plan, 'Done').click();
  for (const element of ['Guideline', 'Genetics', 'Trials', 'Supportive care'])
    await button(plan.getByRole('group', { name: element }), 'Discussed').first().click();
  for (const page of everyone()) await planOf(page).getByText('Three cycles of nivolumab with platinum doublet').waitFor();
  // A majority with dissent needs its reasons.
  await missing.getByText('11 of 12 there').waitFor();
  await button(missing, /^Reasons/).waitFor();
  await shot(chair, '16-plan-chair');
  await shot(guest, '16-plan-guest');
});

step('two writers on one field: the chair takes it, the other text comes back beside it', async () => {
  const ours = planOf(coordinator);
  await button(ours, /^(Write|Change) Options not chosen$/).click();
  const field = ours.getByLabel('Options not chosen', { exact: true });
  await field.pressSequentially('Definitive');
  await planOf(chair).getByText('Agendason writes').waitFor();
  // Typed on without a pause, so that it is not sent, while the chair takes the field.
  const typing = field.pressSequentially(' chemoradiotherapy alone, which the referring clinician had planned', { delay: 150 }).catch(() => undefined);
  await button(planOf(chair), 'Take Options not chosen').click();
  await ours.getByText(/^Yours: Definitive/).waitFor();
  await typing;
  assert.equal(await coordinator.getByRole('dialog').count(), 0, 'what was still being typed acted as keys of the room');
  await planOf(chair).getByLabel('Options not chosen', { exact: true }).fill('Surgery first');
  await planOf(chair).getByLabel('Options not chosen', { exact: true }).press('Tab');
  // Both stand there for as long as the choice is open, also when the chair has left the field.
  await until('the chair left the field', async () => Object.keys((await known(coordinator)).state.plan.writers).length === 0);
  await ours.getByText('Surgery first', { exact: true }).waitFor();
  await shot(coordinator, '17-refused');
  assert.equal(await coordinator.evaluate(() => document.scrollingElement.scrollTop), 0, 'what was still being typed scrolled the room away');
  const kept = (await ours.getByText(/^Yours: /).innerText()).replace(/^Yours: /, '');
  assert.match(kept, /^Definitive/); // as far as it had come when the chair took the field
  await button(ours, 'Keep yours').click();
  for (const page of everyone()) await planOf(page).getByText(kept, { exact: true }).waitFor();
});

step('a note to the scribe is taken with one press, another put aside', async () => {
  for (const text of ['Brain MRI before surgery', 'Something else entirely']) {
    await button(planOf(guest), 'Note').click();
    const dialog = guest.getByRole('dialog', { name: 'Note to the scribe' });
    await dialog.getByLabel('What should be recommended?').fill(text);
    await button(dialog, 'Send to the scribe').click();
    await planOf(coordinator).getByText(text).waitFor();
  }
  await shot(coordinator, '17b-notes');
  const note = (text) => planOf(coordinator).getByRole('listitem').filter({ hasText: text });
  await button(note('Something else entirely'), 'Put aside').click();
  await button(note('Brain MRI'), 'Take as a recommendation').click();
  for (const page of everyone()) await planOf(page).getByText('Notes to the scribe').waitFor({ state: 'detached' });
  await planOf(chair).getByText('Brain MRI before surgery').waitFor();
  await button(planOf(chair), 'Change line 2').click();
  await button(planOf(chair), 'Remove line').click(); // the rest of the walk is about one recommendation
  await planOf(guest).getByText('Brain MRI before surgery').waitFor({ state: 'detached' });
});

step('dissent, in own words, into the record by a tick', async () => {
  await planOf(guest).getByRole('button', { name: 'Dissent', exact: true }).click();
  const dialog = guest.getByRole('dialog', { name: 'Dissent' });
  await dialog.getByLabel('Your dissent, in your own words').fill('She lives three hours away; I would not plan surgery for her.');
  assert.ok(await button(dialog, 'Write my dissent').isDisabled(), 'the tick is asked each time');
  await dialog.getByRole('radio', { name: /Yes, with my name/ }).check();
  await button(dialog, 'Write my dissent').click();
  await planOf(chair).getByText('She lives three hours away; I would not plan surgery for her.').waitFor();
  await write(chair, 'Reasons', 'Operable stage, good lung function, response can be judged after three cycles.');
  await planOf(chair).getByText('All is there').waitFor();
});

const wording = (page) => page.getByRole('article').locator('p:not(.idline)').allInnerTexts();
const readingLine = (page) => page.locator('article p[aria-current=step]').innerText();

/** Down to the last line by the arrow key; the guest sees the same line. */
async function readAloud() {
  for (let n = 0; n < 200 && !(await chair.getByText('The last line is read: start the clock.').isVisible()); n++) {
    const was = await chair.locator('article p[aria-current=step]').count() ? await readingLine(chair) : '';
    await chair.keyboard.press('ArrowDown');
    await until('the line moves', async () => (await readingLine(chair)) !== was || chair.getByText('The last line is read: start the clock.').isVisible());
  }
}

step('read back: everybody sees the exact text; an objection stops the clock', async () => {
  await button(planOf(chair), /^Read back/).click();
  for (const page of everyone()) await page.getByRole('article').waitFor();
  await sees(chair, 'all 8 see this exact text');
  const begun = colleagues.pathology.events.filter((it) => it.k === 'readback.begun').at(-1);
  const squeezed = (text) => text.replace(/\s+/g, ' ').trim();
  for (const page of everyone())
    assert.equal(squeezed((await wording(page)).join('\n')), squeezed(begun.d.wording), 'the text shown is not the text that will be signed');
  await sees(chair, 'Quorum at this moment: met');
  await sees(guest, CASE.referring); // unsealed now
  await chair.keyboard.press('ArrowDown');
  await chair.keyboard.press('ArrowDown');
  await until('the guest sees the line being read', async () => (await readingLine(guest)) === (await readingLine(chair)));
  await shot(chair, '18-readback-chair');
  await shot(guest, '18-readback-guest');
  await readAloud();
  await chair.keyboard.press(' ');
  await sees(guest, 'seconds to object');
  await guest.keyboard.press('o');
  const dialog = guest.getByRole('dialog', { name: 'Object' });
  await button(dialog, 'Not ready').click();
  await dialog.getByLabel('What is missing?').fill('Which platinum?');
  await dialog.getByRole('button', { name: 'Object', exact: true }).click();
  for (const page of everyone()) await sees(page, 'The clock stands');
  await sees(chair, 'Dr Sampleton is not ready');
  await shot(chair, '19-objection');
  await button(chair, /^Go on/).click();
  await sees(guest, 'seconds to object');
  // A correction unlocks the text, and says who wants what.
  await guest.keyboard.press('o');
  await dialog.getByLabel('What should it say?').fill('Platinum doublet: write carboplatin.');
  await dialog.getByRole('button', { name: 'Object', exact: true }).click();
  for (const page of everyone()) await sees(page, /Back to discussion: .*Dr. Pilar Sampleton: Platinum doublet/);
  const plan = planOf(chair);
  await button(plan, 'Change line 1').click();
  await plan.getByLabel('What', { exact: true }).fill('Three cycles of nivolumab with carboplatin and paclitaxel');
  await button(plan, 'Done').click();
  await planOf(guest).getByText('Three cycles of nivolumab with carboplatin and paclitaxel').waitFor();
});

step('read back again, outcome confirmed, wrong PIN, right PIN; everybody sees it signed', async () => {
  await button(planOf(chair), /^Read back/).click();
  await sees(chair, 'all 8 see this exact text');
  await chair.getByText(/8 people and 3 pictures at this moment/).click();
  await sees(chair, 'Case deck, page 2');
  const outcome = chair.getByRole('region', { name: 'Against the referring plan' });
  await outcome.getByText(CASE.referring).waitFor();
  for (const box of await outcome.getByRole('checkbox').all()) await box.setChecked(false);
  await outcome.getByRole('checkbox', { name: /treatment/i }).first().check();
  await button(outcome, 'Confirm outcome').click();
  for (const page of everyone()) await sees(page, /Confirmed by Dr Fictor/);
  await chair.getByRole('article').focus();
  await readAloud();
  assert.ok(await button(chair, /^Sign as Dr Fictor/).isDisabled(), 'Sign opens only after the time to object');
  await button(chair, /^Start the clock/).click();
  await chair.getByText('The time to object is over', { exact: true }).waitFor({ timeout: 40000 });
  await button(chair, /^Sign as Dr Fictor/).click();
  const dialog = chair.getByRole('dialog', { name: 'Sign the plan' });
  await dialog.getByLabel('Your PIN').fill('0000');
  await button(dialog, /^Sign as Dr Fictor/).click();
  await dialog.getByText(/PIN/).nth(1).waitFor();
  await shot(chair, '20-wrong-pin');
  assert.equal(await dialog.getByLabel('Your PIN').inputValue(), '', 'a PIN stays in no page');
  await dialog.getByLabel('Your PIN').fill(PIN);
  await dialog.getByLabel('Your PIN').press('Enter');
  for (const page of everyone()) {
    await page.getByRole('heading', { name: 'Plan, signed' }).waitFor();
    await sees(page, /^Signed \d\d:\d\d/);
  }
  await shot(guest, '21-signed');
  const [read] = await Promise.all([guest.context().waitForEvent('page'), guest.getByRole('link', { name: 'Read Placebo’s plan' }).click()]);
  await read.getByRole('heading', { name: 'This text is what was signed' }).waitFor();
  await read.close();
});

// ---- Retrieve ----

const LINE = 'Three cycles of nivolumab with carboplatin and paclitaxel';
const DISSENT = 'She lives three hours away; I would not plan surgery for her.';
let planId, planFile, publicKey, newerId;

async function find(words) {
  await coordinator.getByRole('link', { name: 'Records', exact: true }).click();
  await coordinator.getByLabel('Find', { exact: true }).fill(words);
  await coordinator.getByLabel('Find', { exact: true }).press('Enter');
  await coordinator.getByRole('heading', { name: `Found for “${words}”` }).waitFor();
  return coordinator.getByRole('region', { name: `Found for “${words}”` });
}

async function download(page, press, name) {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  const path = join(out, name);
  await file.saveAs(path);
  return path;
}

/** A saved file opens with what became of the plan: nobody can read the plan before it. */
function opensWith(file, notice) {
  const opening = `{"NOTICE":"${notice}`;
  assert.equal(readFileSync(file, 'utf8').slice(0, opening.length), opening);
}

function verify(file, key = publicKey) {
  const { status, stdout, stderr } = spawnSync(program, ['verify', file, '--key', key], { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

step('the next case starts, the guest is out; the chair closes the meeting', async () => {
  await chair.keyboard.press('n');
  await ruler(chair).getByText(/2 Exemplar, Wilhelmina/).waitFor();
  await guest.getByRole('heading', { name: 'Your case is over' }).waitFor();
  await axe(guest, 'the own case is over');
  // Pressed too early: taken back, and the case, its plan and its guest are there as before.
  await shot(chair, '22a-undo-next');
  await button(chair, /^Undo: next case/).click();
  for (const page of everyone()) await page.getByRole('heading', { name: 'Plan, signed' }).waitFor();
  await ruler(chair).getByText(/1 Placebo, Harriet/).waitFor();
  await until('the guest hears again', async () => (await known(guest)).hearing, 20000);
  await chair.keyboard.press('n');
  await ruler(chair).getByText(/2 Exemplar, Wilhelmina/).waitFor();
  await guest.getByRole('heading', { name: 'Your case is over' }).waitFor();
  assert.doesNotMatch(await guest.content(), /Exemplar/, 'another patient reached the guest');
  await shot(chair, '22-next-case');
  for (const specialty of ['radiology', 'pathology']) await colleagues[specialty].leave();
  await chair.keyboard.press('n');
  await button(chair, /Leave it open and come back/).click();
  await ruler(chair).getByText(/3 Fabelton/).waitFor();
  await chair.getByRole('dialog').waitFor({ state: 'detached' }); // a key pressed while a question stands is none
  await chair.keyboard.press('n');
  await button(chair, /^Defer Fabelton/).click();
  await button(chair, 'Close the meeting').click();
  await button(chair, /^Close the meeting for/).click();
  for (const page of [chair, coordinator]) await page.getByRole('heading', { name: 'The meeting is over' }).waitFor();
  await axe(chair, 'the meeting is over');
  await shot(chair, '22b-over');
});

step('the case is found by patient, by diagnosis and by words of the plan', async () => {
  await coordinator.getByRole('link', { name: 'Your page' }).click();
  await (await find('Placebo')).getByRole('link', { name: CASE.name }).waitFor();
  await (await find('squamous')).getByRole('link', { name: CASE.name }).waitFor();
  const found = await find('nivolumab carboplatin');
  await found.getByText(LINE).waitFor();
  await found.getByText('signed', { exact: true }).waitFor();
  await shot(coordinator, '23-found');
  await found.getByRole('link', { name: CASE.name }).click();
});

step('the signed plan is read, with attendance, dissent and the pictures shown', async () => {
  const page = coordinator;
  await page.getByRole('heading', { name: 'This text is what was signed' }).waitFor();
  const text = await page.getByRole('article').innerText();
  assert.match(text, new RegExp(LINE));
  assert.match(text, /Present at the decision, quorum met/);
  for (const name of ['Fictor', 'Pixelbaum', 'Stainwell', 'Bronchowitz', 'Imaginova', 'Notrealski', 'Sampleton']) assert.match(text, new RegExp(name));
  assert.match(text, new RegExp(`Dissent, ${GUEST}[^]*${DISSENT}`));
  assert.match(text, new RegExp(CASE.referring));
  await page.getByRole('region', { name: 'As it was shown' }).getByText('Case deck, page 3').waitFor();
  await until('the pictures are there', () => page.getByRole('region', { name: 'As it was shown' }).locator('img').evaluateAll((all) => all.length === 3 && all.every((it) => it.naturalWidth > 0)));
  await page.screenshot({ path: join(out, 'walk-24-record.png'), fullPage: true });
});

step('the PDF holds every line; the file is verified offline', async () => {
  const page = coordinator;
  const pdf = await download(page, () => page.getByRole('link', { name: 'PDF' }).click(), 'plan.pdf');
  const flat = (text) => text.replace(/\s+/g, ' ');
  const printed = flat(execFileSync('pdftotext', ['-layout', pdf, '-']).toString());
  for (const part of [CASE.name, '17 April 1958', CASE.id, LINE, 'Induction first, then resection if N2 clears.', 'Advice to the treating physician, who decides with the patient'])
    assert.ok(printed.includes(part), `the PDF does not say: ${part}\n${printed}`);
  for (const word of DISSENT.split(' ')) assert.ok(printed.includes(word), `the dissent lacks “${word}”`);
  planFile = await download(page, () => page.getByRole('link', { name: 'Save the file' }).click(), 'plan.json');
  publicKey = /[0-9a-f]{64}/.exec(execFileSync(program, ['key', data]).toString())[0];
  const good = verify(planFile);
  assert.equal(good.status, 0, good.text);
  assert.match(good.text, /says nothing about later addenda/);
  const altered = join(out, 'altered.json');
  writeFileSync(altered, readFileSync(planFile, 'utf8').replace('Three cycles', 'Four cycles'));
  assert.equal(verify(altered).status, 1);
  const garbage = join(out, 'garbage.json');
  writeFileSync(garbage, 'not a plan');
  assert.equal(verify(garbage).status, 2);
  assert.equal(verify(planFile, '0'.repeat(64)).status, 3);
});

step('the guest opens the plan of the own item, and nothing else', async () => {
  await sees(guest, 'You can open the plan of your case from your page.');
  await guest.getByRole('link', { name: 'Your page' }).click();
  await guest.getByRole('link', { name: `Read the plan: ${CASE.name}` }).click();
  await guest.getByRole('heading', { name: 'This text is what was signed' }).waitFor();
  await sees(guest, LINE);
  planId = /plans\/([0-9a-f-]{36})/.exec(guest.url())[1];
  await shot(guest, '25-guest-plan');
  const host = new URL(guest.url()).origin;
  for (const path of [`/cases/${ident('DEMO-CASE-01')}`, `/boards/${ident('DEMO-BOARD-THORACIC')}`]) {
    await guest.goto(host + path);
    await guest.getByRole('heading', { name: /is not shared with you/ }).waitFor();
  }
  for (const path of [`/api/cases/${ident('DEMO-CASE-01')}`, `/api/meetings/${meetingId}`, '/api/people?q=Dr'])
    assert.match(String((await api(guest, 'GET', path)).status), /^40[34]$/, `a guest was answered at ${path}`);
  const found = await api(guest, 'GET', '/api/records?q=Exemplar&page=0');
  assert.ok(found.status === 403 || found.body.cases.length === 0, JSON.stringify(found.body));
});

step('an addendum is said first: on the screen, in the search, in PDF and file', async () => {
  await chair.goto(`${server.url('chair')}/plans/${planId}`);
  await button(chair, 'Write an addendum').click();
  const dialog = chair.getByRole('dialog', { name: 'Write an addendum' });
  await dialog.getByLabel('Reason').selectOption({ label: 'Correction' });
  await dialog.getByLabel('Addendum', { exact: true }).fill('Carboplatin AUC 5, not 6.');
  await dialog.getByLabel('Your PIN').fill(PIN);
  await button(dialog, 'Sign the addendum').click();
  await sees(chair, 'Corrected, see addendum');
  const text = await chair.getByRole('article').innerText();
  assert.ok(text.indexOf('Corrected, see addendum') < text.indexOf(LINE), 'said first');
  assert.match(text, /Carboplatin AUC 5, not 6\./);
  await shot(chair, '26-addendum');
  await (await find('nivolumab')).getByText('signed, see addendum').waitFor();
  const pdf = await download(chair, () => chair.getByRole('link', { name: 'PDF' }).click(), 'plan-addendum.pdf');
  const printed = execFileSync('pdftotext', ['-layout', pdf, '-']).toString();
  assert.match(printed.trim(), /^Corrected, see the addendum/);
  assert.match(printed, /Carboplatin AUC 5, not 6\./);
  const file = await download(chair, () => chair.getByRole('link', { name: 'Save the file' }).click(), 'plan-addendum.json');
  opensWith(file, 'Corrected, see addendum.');
  assert.equal(verify(file).status, 0);
});

step('a newer plan of a later meeting supersedes it, and that is said first', async () => {
  // The coordinator plans a later meeting and lists the case again; who meets there is scripted.
  const page = coordinator;
  await page.getByRole('link', { name: 'Boards' }).click();
  await page.getByRole('link', { name: 'Weekly thoracic board' }).click();
  await button(page, 'Plan the meeting').click();
  await page.getByRole('heading', { name: 'Running order, to scale' }).waitFor();
  const later = /meetings\/([0-9a-f-]{36})/.exec(page.url())[1];
  await page.getByLabel('Find a case to list').fill('placebo nivolumab');
  const heard = page.getByRole('region', { name: 'Heard before' });
  await heard.getByText(LINE).waitFor();
  await button(heard, `Add ${CASE.name} again`).click();
  await button(page, 'Save agenda').click();
  await button(page, 'Agenda is saved').waitFor();
  await shot(page, '26b-heard-again');
  const { items } = (await api(page, 'GET', `/api/meetings/${later}`)).body;
  const again = await member(server, links.people['SYN-PRAC-01'], later);
  colleagues.chairAgain = again;
  await again.say('meeting.open', {});
  await again.say('item.start', { item: items[0].item });
  await writePlan(again);
  newerId = await signPlan(server, again, later, PIN, 'Surgeon and oncologist agreed by telephone.');
  await again.say('meeting.close', {});
  await chair.reload();
  await sees(chair, 'There is a newer plan.');
  const text = await chair.getByRole('article').innerText();
  assert.ok(text.indexOf('There is a newer plan.') < text.indexOf(LINE), 'said first');
  await shot(chair, '27-superseded');
  const pdf = await download(chair, () => chair.getByRole('link', { name: 'PDF' }).click(), 'plan-superseded.pdf');
  const printed = execFileSync('pdftotext', ['-layout', pdf, '-']).toString();
  assert.match(printed.slice(0, 400), /newer plan|superseded|corrected/i);
  const file = await download(chair, () => chair.getByRole('link', { name: 'Save the file' }).click(), 'plan-superseded.json');
  opensWith(file, 'Corrected, see the newer plan');
  assert.match(verify(file).text, /CORRECTED/);
  // The search finds the newer text, the record shows both versions.
  const found = await find('Placebo');
  await found.getByText('Concurrent chemoradiotherapy, 60 Gy in 30 fractions').waitFor();
  await found.getByRole('link', { name: CASE.name }).click();
  await coordinator.getByRole('region', { name: 'Versions' }).getByText('Version 2').waitFor();
  await coordinator.screenshot({ path: join(out, 'walk-27-versions.png'), fullPage: true });
  await chair.goto(`${server.url('chair')}/plans/${newerId}`);
});

step('a withdrawal is said first everywhere; the text stays', async () => {
  await button(chair, 'Withdraw').click();
  const dialog = chair.getByRole('dialog', { name: 'Withdraw this plan' });
  await dialog.getByLabel('What went wrong').fill('Written for the wrong Placebo.');
  await dialog.getByLabel('Your PIN').fill(PIN);
  await button(dialog, 'Withdraw the plan').click();
  await sees(chair, 'Withdrawn. Do not act on this plan.');
  await sees(chair, /Written for the wrong Placebo/);
  await sees(chair, 'Concurrent chemoradiotherapy, 60 Gy in 30 fractions');
  await shot(chair, '27-withdrawn');
  await (await find('Placebo')).getByText('Withdrawn:').waitFor();
  const pdf = await download(chair, () => chair.getByRole('link', { name: 'PDF' }).click(), 'plan-withdrawn.pdf');
  const printed = execFileSync('pdftotext', ['-layout', pdf, '-']).toString();
  assert.match(printed.trim(), /^\s*Withdrawn/i);
  const file = await download(chair, () => chair.getByRole('link', { name: 'Save the file' }).click(), 'plan-withdrawn.json');
  opensWith(file, 'Withdrawn. ');
  const said = verify(file);
  assert.equal(said.status, 0, said.text);
  assert.match(said.text, /WITHDRAWN/);
});

step('the own PIN is changed on the own page; a wrong one changes nothing', async () => {
  await chair.goto(`${server.url('chair')}/today`);
  await chair.getByRole('link', { name: /Fictor · chair/ }).click();
  const pin = chair.getByRole('region', { name: 'PIN for signing' });
  const change = async (old, secret, again = secret) => {
    await pin.getByLabel('Your present PIN').fill(old);
    await pin.getByLabel('New PIN', { exact: true }).fill(secret);
    await pin.getByLabel('New PIN once more').fill(again);
    await button(pin, 'Change PIN').click();
  };
  await change(PIN, '1234');
  await sees(pin, /Not digits in a row/);
  await change('0000', '5193');
  await sees(pin, /was not right. Nothing was changed/);
  await axe(chair, 'the own page');
  await shot(chair, '28-own-page');
  await change(PIN, '5193');
  await sees(pin, 'Changed');
  // The new one is the PIN now, the old one is not.
  const back = (it) => api(chair, 'PUT', '/api/me/secret', { kind: 'pin', old: it, secret: PIN });
  assert.equal((await back(PIN)).status, 403);
  assert.equal((await back('5193')).status, 204);
  // An invitation has neither.
  assert.equal((await api(guest, 'PUT', '/api/me/secret', { kind: 'pin', old: '', secret: '5193' })).status, 403);
});

step('nothing went outside and no page had a fault', async () => {
  for (const page of everyone()) assert.deepEqual(page.errors ?? [], []);
});
