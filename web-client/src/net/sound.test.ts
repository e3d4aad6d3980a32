import { beforeEach, expect, test, vi } from 'vitest';
import { Sound } from './sound';

class FakeConnection {
  static all: FakeConnection[] = [];
  connectionState = 'new';
  localDescription = { sdp: 'answer' };
  ontrack: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  packets = 0;

  constructor() {
    FakeConnection.all.push(this);
  }

  setRemoteDescription = () => Promise.resolve();
  setLocalDescription = () => Promise.resolve();
  createAnswer = () => Promise.resolve({});
  getTransceivers = () => [];
  getSenders = () => [];
  getStats = () => Promise.resolve([{ type: 'inbound-rtp', kind: 'audio', packetsReceived: this.packets, totalSamplesReceived: this.packets * 960 }]);
  close = () => undefined;

  connects(): void {
    this.connectionState = 'connected';
    this.onconnectionstatechange?.();
  }
}

let asked: number;
let heard: boolean;
let sound: Sound;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('RTCPeerConnection', FakeConnection);
  vi.stubGlobal('Audio', class { paused = false; muted = false; autoplay = false; srcObject = null; play = () => Promise.resolve(); });
  FakeConnection.all = [];
  asked = 0;
  heard = false;
  sound = new Sound({
    ask: () => (asked += 1), answer: () => undefined, muted: () => undefined, set: () => undefined,
    heard: (h) => (heard = h.hearing), level: () => undefined, note: () => undefined, suspect: () => undefined,
  });
  return () => {
    sound.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  };
});

async function hears(): Promise<FakeConnection> {
  sound.begin();
  sound.message({ t: 'media', k: 'offer', sdp: 'offer' });
  await vi.advanceTimersByTimeAsync(0);
  const pc = FakeConnection.all.at(-1)!;
  pc.connects();
  return pc;
}

async function plays(pc: FakeConnection, ms: number): Promise<void> {
  for (let t = 0; t < ms; t += 20) {
    pc.packets += 1;
    await vi.advanceTimersByTimeAsync(20);
  }
}

test('what is decoded is known as heard within half a second', async () => {
  await plays(await hears(), 500);
  expect(heard).toBe(true);
});

test('a second request while all is well asks nothing', async () => {
  await plays(await hears(), 1500);
  sound.begin();
  expect(asked).toBe(1);
});

test('after a broken socket sound is asked for at once, though the old way still looks well', async () => {
  await plays(await hears(), 1500);
  sound.socketLost(); // a server that starts anew within a second knows this connection no more
  sound.begin();
  expect(asked).toBe(2);
});

test('a guest who waits is given a new way too', async () => {
  sound.waitDeaf();
  sound.message({ t: 'media', k: 'offer', sdp: 'offer' });
  await vi.advanceTimersByTimeAsync(0);
  FakeConnection.all[0]!.connects();
  sound.waitDeaf();
  expect(asked).toBe(1);
  sound.socketLost();
  sound.waitDeaf();
  expect(asked).toBe(2);
});
