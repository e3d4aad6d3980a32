// A WebRTC that shares no code with ours or with a browser's joins, is heard, and hears.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { browser, discard, here, out, seed, serve, signIn, until } from './lib.mjs';
import { compare, plainMicrophone, samples, voice, voiceFile } from './hear.mjs';
import { Person, describe, endAll, enter, hearsVoice, isVoice, known, meetingOf, speak } from './walk.mjs';

const recording = join(out, 'webrtcbin-heard.wav');
const ends = [];
let page, seat, peer;

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

before(async () => {
  const demo = seed({ pin: null });
  ends.push(() => discard(demo.data));
  const server = await serve(demo.data, { log: 'webrtcbin' });
  ends.push(() => server.stop());
  const meeting = await meetingOf(server, demo.links);

  const long = join(out, 'ben-minute.wav'); // GStreamer reads a file once
  if (!existsSync(long)) execFileSync('sox', [voiceFile('ben'), long, 'repeat', '7']);
  rmSync(recording, { force: true });

  const chrome = await browser({ voice: voiceFile('anna') });
  ends.push(() => chrome.close());
  page = await signIn(chrome, server, demo.links, 'chair');
  await plainMicrophone(page);
  await enter(page, meeting);

  const person = await Person.signIn(server, demo.links.people['SYN-PRAC-04']);
  seat = (await person.socket(meeting)).alive({ mic: 'on' });
  ends.push(() => seat.close());
  peer = gstreamer(long, recording);
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

test('webrtcbin hears the browser', async () => {
  assert.ok((await seat.ask('sound.mute', { muted: true })).ok);
  await speak(page);
  const { seat: chair } = await known(page);
  const spoke = () => seat.messages.filter((m) => m.t === 'lane' && m.k === 'talking' && m.d.seats.some((s) => s.seat === chair)).length;
  await until('the chair speaks', () => spoke() > 0);
  await new Promise((r) => setTimeout(r, 16000)); // two sets of windows: a machine that stood still spoils one
  peer.tell('quit');
  await peer.ended;
  const heard = samples(recording);
  const rows = [1, 2].map((n) => {
    const row = compare(heard.subarray(Math.max(0, heard.length - 8000 * 7 * n), heard.length - 8000 * 7 * (n - 1)), voice('anna'));
    return { ...row, good: row.rows.filter((r) => r.r > 0.8).length };
  });
  console.log(rows.map(describe).join('\n'));
  assert.ok(rows.some(isVoice), rows.map(describe).join('; '));
});
