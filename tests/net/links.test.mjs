// Words over bad links, all kinds at once, each in a meeting of its own: somebody at the near end speaks, then
// one behind such a link speaks to another behind such a link. Beside them links that stall for two seconds,
// and people whose address changes while they speak or listen. VTB_NET=full takes the whole matrix.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { discard, serve } from '../e2e/lib.mjs';
import { endAll } from '../e2e/walk.mjs';
import { Guest, Line, judge, meetings, seedForReal, serverOptions, settle, staff, summary, tell, toneFile, voice } from './house.mjs';
import { inNamespace } from './inside.mjs';

const full = process.env.VTB_NET === 'full';
// What a link does, and what is promised then: `share` of the lossless STOI (of each direction and of both after
// each other), and the longest gap in speech; no first syllable lacks more than 40 of its 200 ms. Sequence numbers of the one at 10 % wrap after three seconds.
const kinds = {
  clean: { rule: [] },
  'random 10 %': { rule: ['both loss 0.1'], share: 0.97, gap: 120, seq: 65_350 },
  'bursts 10 %': { rule: ['both burst 0.1 3'], share: 0.94, gap: 120 },
  '300 +- 80 ms': { rule: ['both delay 300 80'], share: 0.95, gap: 120 },
  ...(full ? {
    '64 kbit/s': { rule: ['both rate 64000', 'both delay 40 10'], share: 0.97, gap: 120 },
    'random 5 %': { rule: ['both loss 0.05'], share: 0.97, gap: 120 },
    'random 20 %': { rule: ['both loss 0.2'], share: 0.9, gap: 200 },
    'bursts 5 %': { rule: ['both burst 0.05 3'], share: 0.95, gap: 120 },
    'bursts 20 %': { rule: ['both burst 0.2 3'], share: 0.85, gap: 300 },
    '10 % at 150 ms': { rule: ['both loss 0.1', 'both delay 75 10'], share: 0.95, gap: 120 },
    '64 kbit/s, 300 ms': { rule: ['both rate 64000', 'both delay 150 20'], share: 0.97, gap: 120 },
  } : {}),
};
const cast = ['SYN-PRAC-01', 'SYN-PRAC-04', 'SYN-PRAC-07'];
const [NEAR, SPEAKER, LISTENER] = cast;
const HZ = 440;
const ends = [];
const rooms = {};
let server, people, ids, seeds = 1000;

/** Two people in a meeting: one at the near end, one behind a link of its own. */
async function pair(name) {
  const meeting = ids.pop();
  const line = await Line.lay(seeds++);
  ends.push(() => line.end());
  const [near, far] = await Promise.all([Guest.join(server, people[NEAR], meeting, 'near'), Guest.join(server, people[SPEAKER], meeting, 'far', { line })]);
  for (const guest of [near, far]) ends.push(() => guest.leave());
  return (rooms[name] = { near, far, line });
}

async function three(kind, { rule, seq }) {
  const meeting = ids.pop();
  const enter = async (key, who, far) => {
    const line = far ? await Line.lay(seeds++) : undefined;
    if (line) ends.push(() => line.end());
    const guest = await Guest.join(server, people[key], meeting, who, { line, seq: far ? seq : undefined });
    ends.push(() => guest.leave());
    return guest;
  };
  const [near, speaker, listener] = await Promise.all([enter(NEAR, 'near'), enter(SPEAKER, 'speaker', true), enter(LISTENER, 'listener', true)]);
  await speaker.link.set(...rule); // from here on; before a word is said
  await listener.link.set(...rule);
  rooms[kind] = { near, speaker, listener };
}

/** Near to far, then far to far; what was heard is in `down`, `both` and `up` (far to near). */
async function words(kind) {
  const { near, speaker, listener } = rooms[kind];
  const name = kind.replaceAll(/[^a-z0-9]+/g, '-');
  await Promise.all([near.takes(3), listener.takes(3)]); // silence; the links are as they shall be
  for (const guest of [near, listener]) guest.listens(name);
  await near.speaks();
  const down = await near.say(voice('ben'));
  await near.speaks(false);
  await speaker.speaks();
  const both = await speaker.say(voice('anna'));
  await Promise.all([near.takes(3), listener.takes(3)]); // silence again: the last word has come
  await Promise.all([near.listened(), listener.listened()]);
  rooms[kind].said = { down, both };
}

/** Two voices one after the other; the link stands still for two seconds in the midst of the first. */
async function stall(name, way) {
  const { near, far, line } = rooms[name];
  const [from, to] = way === 'up' ? [far, near] : [near, far];
  await line.set('both delay 20 2');
  await to.takes(3);
  to.listens(`stall-${way}`);
  await from.speaks();
  const stalled = to.takes(250).then(() => line.set(`${way} stall 2000`)); // five seconds into the first voice
  const first = await from.say(voice('anna'));
  const second = await from.say(voice('ben'));
  await stalled;
  await to.takes(3);
  await to.listened();
  rooms[name].judged = { to, said: [first, second] };
}

/** A tone without a pause; half-way the far end has another address, and knows. */
async function move(name, way) {
  const { near, far, line } = rooms[name];
  const [from, to] = way === 'up' ? [far, near] : [near, far];
  await line.set('both delay 20 2');
  await from.speaks();
  from.tell(`loop ${toneFile(HZ)}`);
  await to.takes(75);
  to.listens(`move-${way}`);
  await to.takes(200);
  await line.set('address 9');
  far.tell('move');
  await to.takes(300);
  await to.listened();
  rooms[name].judged = { to };
}

if (inNamespace(import.meta.url)) {
  before(async () => {
    settle();
    const data = seedForReal(cast);
    ends.push(() => discard(data));
    server = await serve(data, { log: 'net-links', options: serverOptions });
    ends.push(() => server.stop());
    people = await staff(server, cast);
    ids = await meetings(people['SYN-PRAC-07'], Object.keys(kinds).length + 4);
    await Promise.all([...Object.entries(kinds).map(([kind, it]) => three(kind, it)), ...['stall up', 'stall down', 'move up', 'move down'].map(pair)]);
    await Promise.all([...Object.keys(kinds).map(words), ...['up', 'down'].map((way) => stall(`stall ${way}`, way)), ...['up', 'down'].map((way) => move(`move ${way}`, way))]);
    for (const kind of Object.keys(kinds)) {
      const { near, listener, said } = rooms[kind];
      const [far, here] = await Promise.all([judge(listener, said.down, said.both), judge(near, said.both)]);
      rooms[kind].heard = { down: summary(far.voices[0]), both: summary(far.voices[1]), up: summary(here.voices[0]) };
      rooms[kind].played = far;
    }
  });

  after(() => endAll(ends));

  for (const [kind, promise] of Object.entries(kinds))
    test(`${kind}: words, gaps, first syllables`, () => {
      const { heard, played } = rooms[kind];
      const base = rooms.clean.heard;
      for (const [way, s] of Object.entries(heard)) console.log(`# ${kind}, ${way}: ${(s.stoi / base[way].stoi).toFixed(3)} of lossless; ${tell(s)}`);
      console.log(`# ${kind}: steps of 10 ms played ${played.played}, copies ${played.copies}, fec ${played.fec}, made up ${played.concealed}; buffer at most ${played.delay_max_ms} ms`);
      assert.equal(played.clipped, 0, 'nothing clips');
      if (!promise.share) {
        for (const s of Object.values(heard)) assert.ok(s.stoi > 0.95, `lossless: ${tell(s)}`);
        return;
      }
      const wrong = [];
      for (const [way, s] of Object.entries(heard)) {
        if (s.stoi < promise.share * base[way].stoi) wrong.push(`${way}: ${(s.stoi / base[way].stoi).toFixed(3)} of lossless is less than ${promise.share}`);
        if (s.gap > promise.gap) wrong.push(`${way}: a gap of ${s.gap} ms`);
        if (s.first > 40) wrong.push(`${way}: a first syllable lacks ${s.first} ms`);
      }
      assert.deepEqual(wrong, []);
    });

  for (const way of ['up', 'down'])
    test(`a link that stood still for two seconds, ${way}: ten seconds later the delay is what it was`, async () => {
      const { to, said } = rooms[`stall ${way}`].judged;
      const { voices } = await judge(to, ...said);
      const [start, second] = said.map((s) => Number(s.split(':')[0]) / 1000);
      const before = voices[0].filter((u) => u.at_ms + u.ms < 4500);
      const rows = [...voices[0].map((u) => [u.at_ms, u]), ...voices[1].map((u) => [u.at_ms + second - start, u])];
      console.log(`# stall ${way}: s after the beginning -> ms late: ${rows.map(([at, u]) => `${(at / 1000).toFixed(1)} -> ${u.delay_ms}`).join(', ')} (stood still from 5 to 7)`);
      const late = rows.filter(([at]) => at > 17_000);
      assert.ok(before.length && late.length >= 2, 'there are words before, and ten seconds after');
      for (const [at, u] of late) {
        assert.ok(u.stoi > 0.85, `words at ${at} ms: STOI ${u.stoi}`);
        assert.ok(u.delay_ms - before[0].delay_ms <= 20, `${u.delay_ms} ms at ${at} ms, ${before[0].delay_ms} ms before the stall`);
      }
    });

  for (const way of ['up', 'down'])
    test(`another address while ${way === 'up' ? 'speaking' : 'listening'}: heard again within 1.5 s`, async () => {
      const { tones: [tone] } = await judge(rooms[`move ${way}`].judged.to, 'tone', HZ);
      console.log(`# move ${way}: silent for ${tone.gap_ms} ms; there ${(tone.share * 100).toFixed(1)} % of the time`);
      assert.ok(tone.power > 0.001 && tone.share > 0.8, 'the tone is heard');
      assert.ok(tone.gap_ms <= 1500, `silent for ${tone.gap_ms} ms`);
    });
}
