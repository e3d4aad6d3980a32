import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Reply, type Socket, type SocketUse, openSocket } from './socket';

interface Sent {
  id: number;
  k: string;
  d: Record<string, unknown>;
}

class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  sent: Sent[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly url: string, readonly protocol: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(): void {
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  says(m: object): void {
    this.onmessage?.({ data: JSON.stringify(m) });
  }

  breaks(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

const newest = (): FakeSocket => FakeSocket.all[FakeSocket.all.length - 1]!;
let socket: Socket;
let answers: boolean; // does the server answer a small request?
let probes: number;
let use: { [K in keyof SocketUse]: ReturnType<typeof vi.fn> };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  answers = false;
  probes = 0;
  vi.stubGlobal('fetch', () => {
    probes += 1;
    return answers ? Promise.resolve(new Response()) : Promise.reject(new TypeError('refused'));
  });
  use = {
    hello: vi.fn(() => ({ meeting: 'm', last_meeting: 7 })), beat: vi.fn(() => ({ hearing: false, mic: 'muted', picture: 'none', alone: false })),
    message: vi.fn(), open: vi.fn(), lost: vi.fn(), waits: vi.fn(),
  };
  socket = openSocket(use as unknown as SocketUse);
});

afterEach(() => {
  socket.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function join(): Promise<FakeSocket> {
  const ws = newest();
  ws.opens();
  ws.says({ t: 'reply', re: ws.sent[0]!.id, ok: true });
  await vi.advanceTimersByTimeAsync(0);
  return ws;
}

test('hello is the first message, with what was seen last', async () => {
  const ws = await join();
  expect(ws.protocol).toBe('consilium.v1');
  expect(ws.sent[0]).toMatchObject({ k: 'hello', d: { meeting: 'm', last_meeting: 7 } });
  expect(use.open).toHaveBeenCalledWith(expect.objectContaining({ ok: true }));
});

test('each reply settles its own request, in any order', async () => {
  const ws = await join();
  const said: [string, Reply][] = [];
  void socket.ask('hand.raise', {}).then((r) => said.push(['raise', r]));
  void socket.ask('hand.lower', {}).then((r) => said.push(['lower', r]));
  const [, raise, lower] = ws.sent;
  ws.says({ t: 'reply', re: lower!.id, ok: false, error: 'denied', message: 'No.' });
  ws.says({ t: 'reply', re: raise!.id, ok: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(said.map(([k, r]) => [k, r.ok])).toEqual([['lower', false], ['raise', true]]);
});

test('a loss answers what was under way, is told once, and comes back with hello', async () => {
  const ws = await join();
  const asked = socket.ask('plan.take', { field: 'reasons' });
  ws.breaks();
  expect(await asked).toMatchObject({ ok: false, error: 'closed' });
  expect(await socket.ask('hand.raise', {})).toMatchObject({ ok: false, error: 'closed' });
  await vi.advanceTimersByTimeAsync(400);
  newest().breaks();
  await vi.advanceTimersByTimeAsync(700);
  expect(FakeSocket.all).toHaveLength(3);
  expect(use.lost).toHaveBeenCalledTimes(1);
  expect((await join()).sent[0]?.k).toBe('hello');
});

test('the browser coming online ends the wait at once', async () => {
  (await join()).breaks();
  expect(FakeSocket.all).toHaveLength(1);
  window.dispatchEvent(new Event('online'));
  expect(FakeSocket.all).toHaveLength(2);
});

test('beats go every two seconds; a link that answers none is given up', async () => {
  const ws = await join();
  await vi.advanceTimersByTimeAsync(4000);
  expect(ws.sent.filter((m) => m.k === 'beat')).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(6000);
  expect(use.lost).toHaveBeenCalledTimes(1);
});

test('the answer to a beat sets clock and round trip', async () => {
  const ws = await join();
  const sent = Date.now() * 1000;
  await vi.advanceTimersByTimeAsync(100);
  ws.says({ t: 'lane', k: 'beat', d: { now_us: sent + 3600e6 + 50_000, sent } });
  expect(socket.rttMs()).toBe(100);
  expect(socket.nowUs()).toBe(sent + 3600e6 + 100_000);
});

test('a slow uplink gets no queue of pointers', async () => {
  const ws = await join();
  ws.bufferedAmount = 5000;
  socket.tell('pointer', { x: 1, y: 1, on: true });
  expect(ws.sent.some((m) => m.k === 'pointer')).toBe(false);
});

test('after two failed sockets a small request asks first: browsers punish sockets that fail', async () => {
  (await join()).breaks();
  for (let i = 0; i < 300; i++) {
    await vi.advanceTimersByTimeAsync(100);
    if (newest().readyState === 0) newest().breaks();
  }
  expect(FakeSocket.all.length).toBeLessThanOrEqual(4); // the first, and at most three that failed
  expect(probes).toBeGreaterThan(8);
  answers = true;
  await vi.advanceTimersByTimeAsync(2500);
  expect(newest().readyState).toBe(0);
});

test('whenever the server listens again, the next attempt begins within 2.5 s', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1); // the longest jitter
  for (let down = 100; down < 20000; down += 700) {
    socket.close();
    FakeSocket.all = [];
    answers = false;
    socket = openSocket(use as unknown as SocketUse);
    (await join()).breaks();
    for (let t = 0; t < down; t += 100) {
      await vi.advanceTimersByTimeAsync(100);
      if (newest().readyState === 0) newest().breaks();
    }
    answers = true;
    await vi.advanceTimersByTimeAsync(2500);
    expect(newest().readyState, `down for ${down} ms`).toBe(0);
  }
});

test('a request that hangs is given up, and one word of the browser ends it at once', async () => {
  (await join()).breaks();
  for (let i = 0; i < 40; i++) {
    await vi.advanceTimersByTimeAsync(100);
    if (newest().readyState === 0) newest().breaks();
  }
  let given = 0;
  vi.stubGlobal('fetch', (_: string, o: RequestInit) => new Promise((_ok, no) => o.signal?.addEventListener('abort', () => { given += 1; no(new Error('abort')); })));
  await vi.advanceTimersByTimeAsync(12000);
  expect(given).toBeGreaterThan(1);
  const before = FakeSocket.all.length;
  window.dispatchEvent(new Event('online'));
  expect(FakeSocket.all).toHaveLength(before + 1);
});

test('a snapshot in two messages is handed over once and whole, and half of one is forgotten with its socket', async () => {
  const ws = await join();
  const part = (events: object[], more?: boolean): object => ({ t: 'snapshot', you: {}, meeting_n: 9, case: '', case_n: 0, now_us: 1, events, ...(more && { more }) });
  ws.says(part([{ k: 'a' }, { k: 'b' }], true));
  expect(use.message).not.toHaveBeenCalled();
  ws.says(part([{ k: 'c' }]));
  expect(use.message).toHaveBeenCalledTimes(1);
  expect(use.message.mock.calls[0]![0]).toMatchObject({ events: [{ k: 'a' }, { k: 'b' }, { k: 'c' }] });
  ws.says(part([{ k: 'a' }], true));
  ws.breaks();
  await vi.advanceTimersByTimeAsync(1000);
  const next = newest();
  expect(next).not.toBe(ws);
  next.opens();
  next.says(part([{ k: 'd' }]));
  expect(use.message).toHaveBeenLastCalledWith(expect.objectContaining({ events: [{ k: 'd' }] }));
});

test('quick hands ask no faster than the server allows, in their order, and nothing is lost', async () => {
  const ws = await join();
  const said: number[] = [];
  for (let i = 0; i < 40; i++) void socket.ask('plan.take', { field: `f${i}` }).then((r) => r.ok && said.push(i));
  const takes = () => ws.sent.filter((m) => m.k === 'plan.take');
  expect(takes().length).toBeLessThanOrEqual(16);
  for (let s = 1; s <= 3; s++) {
    await vi.advanceTimersByTimeAsync(1000);
    expect(takes().length).toBeLessThanOrEqual(16 + 9 * s);
    ws.says({ t: 'lane', k: 'beat', d: { now_us: 0, sent: 0 } });
  }
  expect(takes().map((m) => m.d['field'])).toEqual(Array.from({ length: 40 }, (_, i) => `f${i}`));
  for (const m of takes()) ws.says({ t: 'reply', re: m.id, ok: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toHaveLength(40);
});

test('what still waits its turn is answered when the link is lost', async () => {
  const ws = await join();
  const replies = Array.from({ length: 30 }, (_, i) => socket.ask('plan.take', { field: `f${i}` }));
  ws.breaks();
  for (const r of replies) expect(await r).toMatchObject({ ok: false, error: 'closed' });
});
