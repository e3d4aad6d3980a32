// Twenty meetings at once, each with a tone of its own, through one server: nobody hears another meeting's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { discard, serve } from '../e2e/lib.mjs';
import { endAll } from '../e2e/walk.mjs';
import { Guest, judge, meetings, seedForReal, serverOptions, settle, staff, toneFile } from './house.mjs';
import { inNamespace } from './inside.mjs';

const MEETINGS = 20;
const cast = ['SYN-PRAC-01', 'SYN-PRAC-04', 'SYN-PRAC-07'];
// No one a multiple of another: what a codec adds to a tone falls between them.
const hz = Array.from({ length: MEETINGS }, (_, i) => 505 + i * 95);
const ends = [];
let rooms;

if (inNamespace(import.meta.url)) {
  before(async () => {
    settle();
    const data = seedForReal(cast);
    ends.push(() => discard(data));
    const server = await serve(data, { log: 'net-isolation', options: serverOptions });
    ends.push(() => server.stop());
    const people = await staff(server, cast);
    const ids = await meetings(people['SYN-PRAC-07'], MEETINGS);
    rooms = await Promise.all(ids.map(async (meeting, i) => {
      const [speaker, listener] = await Promise.all(cast.slice(0, 2).map((key, k) => Guest.join(server, people[key], meeting, `${k ? 'hears' : 'says'}-${i}`)));
      ends.push(() => Promise.all([speaker.leave(), listener.leave()]));
      return { speaker, listener };
    }));
    await Promise.all(rooms.map(async ({ speaker, listener }, i) => {
      await speaker.speaks();
      speaker.tell(`loop ${toneFile(hz[i])}`);
      await listener.takes(50); // the tone stands
      listener.listens('isolation');
      await listener.takes(100);
      await listener.listened();
    }));
  });

  after(() => endAll(ends));

  test('each listener hears the tone of the own meeting, and of no other', async () => {
    let worst = 0;
    for (const [i, { listener }] of rooms.entries()) {
      const { tones } = await judge(listener, 'tone', ...hz.map(String));
      const own = tones[i];
      assert.ok(own.power > 0.001 && own.share > 0.8, `meeting ${i}: its own tone has ${own.power}, ${own.share}`);
      for (const [k, other] of tones.entries())
        if (k !== i) worst = Math.max(worst, other.power / own.power);
    }
    console.log(`# isolation: the strongest of ${MEETINGS * (MEETINGS - 1)} foreign tones is at ${(10 * Math.log10(worst)).toFixed(0)} dB of the own`);
    // What a busy machine breaks off or stretches clicks at -30 dB; a voice that leaks is some twenty dB louder.
    assert.ok(worst < 4e-3, `a foreign tone is only ${(10 * Math.log10(worst)).toFixed(1)} dB below the own`);
  });
}
