import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAST } from './cast.js';
import { identOf, shifted } from './demo.js';
import { Room } from './fold.js';
import { Kept, mayGo } from './kept.js';
import { growth } from './scribe.js';
import { CASES, LINES, OPENING } from './script.js';
import { aloud } from './stage.js';

const demo = JSON.parse(readFileSync(new URL('../demo/demo.json', import.meta.url), 'utf8'));
const turns = [...OPENING, ...Object.values(CASES).flat(), ...Object.values(LINES)];

test('ids are those of seed.py', () => {
  assert.equal(identOf('SYN-PRAC-01'), '0e6e1c45-8d00-5b66-aac4-1da51515544f');
});

test('dates keep their distance from the day the plan was written', () => {
  const plan = { fields: { tells_when: '2026-11-13' }, lines: [{ due: '2027-03-01' }] };
  const moved = shifted(plan, '2026-11-12', new Date('2028-02-28T10:00:00Z'));
  assert.equal(moved.fields.tells_when, '2028-02-29');
  assert.equal(Date.parse(moved.lines[0].due) - Date.parse(moved.fields.tells_when), Date.parse('2027-03-01') - Date.parse('2026-11-13'));
});

test('a text grows by words and ends whole', () => {
  assert.deepEqual(growth('a b c d e', 2), ['a b', 'a b c d', 'a b c d e']);
  assert.deepEqual(growth('one', 5), ['one']);
});

test('everybody who speaks or gets something is cast and known in the demo', () => {
  const known = new Set(demo.people.map((it) => it.key));
  for (const it of turns)
    for (const who of [it.by, it.pass, it.give, it.hand].filter(Boolean)) assert.ok(known.has(CAST[who]?.key), `${who}: ${it.say}`);
});

test('who gets the floor had raised a hand before', () => {
  for (const list of Object.values(CASES)) {
    const hands = new Set();
    for (const it of list) {
      if (it.give) assert.ok(hands.has(it.give), it.say);
      if (it.hand) hands.add(it.hand);
    }
  }
});

test('each script writes every field and line of its plan, once', () => {
  for (const plan of demo.scripts) {
    const list = CASES[plan.case];
    const fields = list.flatMap((it) => it.write ?? []);
    const lines = list.flatMap((it) => it.lines ?? []);
    assert.deepEqual([...new Set(fields)].sort(), [...fields].sort());
    assert.deepEqual(lines, plan.lines.map((_, n) => n));
    for (const [name, text] of Object.entries(plan.fields)) if (text) assert.ok(fields.includes(name), `${plan.case}: ${name}`);
    assert.equal(list.some((it) => it.dissent), plan.dissent.length > 0);
  }
});

test('what the rules for signing ask for is in each plan', () => {
  const { rules } = JSON.parse(readFileSync(new URL('../../protocols/record/sign-rules.json', import.meta.url), 'utf8'));
  for (const plan of demo.scripts) {
    for (const rule of rules) for (const name of rule.fields ?? (rule.field ? [rule.field] : [])) assert.ok(plan.fields[name], `${plan.case}: ${rule.label}`);
    for (const line of plan.lines) for (const part of ['what', 'kind', 'owner', 'due']) assert.ok(line[part], `${plan.case}: ${part}`);
  }
});

test('the chair says what is decided, and dissent only by name', () => {
  assert.equal(aloud('2. Osimertinib (Systemic therapy). Who: somebody.'), '2. Osimertinib');
  assert.equal(aloud('Dissent, Dr. A, surgery: I would have waited.'), 'Dissent, Dr. A, surgery, as written.');
  assert.equal(aloud('Trials: discussed.'), '');
});

const seat = (id, person) => ({ s: 'meeting', k: 'seat.joined', d: { seat: id, person, name: person } });

test('the room knows who is here, and forgets a hand with its seat', () => {
  const room = new Room();
  room.take(seat('s1', 'p1'));
  room.take({ s: 'meeting', k: 'hand.raised', d: { seat: 's1' } });
  assert.ok(room.isHere('p1'));
  room.take({ s: 'meeting', k: 'seat.left', d: { seat: 's1' } });
  assert.ok(!room.isHere('p1'));
  assert.deepEqual(room.hands, []);
});

test('an objection stands until the text is read anew', () => {
  const room = new Room();
  const begun = { s: 'case', k: 'readback.begun', d: { digest: 'a', wording: '', lines: 1, quorum_met: true, proposed: [] } };
  room.take({ s: 'case', k: 'plan.begun', d: { item: 'i', plan: 'p' } });
  room.take(begun);
  room.take({ s: 'case', k: 'readback.window', d: { running: true, left_s: 20 } });
  room.take({ s: 'case', k: 'readback.objected', d: { kind: 'correct', text: '' } });
  assert.equal(room.draft.readback.objection, 'correct');
  room.take(begun);
  assert.equal(room.draft.readback.objection, '');
  room.take({ s: 'case', k: 'readback.window', d: { running: false, left_s: 0 } });
  assert.ok(room.draft.readback.over);
});

test('a meeting in which a human signed never leaves the lists', () => {
  const meeting = (...items) => ({ state: 'closed', items: items.map(([item, state]) => ({ item, state })) });
  assert.ok(mayGo(meeting(['a', 'signed'], ['b', 'deferred']), ['a']));
  assert.ok(!mayGo(meeting(['a', 'signed'], ['b', 'signed']), ['a']));
  assert.ok(!mayGo({ ...meeting(['a', 'deferred']), state: 'open' }, []));
});

test('the last three stay listed, what is older is archived once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsed-')), path = join(folder, 'rehearsed.json');
  const gone = [];
  const call = async (method, at) => {
    const id = at.split('/').at(-1);
    if (method === 'DELETE') gone.push(id);
    return { state: 'closed', items: id === 'human' ? [{ item: 'x', state: 'signed' }] : [{ item: `${id}-1`, state: id === 'old' ? 'left_open' : 'signed' }] };
  };
  try {
    writeFileSync(path, JSON.stringify(['old', 'human']));
    const kept = new Kept(path, call, () => undefined);
    for (const id of ['one', 'two', 'three', 'four']) {
      kept.add(id);
      kept.signed(id, `${id}-1`);
    }
    await kept.tidy();
    assert.deepEqual(gone, ['old', 'one']);
    const again = new Kept(path, call, () => undefined);
    await again.tidy();
    assert.deepEqual(gone, ['old', 'one'], 'nothing is archived twice');
    assert.ok(again.has('old') && again.has('four'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
