// A hundred people in ten meetings; the server is killed and started again. Everybody comes back by the rules of
// the web client (a new socket after 0.25, 0.5, 1, 1, 2 s and so on, then a new offer) and hears. Only with
// VTB_NET=full: a hundred clients with sanitizers are slow to start.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { discard, serve } from '../e2e/lib.mjs';
import { endAll } from '../e2e/walk.mjs';
import { Guest, judge, meetings, seedForReal, serverOptions, settle, staff, toneFile } from './house.mjs';
import { inNamespace } from './inside.mjs';

const cast = ['01', '02', '03', '04', '05', '06', '07', '21', '28', '29'].map((n) => `SYN-PRAC-${n}`);
const MEETINGS = 10, HZ = 440, WAITS = [250, 500, 1000, 1000, 2000];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const ends = [];
const guests = [];
let server, data;

async function back(guest, since) {
  for (let i = 0; ; i++) {
    try {
      await guest.sit();
      await guest.connect(8000);
      return Date.now() - since;
    } catch {
      await pause(WAITS[Math.min(i, WAITS.length - 1)] * (0.75 + Math.random() / 2));
    }
  }
}

if (process.env.VTB_NET === 'full' && inNamespace(import.meta.url)) {
  before(async () => {
    settle();
    data = seedForReal(cast);
    ends.push(() => discard(data));
    server = await serve(data, { log: 'net-restart', options: serverOptions });
    ends.push(() => server.stop());
    const people = await staff(server, cast);
    for (const meeting of await meetings(people['SYN-PRAC-07'], MEETINGS))
      for (const key of cast) { // one after the other: this is not what is measured
        const guest = await Guest.join(server, people[key], meeting, `${guests.length}`);
        guests.push(guest);
        ends.push(() => guest.leave());
      }
  });

  after(() => endAll(ends));

  test('a hundred people are back within five seconds of a restart, and hear', async () => {
    const [speaker, listener] = guests;
    await speaker.speaks();
    speaker.tell(`loop ${toneFile(HZ)}`);
    await listener.takes(50);
    const { port, mediaPort } = server;
    await server.kill();
    const began = Date.now();
    const coming = guests.map((guest) => back(guest, began));
    server = await serve(data, { log: 'net-restart', options: serverOptions, port, mediaPort });
    const listens = Date.now() - began;
    const took = (await Promise.all(coming)).sort((a, b) => a - b);
    console.log(`# restart: the server answered after ${listens} ms; 100 people were back after ${took[50]} ms (half), ${took[95]} (95 of them), ${took[99]} (all)`);
    listener.listens('restart');
    await speaker.speaks();
    await listener.takes(100);
    await listener.listened();
    const { tones: [tone] } = await judge(listener, 'tone', HZ);
    assert.ok(tone.power > 0.001 && tone.share > 0.8, 'the speaker is heard again');
    assert.ok(took[99] <= 5000, `the last one was back after ${took[99]} ms`);
  });
}
