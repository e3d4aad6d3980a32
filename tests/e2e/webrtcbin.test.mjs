// A WebRTC that shares no code with ours or with a browser's joins, is heard, and hears.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { browser, discard, freePort, here, ident, out, seed, serve, signIn, until } from './lib.mjs';
import { compare, plainMicrophone, samples, voice, voiceFile } from './hear.mjs';
import { Person, describe, endAll, enter, hearsVoice, isVoice, known, meetingOf, speak } from './walk.mjs';

const recording = join(out, 'webrtcbin-heard.wav'), byWhep = join(out, 'whep-heard.wav');
const ends = [];
let server, meeting, figures, coordinator, page, seat, peer, ear;

/** The GStreamer program as an object: sends a line, waits for one that begins with a word. */
function gstreamer(says, hears) {
  const child = spawn('/usr/bin/python3', [join(here, 'peer_webrtcbin.py'), says, hears], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = [];
  createInterface({ input: child.stdout }).on('line', (l) => lines.push(l));
  const ended = new Promise((done) => child.once('exit', done));
  return {
    lines, ended, child,
    tell: (text) => child.stdin.write(`${text}\n`),
    line: (word, ms = 20000) => until(`webrtcbin says ${word}`, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      return lines.find((l) => l.split(' ')[0] === word);
    }, ms),
  };
}

/** As a room system does it: a token made by the coordinator, the program's own offer by POST, its answer back. */
async function room(name, way, says, hears) {
  const made = await coordinator.call('POST', `/api/boards/${ident('DEMO-BOARD-THORACIC')}/devices`,
    { name, site: 'Klinikum', meeting, items: [], until_us: (Date.now() + 3_600_000) * 1000, vouches: true });
  assert.equal(made.status, 200);
  const program = gstreamer(says, hears);
  ends.push(async () => {
    if (program.child.exitCode === null) program.child.kill('SIGKILL');
    await program.ended;
  });
  const authorization = `Bearer ${made.body.token}`;
  const offer = Buffer.from((await program.line('offer')).split(' ')[1], 'base64');
  const answer = await fetch(`http://127.0.0.1:${server.port}/${way}`, { method: 'POST', body: offer, headers: { authorization, 'content-type': 'application/sdp' } });
  const sdp = await answer.text();
  assert.equal(answer.status, 201, sdp);
  program.tell(`answer ${Buffer.from(sdp).toString('base64')}`);
  await program.line('connected');
  return { program, end: () => fetch(`http://127.0.0.1:${server.port}${answer.headers.get('location')}`, { method: 'DELETE', headers: { authorization } }) };
}

const minute = (name) => join(out, `${name}-minute.wav`);

before(async () => {
  const demo = seed({ pin: null });
  ends.push(() => discard(demo.data));
  figures = await freePort();
  server = await serve(demo.data, { log: 'webrtcbin', options: [`--metrics.port=${figures}`] });
  ends.push(() => server.stop());
  meeting = await meetingOf(server, demo.links);
  coordinator = await Person.signIn(server, demo.links.roles.coordinator);

  for (const name of ['ben', 'cleo']) { // GStreamer reads a file once
    if (!existsSync(minute(name))) execFileSync('sox', [voiceFile(name), minute(name), 'repeat', '7']);
  }
  for (const file of [recording, byWhep]) rmSync(file, { force: true });

  const chrome = await browser({ voice: voiceFile('anna') });
  ends.push(() => chrome.close());
  page = await signIn(chrome, server, demo.links, 'chair');
  await plainMicrophone(page);
  await enter(page, meeting);

  const person = await Person.signIn(server, demo.links.people['SYN-PRAC-04']);
  seat = (await person.socket(meeting)).alive({ mic: 'on' });
  ends.push(() => seat.close());
  peer = gstreamer(minute('ben'), recording);
  ends.push(async () => {
    if (peer.child.exitCode === null) peer.child.kill('SIGKILL');
    await peer.ended;
  });
  await peer.line('ready');
  await seat.ask('media.ask');
  const offer = await until('the offer', () => seat.messages.find((m) => m.t === 'media' && m.k === 'offer'));
  peer.tell(`offer ${Buffer.from(offer.sdp).toString('base64')}`);
  const sdp = Buffer.from((await peer.line('answer')).split(' ')[1], 'base64').toString();
  assert.ok((await seat.ask('media.answer', { sdp })).ok, sdp);
  await peer.line('connected');
  await until('the server says so too', () => seat.messages.some((m) => m.t === 'media' && m.k === 'connected'));
});

after(async () => {
  await endAll(ends);
});

test('the browser hears webrtcbin, which sends no audio levels', async () => {
  assert.ok((await seat.ask('sound.mute', { muted: false })).ok);
  const row = await hearsVoice(page, 'ben', 'webrtcbin-browser');
  console.log(describe(row));
  await until('the room says who speaks', () => seat.messages.some((m) => m.t === 'lane' && m.k === 'talking' && m.d.seats.some((s) => s.seat === seat.you.seat)));
});

test('a room system speaks by WHIP; a browser hears it, and another one by WHEP', async () => {
  assert.ok((await seat.ask('sound.mute', { muted: true })).ok);
  ear = await room('Room 3', 'whep', '-', byWhep);
  const mouth = await room('Room 2', 'whip', minute('cleo'), '-');
  const row = await hearsVoice(page, 'cleo', 'whip-browser');
  console.log(describe(row));
  const joined = seat.messages.find((m) => m.k === 'seat.joined' && m.d.name === 'Room 2')?.d;
  assert.ok(joined.device && joined.vouched_by, 'it is no room in presence');
  await until('the room says that it speaks', () => seat.messages.some((m) => m.t === 'lane' && m.k === 'talking' && m.d.seats.some((s) => s.seat === joined.seat)));
  await until('its link is known', () => seat.messages.some((m) => m.t === 'lane' && m.k === 'sound' && m.d.seats.some((s) => s.seat === joined.seat && s.mic === 'on' && s.link === 'good')));
  const rows = async () => (await (await fetch(`http://127.0.0.1:${figures}/metrics`)).text()).match(/^consilium_link_rtt_ms\{/gm)?.length ?? 0;
  await until('both rooms stand in /metrics beside the two people', async () => await rows() === 4);
  await until('WHEP has ten seconds', () => existsSync(byWhep) && statSync(byWhep).size > 2 * 48000 * 10);
  assert.equal((await mouth.end()).status, 200);
  await until('it has left', () => seat.messages.some((m) => m.k === 'seat.left' && m.d.seat === joined.seat));
});

test('webrtcbin hears the browser, by our client\'s way and by WHEP', async () => {
  await speak(page);
  const { seat: chair } = await known(page);
  const spoke = () => seat.messages.filter((m) => m.t === 'lane' && m.k === 'talking' && m.d.seats.some((s) => s.seat === chair)).length;
  await until('the chair speaks', () => spoke() > 0);
  await new Promise((r) => setTimeout(r, 16000)); // two sets of windows: a machine that stood still spoils one
  for (const program of [peer, ear.program]) program.tell('quit');
  await Promise.all([peer.ended, ear.program.ended]);
  const at = (heard, from, seconds) => heard.subarray(Math.max(0, from), Math.max(0, from) + 8000 * seconds);
  const fromEnd = (heard) => [1, 2].map((n) => at(heard, heard.length - 8000 * 7 * n, 7));
  const fromStart = (heard) => [2, 4].map((n) => at(heard, 8000 * n, 5)); // cleo came some seconds after the ear
  sounds('webrtcbin', fromEnd(samples(recording)), 'anna');
  sounds('WHEP, first', fromStart(samples(byWhep)), 'cleo');
  sounds('WHEP, then', fromEnd(samples(byWhep)), 'anna');
});

/** One of these pieces is that voice: a machine that stood still spoils one. */
function sounds(name, pieces, of) {
  const rows = pieces.map((piece) => {
    const row = compare(piece, voice(of));
    return { ...row, good: row.rows.filter((r) => r.r > 0.8).length };
  });
  const words = rows.map((row) => `${name}: ${describe(row)}`).join('\n');
  console.log(words);
  assert.ok(rows.some(isVoice), words);
}
