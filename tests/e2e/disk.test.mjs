// The disk is full in the middle of a meeting: people still join and hear, all are told since when nothing is
// written down, edits and signing are refused, what was saved stays; with space it goes on by itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, discard, seed, serve, signIn, until } from './lib.mjs';
import { plainMicrophone, voiceFile } from './hear.mjs';
import { Person, describe, endAll, enter, hearsVoice, known, meetingOf, speak } from './walk.mjs';
import { inNamespace } from './namespace.mjs';

if (inNamespace(import.meta.url)) {
  const ends = [];
  let server, links, meeting, disk, chair, member;
  let early; // signed in before the disk was full
  const kept = 'Osimertinib after chemoradiation.';

  /** Takes all the space there is. */
  function fill() {
    const file = openSync(join(disk, 'filler'), 'w');
    for (const size of [65536, 4096]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size, 1));
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      }
    }
    fsyncSync(file);
    closeSync(file);
  }

  before(async () => {
    disk = mkdtempSync(join(tmpdir(), 'consilium-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', disk]); // of this mount namespace only
    ends.push(() => {
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true, force: true });
    });
    const demo = seed({ objection: 5 });
    ends.push(() => discard(demo.data));
    ({ links } = demo);
    const data = join(disk, 'data');
    cpSync(demo.data, data, { recursive: true });
    server = await serve(data, { log: 'disk' });
    ends.push(() => server.stop());
    meeting = await meetingOf(server, links);
    early = await Person.signIn(server, links.people['SYN-PRAC-02']);
    for (const [role, voice] of [['chair', 'anna'], ['clinic', 'cleo']]) {
      const chrome = await browser({ voice: voiceFile(voice) });
      ends.push(() => chrome.close());
      const page = await signIn(chrome, server, links, role);
      await plainMicrophone(page);
      if (role === 'chair') chair = page;
      else member = page;
    }
    await enter(chair, meeting);
    await chair.getByRole('button', { name: /Open the room/ }).click();
    await chair.getByRole('button', { name: /^Start Exemplar/ }).click();
    await until('the plan is open', async () => (await known(chair)).state.plan.plan);
    await speak(chair);
    await chair.getByRole('button', { name: /Write Answer to the question$/ }).click();
    await chair.locator('#plan-answered').fill(kept);
    await chair.locator('#plan-answered').blur();
    await until('it is saved', async () => (await known(chair)).state.plan.fields.answered?.value === kept);
  });

  after(() => endAll(ends));

  test('with a full disk people still join and hear, and all are told', { timeout: 90000 }, async () => {
    fill();
    await chair.getByRole('button', { name: /Raise hand/ }).click();
    await chair.getByText(/Nothing is being written down since \d+:\d\d/).waitFor({ timeout: 15000 });
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status, 503);
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status, 200);
    await enter(member, meeting, 30000);
    await member.getByText(/Nothing is being written down since \d+:\d\d/).waitFor({ timeout: 15000 });
    console.log(describe(await hearsVoice(member, 'anna', 'disk-full')));
    assert.equal((await known(member)).state.plan.fields.answered.value, kept, 'what was saved is read');
  });

  test('edits and signing are refused, and what was typed is kept', async () => {
    const { seat, state } = await known(chair);
    const coordinator = await signedIn();
    const field = 'reasons';
    const taken = await coordinator.ask('plan.take', { field });
    const set = await coordinator.ask('plan.set', { field, base: 0, value: 'Not to be taken.' });
    assert.deepEqual([taken.ok, set.ok], [false, false]);
    assert.ok(taken.message.length > 10);
    assert.ok(set.message.length > 10);
    const sign = await coordinator.person.call('POST', '/api/plans/sign', { meeting, digest: 'a'.repeat(64), pin: '2741', reason: '' });
    assert.ok(sign.status >= 400, `signing was answered ${sign.status}`);
    await coordinator.close();
    assert.equal((await known(chair)).state.plan.fields[field]?.value ?? '', '');
    assert.equal((await known(chair)).seat, seat);
    assert.equal((await known(chair)).state.plan.plan, state.plan.plan);
  });

  test('with space it goes on by itself', { timeout: 60000 }, async () => {
    rmSync(join(disk, 'filler'));
    await until('the line is gone', async () => (await chair.getByText(/Nothing is being written down since/).count()) + (await member.getByText(/Nothing is being written down since/).count()) === 0, 30000);
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status, 200);
    await chair.getByRole('button', { name: /Write Reasons$/ }).click();
    await chair.locator('#plan-reasons').fill('Written after the fault.');
    await chair.locator('#plan-reasons').blur();
    await until('both read it', async () => (await known(chair)).state.plan.fields.reasons?.value === 'Written after the fault.' &&
      (await known(member)).state.plan.fields.reasons?.value === 'Written after the fault.');
    await server.stop();
    server = await serve(server.data, { log: 'disk', port: server.port, mediaPort: server.mediaPort });
    await until('what was saved before and after is there after a restart', async () => {
      const { plan } = (await known(member)).state;
      return plan.fields.answered?.value === kept && plan.fields.reasons?.value === 'Written after the fault.';
    }, 20000);
    const seat = await (await Person.signIn(server, links.roles.coordinator)).socket(meeting);
    const there = await until('the snapshot', () => seat.snapshot());
    await seat.close();
    const texts = Object.fromEntries(there.events.filter((e) => e.k === 'plan.set').map((e) => [e.d.field, e.d.value]));
    assert.deepEqual([texts.answered, texts.reasons], [kept, 'Written after the fault.']);
  });

  const signedIn = () => early.socket(meeting);
}
