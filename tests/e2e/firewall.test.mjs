// A network that lets no UDP through: sound goes over the web connection and is heard by content, both ways; UDP that is
// cut in the middle of a meeting, and that comes back. Datagrams are dropped without a word, as firewalls do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { browser, discard, seed, serve, signIn, until } from './lib.mjs';
import { compare, plainMicrophone, samples, toneFile, voiceFile } from './hear.mjs';
import { inNamespace } from './namespace.mjs';
import { endAll, enter, inside, known, meetingOf, speak, describe as words } from './walk.mjs';
import { startTape, tapeOf, gaps } from './tape.mjs';

const HZ = 600;
const ends = [];
let chair, clinic, server;

/** Input policy of the kernel's IPsec: no packet filter is needed, and the sender learns nothing. */
function udp(passes) {
  execFileSync('ip', ['xfrm', 'policy', passes ? 'del' : 'add', 'src', '0.0.0.0/0', 'dst', '0.0.0.0/0', 'proto', 'udp', 'dir', 'in',
    ...(passes ? [] : ['action', 'block'])]);
}

const way = async (page) => (await known(page)).sound.way.by;
const by = (what, page, ms = 60000) => until(`sound by ${what}`, async () => (await way(page)) === what, ms);

if (inNamespace(import.meta.url)) {
  before(async () => {
    writeFileSync('/proc/sys/net/ipv4/conf/lo/disable_policy', '0'); // loopback is spared else
    const demo = seed({ pin: null });
    ends.push(() => discard(demo.data));
    server = await serve(demo.data, { log: 'firewall' });
    ends.push(() => server.stop());
    const meeting = await meetingOf(server, demo.links);
    [chair, clinic] = await Promise.all([['chair', voiceFile('anna')], ['clinic', toneFile(HZ)]].map(async ([role, voice]) => {
      const chrome = await browser({ voice });
      ends.push(() => chrome.close());
      const page = await signIn(chrome, server, demo.links, role);
      await plainMicrophone(page);
      await startTape(page);
      await enter(page, meeting);
      return page;
    }));
    await Promise.all([speak(chair), speak(clinic)]);
  });

  after(() => endAll(ends));

  /**
   * The voice, in what the page really plays. Windows of half a second: a step of 20 ms that is left out to keep the delay
   * small spoils the one it falls into, and on a busy machine it falls often.
   */
  async function playsVoice(page, name) {
    const source = samples(voiceFile('anna'));
    let row;
    for (let round = 0; round < 4; round++) {
      row = compare(await tapeOf(page, 5, name), source, { seconds: 0.5 });
      if (row.windows >= 6 && row.share >= 0.6) return console.log(`# ${name}: ${words(row)}`);
    }
    assert.fail(`${name}: not the voice: ${words(row)}`);
  }

  test('UDP is cut in the middle: sound goes on over the web connection within two seconds, and the screen says so', { timeout: 150_000 }, async () => {
    await by('udp', chair);
    await by('udp', clinic);
    await until('the tone is heard', async () => gaps(await tapeOf(chair, 0.5, 'firewall-before'), HZ).longest < 100);
    const cutAt = Date.now();
    udp(false);
    await by('web', clinic);
    await by('web', chair);
    console.log(`# both on the web connection ${Date.now() - cutAt} ms after the cut`);
    await until('the tone is heard again', async () => gaps(await tapeOf(chair, 0.5, 'firewall-again'), HZ).longest < 100);
    const { longest } = gaps(await tapeOf(chair, -((Date.now() - cutAt) / 1000 + 0.5), 'firewall-cut'), HZ);
    console.log(`# UDP cut: ${longest} ms without sound`);
    assert.ok(longest > 300, 'UDP was not cut'); // it must have been missed, or nothing was tried
    assert.ok(longest <= 4000, `${longest} ms without sound; two seconds are promised`);
    await clinic.getByText('Sound goes over the web connection; a little later than usual').first().waitFor();
    assert.equal((await known(clinic)).ownSound.is, 'on');
    await until('the chair is heard by the clinic', async () => (await known(chair)).heardBy === 1);
    await playsVoice(clinic, 'firewall-web');
  });

  test('UDP is back: it is gone back to without a gap, by itself', { timeout: 150_000 }, async () => {
    const backAt = Date.now();
    udp(true);
    await by('udp', clinic);
    await by('udp', chair);
    console.log(`# back on UDP after ${Date.now() - backAt} ms`);
    await tapeOf(chair, 1, 'firewall-after'); // a second more on the tape, of after the way back
    const { longest } = gaps(await tapeOf(chair, -((Date.now() - backAt) / 1000), 'firewall-back'), HZ);
    console.log(`# back to UDP: longest gap ${longest} ms`);
    assert.ok(longest <= 1000, // a way that is opened anew would take longer
       `${longest} ms without sound on the way back to UDP`);
    await until('the words are gone', async () => (await clinic.getByText('Sound goes over the web connection').count()) === 0);
  });

  test('who joins without UDP hears and is heard by content', { timeout: 150_000 }, async () => {
    udp(false);
    await clinic.reload();
    const from = Date.now();
    await inside(clinic);
    await by('web', clinic);
    await until('the clinic hears', async () => (await known(clinic)).hearing);
    console.log(`# joined without UDP: hears ${Date.now() - from} ms after the page was loaded`);
    await speak(clinic);
    await until('the tone is heard', async () => gaps(await tapeOf(chair, 1, 'firewall-join'), HZ).longest < 200);
    await playsVoice(clinic, 'firewall-joined');
    for (const page of [chair, clinic]) assert.deepEqual(page.errors, []);
  });
}
