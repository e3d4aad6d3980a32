// The third way: a network that passes a relay (TURN, Debian's coturn) and no UDP of the browser's own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { createConnection } from 'node:net';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { browser, discard, out, seed, serve, signIn, until } from './lib.mjs';
import { plainMicrophone, voiceFile } from './hear.mjs';
import { inNamespace } from './namespace.mjs';
import { describe, endAll, enter, hearsVoice, inside, known, meetingOf, speak } from './walk.mjs';

const SECRET = 'the north wind and the sun';
const ends = [];
let chair, clinic;

/** With the rules of deploy/turn/turnserver.conf that matter here; without TLS, whose certificate nobody would believe. */
async function relay() {
  const log = createWriteStream(join(out, 'turn-relay.log'));
  const child = spawn('turnserver', ['-c', '/dev/null', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', '--listening-port=3478', '--use-auth-secret',
    `--static-auth-secret=${SECRET}`, '--realm=board', '--fingerprint', '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--no-multicast-peers',
    '--log-file=stdout', '--simple-log', `--pidfile=${join(out, 'turn.pid')}`, `--userdb=${join(out, 'turn.db')}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const ended = new Promise((done) => child.once('exit', done));
  ends.push(() => {
    child.kill('SIGTERM');
    return ended;
  });
  await until('the relay listens', () => new Promise((done) => {
    const socket = createConnection(3478, '127.0.0.1', () => done(socket.end() && true));
    socket.on('error', () => done(false));
  }));
}

/** As in a network that passes nothing but TCP to the relay. What the page asks for is not changed, only what can succeed. */
function relayOnly(page) {
  return page.addInitScript(() => {
    const Plain = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain {
      constructor(given) {
        const iceServers = given.iceServers.map((it) => ({ ...it, urls: it.urls.filter((url) => /^turn:.*tcp$/.test(url)) }));
        super({ iceServers, iceTransportPolicy: 'relay' });
      }
    };
  });
}

if (inNamespace(import.meta.url)) {
  before(async () => {
    await relay();
    const demo = seed({ pin: null });
    ends.push(() => discard(demo.data));
    const secret = join(demo.data, 'turn.secret');
    writeFileSync(secret, `${SECRET}\n`);
    const server = await serve(demo.data, { log: 'turn', options: ['--media.turn=127.0.0.1', `--media.turn_secret=${secret}`] });
    ends.push(() => server.stop());
    const meeting = await meetingOf(server, demo.links);
    [chair, clinic] = await Promise.all([['chair', 'anna'], ['clinic', 'cleo']].map(
      async ([role, voice]) => {
        const chrome = await browser({ voice: voiceFile(voice) });
        ends.push(() => chrome.close());
        const page = await signIn(chrome, server, demo.links, role);
        if (role === 'clinic') await relayOnly(page);
        await plainMicrophone(page);
        await enter(page, meeting);
        await inside(page);
        return page;
      }));
  });

  after(() => endAll(ends));

  test('through the relay both ways are heard by content', { timeout: 150_000 }, async () => {
    await until('the clinic is connected through the relay', async () => (await known(clinic)).sound.way.by === 'udp', 20000);
    const pair = await clinic.evaluate(async () => {
      const stats = [...(await window.__connections.at(-1).getStats()).values()];
      const used = stats.find((s) => s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded');
      return stats.find((s) => s.id === used.localCandidateId);
    });
    assert.equal(pair.candidateType, 'relay');
    assert.equal(pair.relayProtocol, 'tcp');
    await Promise.all([speak(chair), speak(clinic)]);
    const [down, up] = await Promise.all([hearsVoice(clinic, 'anna', 'turn-down'), hearsVoice(chair, 'cleo', 'turn-up')]);
    console.log(`# through the relay: ${describe(down)}; ${describe(up)}`);
    for (const page of [chair, clinic]) assert.deepEqual(page.errors, []);
  });
}
