/** The ways of sound as the page takes them: what is sent where, what is said, what becomes of a lost microphone. */
import { beforeEach, expect, test, vi } from 'vitest';
import type { SoundFacts } from '../state/own-sound';
import { Sound } from './sound';

interface Use { up(): void; down(): void }
class FakeWeb {
  static all: FakeWeb[] = [];
  quietMs = 0;
  playing = true;
  blocked = false;
  gain = false;
  spoken: unknown = null;
  ended = false;
  constructor(readonly meeting: string, readonly use: Use) {
    FakeWeb.all.push(this);
  }
  play = (on: boolean) => (this.gain = on);
  speak = (stream: unknown) => (this.spoken = stream);
  sinceBeat = () => true;
  heardNow = () => undefined;
  resume = () => undefined;
  counters = () => ({});
  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.use.down();
  }
}
vi.mock('./web-sound', () => ({ WebSound: class { constructor(m: string, u: Use) { return new FakeWeb(m, u); } } }));
vi.mock('./level', () => ({ measure: () => () => undefined }));

class FakeTrack {
  readyState = 'live';
  onended: (() => void) | null = null;
  constructor(readonly label: string) {}
  stop = () => undefined;
}
class FakeConnection {
  static last: FakeConnection;
  connectionState = 'new';
  localDescription = { sdp: 'answer' };
  ontrack: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  packets = 0;
  track: unknown = null;
  sender = { replaceTrack: (t: unknown) => Promise.resolve((this.track = t)) };
  constructor() {
    FakeConnection.last = this;
  }
  setRemoteDescription = () => Promise.resolve();
  setLocalDescription = () => Promise.resolve();
  createAnswer = () => Promise.resolve({});
  getTransceivers = () => [{ sender: this.sender }];
  getStats = () => Promise.resolve([{ type: 'inbound-rtp', kind: 'audio', packetsReceived: this.packets, totalSamplesReceived: this.packets * 960 }]);
  close = () => undefined;
}

let facts: Partial<SoundFacts>;
let muted: boolean[];
let notes: string[];
let asked: number, suspected: number;
let labels: string[];
let audio: { muted: boolean };
let sound: Sound;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('RTCPeerConnection', FakeConnection);
  vi.stubGlobal('MediaStream', class {});
  vi.stubGlobal('Audio', class { paused = false; muted = false; srcObject = null; play = () => Promise.resolve(); constructor() { audio = this; } });
  vi.stubGlobal('AudioEncoder', class {});
  vi.stubGlobal('AudioDecoder', class {});
  labels = ['Headset', 'Built-in'];
  vi.stubGlobal('navigator', {
    permissions: { query: () => Promise.reject(new Error('unknown')) },
    mediaDevices: {
      getUserMedia: () => {
        const label = labels.shift();
        if (!label) return Promise.reject(new DOMException('none', 'NotFoundError'));
        const track = new FakeTrack(label);
        return Promise.resolve({ getAudioTracks: () => [track], getTracks: () => [track] });
      },
    },
  });
  FakeWeb.all = [];
  facts = {};
  muted = [];
  notes = [];
  asked = suspected = 0;
  sound = new Sound({
    ask: () => (asked += 1), answer: () => undefined, muted: (m) => muted.push(m), set: (f) => Object.assign(facts, f),
    heard: () => undefined, level: () => undefined, note: (t) => notes.push(t), suspect: () => (suspected += 1),
  }, 'meeting-1');
  return () => {
    sound.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  };
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function offered(): Promise<FakeConnection> {
  sound.begin();
  sound.message({ t: 'media', k: 'offer', sdp: 'offer' });
  await pass(0);
  return FakeConnection.last;
}
async function plays(pc: FakeConnection, ms: number): Promise<void> {
  if (pc.connectionState !== 'connected') {
    pc.connectionState = 'connected';
    pc.onconnectionstatechange?.();
  }
  for (let t = 0; t < ms; t += 20) {
    pc.packets += 1;
    await pass(20);
  }
}
const live = () => FakeWeb.all.filter((w) => !w.ended);

test('where UDP brings nothing for two seconds sound goes over the web connection, both ways', async () => {
  const pc = await offered();
  await sound.setOn(true);
  await pass(1800);
  expect(FakeWeb.all).toHaveLength(0);
  await pass(600);
  expect(live()).toHaveLength(1);
  expect(live()[0]!.meeting).toBe('meeting-1');
  live()[0]!.use.up();
  expect(facts).toMatchObject({ way: 'web', link: 'up' });
  expect(live()[0]!.gain).toBe(true);
  expect(live()[0]!.spoken).not.toBeNull();
  expect(pc.track).toBeNull(); // one way at a time
  expect(audio.muted).toBe(true);
  await sound.setOn(false);
  expect(live()[0]!.spoken).toBeNull();
  expect(muted).toEqual([false, true]);
});

test('UDP that stops is left, the socket is looked at, and UDP that comes again is gone back to with an overlap', async () => {
  const pc = await offered();
  await sound.setOn(true);
  await plays(pc, 4000);
  expect(facts).toMatchObject({ way: 'udp' });
  await pass(1200);
  expect(suspected).toBe(1);
  live()[0]!.use.up();
  expect(facts.way).toBe('web');
  await plays(pc, 900);
  expect(facts.way).toBe('web');
  await plays(pc, 400);
  expect(facts.way).toBe('udp');
  expect(audio.muted).toBe(false);
  expect(pc.track).not.toBeNull();
  expect(FakeWeb.all[0]!.gain).toBe(false);
  expect(FakeWeb.all[0]!.spoken).not.toBeNull(); // for a moment by both
  await plays(pc, 400);
  expect(FakeWeb.all[0]!.spoken).toBeNull();
  await plays(pc, 2500);
  expect(live()).toHaveLength(0);
  expect(asked).toBe(1);
});

test('UDP is tried on while the web connection is used, and a web connection that ends is opened again', async () => {
  await offered();
  await pass(2400);
  live()[0]!.use.up();
  await pass(20000);
  expect(asked).toBeGreaterThan(1);
  expect(facts).toMatchObject({ way: 'web', link: 'up' });
  live()[0]!.close();
  expect(facts.way).toBe('none');
  await pass(1000);
  expect(live()).toHaveLength(1);
  live()[0]!.quietMs = 3100; // open, but nothing comes
  await pass(400);
  expect(FakeWeb.all[1]!.ended).toBe(true);
});

test('what the server does not get goes the other way', async () => {
  const pc = await offered();
  await sound.setOn(true);
  await plays(pc, 3000);
  sound.unheard();
  await pass(0);
  live()[0]!.use.up();
  expect(facts.way).toBe('web');
  expect(live()[0]!.spoken).not.toBeNull();
  await plays(pc, 12000);
  expect(asked).toBe(2); // and UDP is made anew
});

test('a browser without WebCodecs says so and tries nothing that cannot be', async () => {
  vi.stubGlobal('AudioEncoder', undefined);
  delete (globalThis as Record<string, unknown>).AudioEncoder;
  await offered();
  await pass(4000);
  expect(facts).toMatchObject({ noCodec: true });
  expect(FakeWeb.all).toHaveLength(0);
  expect(facts.way ?? 'none').toBe('none');
});

test('an unplugged headset: the next microphone takes over and that is said; without one the person is muted', async () => {
  const pc = await offered();
  await sound.setOn(true);
  (pc.track as FakeTrack).onended?.();
  await pass(0);
  expect(notes).toEqual(['Headset is gone. You are heard by Built-in now.']);
  expect((pc.track as FakeTrack).label).toBe('Built-in');
  expect(muted).toEqual([false]);
  (pc.track as FakeTrack).onended?.();
  await pass(0);
  expect(facts).toMatchObject({ device: 'absent', wanted: false });
  expect(pc.track).toBeNull();
  expect(muted).toEqual([false, true]);
});

test('a muted person whose headset goes stays muted', async () => {
  const pc = await offered();
  await sound.setOn(true);
  const headset = pc.track as FakeTrack;
  await sound.setOn(false);
  headset.onended?.();
  await pass(0);
  expect(pc.track).toBeNull();
  expect(muted.at(-1)).toBe(true);
});

test('a device that slept asks whether its socket lives and gives UDP its second', async () => {
  const pc = await offered();
  await plays(pc, 3000);
  vi.setSystemTime(Date.now() + 600_000);
  await pass(200);
  expect(suspected).toBe(1);
  await plays(pc, 1000);
  expect(facts.way).toBe('udp');
  expect(FakeWeb.all).toHaveLength(0);
});
