// Ten minutes of a meeting on a link of 64 kbit/s with 300 ms there and back: two people talk in turns, and every 20 s the
// one behind the link fetches a page of 60 kB beside the sound. A bench, not a test: it prints what was heard.
//   node tests/net/meeting.bench.mjs        MINUTES=2 is shorter, RULE='rate 128000' another link, SLIDES=0 without pages
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { before, test } from 'node:test';
import { discard, serve } from '../e2e/lib.mjs';
import { endAll } from '../e2e/walk.mjs';
import { ADDRESS, Guest, Line, judge, meetings, seedForReal, serverOptions, settle, staff, summary, tell, voice } from './house.mjs';
import { inNamespace } from './inside.mjs';

const MINUTES = Number(process.env.MINUTES ?? 10), EVERY_MS = 20_000, PAGE = 60_000;
const NEAR = 'SYN-PRAC-01', FAR = 'SYN-PRAC-04', COORDINATOR = 'SYN-PRAC-07';
const rules = [process.env.RULE ?? 'both rate 64000', 'both delay 150 20'];
const ends = [];

/** One page after the other, each when its turn has come and the one before is here; ms that each took. */
function slides(line) {
  const took = [];
  let over = false, child;
  const host = createServer((_, answer) => answer.end(Buffer.alloc(PAGE, 7)));
  const fetch = (port) => new Promise((done) => {
    const began = Date.now();
    child = spawn('nsenter', [`--net=${line.path}`, 'curl', '-s', '-o', '/dev/null', `http://${ADDRESS}:${port}/`], { stdio: 'ignore' });
    child.once('exit', (code) => {
      if (code === 0) took.push(Date.now() - began);
      done(Math.max(0, EVERY_MS - (Date.now() - began)));
    });
  });
  host.listen(0, ADDRESS, async () => {
    while (!over) await new Promise((done) => void fetch(host.address().port).then((ms) => setTimeout(done, ms)));
  });
  return () => {
    over = true;
    child?.kill();
    host.close();
    return took;
  };
}

if (inNamespace(import.meta.url)) {
  before(() => settle());
  test('a whole meeting on a thin link', { timeout: (MINUTES + 4) * 60_000 }, async () => {
    const data = seedForReal([NEAR, FAR, COORDINATOR]);
    ends.push(() => discard(data));
    const server = await serve(data, { log: 'net-meeting', options: serverOptions });
    ends.push(() => server.stop());
    const people = await staff(server, [NEAR, FAR, COORDINATOR]);
    const [meeting] = await meetings(people[COORDINATOR], 1);
    const line = await Line.lay(77);
    ends.push(() => line.end());
    const [near, far] = await Promise.all([Guest.join(server, people[NEAR], meeting, 'near'), Guest.join(server, people[FAR], meeting, 'far', { line })]);
    for (const guest of [near, far]) ends.push(() => guest.leave());
    await line.set(...rules);
    for (const guest of [near, far]) guest.listens('meeting');
    const stop = process.env.SLIDES === '0' ? () => [] : slides(line);
    const said = { near: [], far: [] };
    for (const until = Date.now() + MINUTES * 60_000; Date.now() < until;)
      for (const [name, who, words] of [['near', near, 'ben'], ['far', far, 'anna']]) {
        await who.speaks();
        said[name].push(await who.say(voice(words)));
        await who.speaks(false);
      }
    const took = stop();
    await Promise.all([near.takes(3), far.takes(3)]);
    await Promise.all([near.listened(), far.listened()]);
    for (const [way, listener, by] of [['down', far, 'near'], ['up', near, 'far']]) {
      const { voices } = await judge(listener, ...said[by]);
      console.log(`# ${way}: ${tell(summary(voices.flat()))}; by turn ${voices.map((v) => `${summary(v).stoi.toFixed(2)}/${summary(v).gap}`).join(' ')}`);
      const rungs = (by === 'near' ? far : near).seat.messages.filter((m) => m.t === 'lane' && m.k === 'link').map((m) => m.d);
      console.log(`#   rungs: ${rungs.map((d) => d.rung).filter((r, i, all) => r !== all[i - 1]).join(' ')}; round trip at most ${Math.max(0, ...rungs.map((d) => d.rtt))} ms`);
    }
    console.log(`# ${took.length} pages of ${PAGE / 1000} kB, ms: ${took.join(' ')}; link: ${await line.stats()}`);
    await endAll(ends);
  });
}
