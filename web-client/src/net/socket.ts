/**
 * The one file that touches the WebSocket. Opens it, says hello with what was seen last, matches
 * replies to requests, beats every 2 s, and comes back by itself after a loss.
 */
import type {
  AskBeat, AskHello, AskMap, Lane, ServerEvent, ServerMedia, ServerNotice, ServerReply, ServerSnapshot, ServerWaiting,
} from '../protocol/generated/protocol';
import { limits } from '../protocol/generated/protocol';
import { backoffMs } from './backoff';

export type Message = ServerReply | ServerEvent | ServerSnapshot | ServerWaiting | ServerMedia | ServerNotice | Lane;
export type Reply = Pick<ServerReply, 'ok' | 'error' | 'message'>;

export interface SocketUse {
  hello(): AskHello;
  beat(): Pick<AskBeat, 'hearing' | 'mic' | 'picture' | 'alone'>;
  message(m: Exclude<Message, ServerReply>): void;
  open(helloReply: Reply): void;
  lost(): void; // once a loss, not once an attempt
  waits(ms: number): void; // the next attempt is that far away
}

export interface Socket {
  ask<K extends keyof AskMap>(k: K, d: AskMap[K]): Promise<Reply>;
  /** Latest-wins: no answer is waited for. */
  tell<K extends 'pointer' | 'view.live'>(k: K, d: AskMap[K]): void;
  nowUs(): number; // the server's clock
  rttMs(): number;
  retry(): void;
  check(): void; // the network may be another one
  close(): void;
}

const BEAT_MS = 2000;
const SILENCE_MS = 6000; // no message for so long: the link is gone, whatever TCP believes
const OPEN_MS = 8000;
const BURST = 16; // both below what the server grants, since what is sent evenly arrives in bunches
const PER_SECOND = limits.requests_per_second * 0.9;
const CHECK_MS = 1000;
const PROBE_MS = 3000;
const UNPROBED = 2; // attempts after a loss that go straight to the socket
const CLOSED: Reply = { ok: false, error: 'closed', message: 'No connection at the moment. What you typed is kept.' };

class Link implements Socket {
  private ws: WebSocket | null = null;
  private nextId = 1;
  private waiting = new Map<number, (r: Reply) => void>();
  private attempt = 0;
  private timer = 0;
  private beatTimer = 0;
  private heardMs = 0;
  private beatMs = 0;
  private skewUs = 0;
  private rtt = 0;
  private up = false;
  private ended = false;
  private everUp = false;
  private queue: { id: number; k: string; d: object }[] = [];
  private tokens = BURST;
  private tokensMs = performance.now();
  private paceTimer = 0;
  private probe: AbortController | null = null;
  private first: ServerSnapshot['events'] = []; // of a snapshot that comes in two messages

  constructor(private readonly url: string, private readonly use: SocketUse) {
    window.addEventListener('online', this.atOnce);
    connection()?.addEventListener('change', this.atOnce);
    document.addEventListener('visibilitychange', this.seen);
    this.connect();
  }

  ask<K extends keyof AskMap>(k: K, d: AskMap[K]): Promise<Reply> {
    if (!this.up && k !== 'hello') return Promise.resolve(CLOSED);
    const id = this.nextId++;
    return new Promise((done) => {
      this.waiting.set(id, done);
      this.queue.push({ id, k, d });
      this.pace();
    });
  }

  /**
   * The server refuses a seat that asks more than ten times a second (protocols/limits.json); quick hands take, write
   * and leave several fields in one. What is too much for now goes a little later, in its order.
   */
  private pace(): void {
    const now = performance.now();
    this.tokens = Math.min(BURST, this.tokens + ((now - this.tokensMs) / 1000) * PER_SECOND);
    this.tokensMs = now;
    while (this.queue.length > 0 && this.tokens >= 1) {
      const m = this.queue.shift()!;
      this.tokens -= 1;
      if (!this.write(m)) this.settle(m.id, CLOSED);
    }
    clearTimeout(this.paceTimer);
    if (this.queue.length > 0) this.paceTimer = window.setTimeout(() => this.pace(), Math.ceil(((1 - this.tokens) / PER_SECOND) * 1000));
  }

  tell<K extends 'pointer' | 'view.live'>(k: K, d: AskMap[K]): void {
    const full = this.ws && this.ws.bufferedAmount > 4096; // a slow uplink gets the newest, not a queue
    if (this.up && !full) this.write({ id: this.nextId++, k, d });
  }

  nowUs(): number {
    return Date.now() * 1000 + this.skewUs;
  }

  rttMs(): number {
    return this.rtt;
  }

  retry(): void {
    this.attempt = 0;
    this.atOnce();
  }

  /** An answer within a second (or three round trips), or the link is made anew. */
  check(): void {
    const ws = this.ws;
    if (!this.up || !ws) {
      this.retry();
      return;
    }
    const askedMs = Date.now();
    this.beat();
    window.setTimeout(() => ws === this.ws && this.up && this.heardMs < askedMs && this.lost(ws), Math.max(CHECK_MS, 3 * this.rtt));
  }

  close(): void {
    this.ended = true;
    window.removeEventListener('online', this.atOnce);
    connection()?.removeEventListener('change', this.atOnce);
    document.removeEventListener('visibilitychange', this.seen);
    clearTimeout(this.timer);
    this.drop();
  }

  private atOnce = (): void => {
    if (this.ended) return;
    if (this.up) {
      this.beat(); // a changed network shows by a missing answer soon
      return;
    }
    clearTimeout(this.timer);
    this.drop();
    this.connect();
  };

  /** Timers of a page in the background are slowed down by browsers; in front again it need not wait for one. */
  private seen = (): void => {
    if (!document.hidden && !this.up && this.ws === null) this.atOnce();
  };

  /**
   * Chromium makes a page wait up to five seconds more for a WebSocket after some fifteen that failed (its
   * services/network/websocket_throttler.cc). So only the first attempts are sockets; after them a small request
   * asks whether the server answers at all, and the socket is opened when it does.
   */
  private again(): void {
    if (this.attempt <= UNPROBED) {
      this.connect();
      return;
    }
    const probe = new AbortController();
    this.probe = probe;
    const tooLong = window.setTimeout(() => probe.abort(), PROBE_MS);
    fetch('/', { method: 'HEAD', cache: 'no-store', signal: probe.signal }).then(() => true, () => false).then((answers) => {
      clearTimeout(tooLong);
      if (probe !== this.probe || this.ended) return;
      this.probe = null;
      if (answers) this.connect();
      else this.later();
    });
  }

  private connect(): void {
    const ws = new WebSocket(this.url, 'consilium.v1');
    this.ws = ws;
    this.first = [];
    const giveUp = window.setTimeout(() => ws.readyState === WebSocket.CONNECTING && this.lost(ws), OPEN_MS);
    ws.onopen = () => {
      clearTimeout(giveUp);
      if (ws !== this.ws) return;
      this.heardMs = this.beatMs = Date.now();
      this.beatTimer = window.setInterval(() => this.beat(), BEAT_MS);
      void this.ask('hello', this.use.hello()).then((r) => {
        if (ws === this.ws) this.opened(r);
      });
    };
    ws.onmessage = (e) => ws === this.ws && this.read(e.data);
    ws.onclose = () => {
      clearTimeout(giveUp);
      this.lost(ws);
    };
  }

  private opened(r: Reply): void {
    if (r.error === 'closed') return;
    this.markUp();
    this.use.open(r);
  }

  private markUp(): void {
    this.up = true;
    this.everUp = true;
    this.attempt = 0;
  }

  private lost(ws: WebSocket): void {
    if (ws !== this.ws || this.ended) return;
    const wasUp = this.up;
    this.drop();
    if (wasUp || !this.everUp) this.use.lost();
    this.later();
  }

  private later(): void {
    const ms = backoffMs(this.attempt++, Math.random());
    this.use.waits(ms);
    this.timer = window.setTimeout(() => this.again(), ms);
  }

  private drop(): void {
    clearInterval(this.beatTimer);
    const ws = this.ws;
    this.ws = null;
    this.up = false;
    this.probe?.abort();
    this.probe = null;
    clearTimeout(this.paceTimer);
    this.queue = []; // answered as closed below
    if (ws) {
      ws.onclose = null;
      ws.close();
    }
    for (const id of [...this.waiting.keys()]) this.settle(id, CLOSED);
  }

  private beat(): void {
    if (!this.up) return;
    // A device that slept or stood still has heard nothing either: its link gets one beat to prove itself.
    const late = Date.now() - this.beatMs > 2 * BEAT_MS;
    this.beatMs = Date.now();
    if (!late && Date.now() - this.heardMs > SILENCE_MS && this.ws) {
      this.lost(this.ws);
      return;
    }
    const d: AskBeat = { ...this.use.beat(), rtt_ms: Math.min(60000, Math.round(this.rtt)), sent: Date.now() * 1000 };
    this.write({ id: this.nextId++, k: 'beat', d });
  }

  private write(m: object): boolean {
    if (this.ws?.readyState !== WebSocket.OPEN) return false;
    this.ws.send(JSON.stringify(m));
    return true;
  }

  private read(data: unknown): void {
    if (typeof data !== 'string') return;
    this.heardMs = Date.now();
    const m = JSON.parse(data) as Message;
    if (m.t === 'reply') {
      this.settle(m.re, m);
      return;
    }
    if (m.t === 'snapshot') {
      this.skewUs = m.now_us - Date.now() * 1000;
      m.events = [...this.first, ...m.events];
      this.first = m.more ? m.events : [];
      if (m.more) return; // the other part is on its way
    }
    if (m.t === 'lane' && m.k === 'beat') this.clock(m.d.now_us, m.d.sent);
    this.use.message(m);
  }

  /** The answer to a beat gives round trip and the server's clock, halfway of it. */
  private clock(nowUs: number, sentUs: number): void {
    const localUs = Date.now() * 1000;
    const rtt = (localUs - sentUs) / 1000;
    if (rtt < 0 || rtt > 60000) return;
    this.rtt = this.rtt === 0 ? rtt : this.rtt * 0.7 + rtt * 0.3;
    this.skewUs = Math.round(nowUs + (rtt * 1000) / 2 - localUs);
  }

  private settle(id: number, r: Reply): void {
    const done = this.waiting.get(id);
    this.waiting.delete(id);
    done?.(r);
  }
}

/** NetworkInformation where the browser has it; its `change` is the browser's word for a new network. */
function connection(): EventTarget | undefined {
  return (navigator as Navigator & { connection?: EventTarget }).connection;
}

export function openSocket(use: SocketUse): Socket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new Link(`${scheme}://${location.host}/ws`, use);
}
