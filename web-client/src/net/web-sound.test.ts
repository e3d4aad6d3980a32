import { afterEach, expect, it, vi } from 'vitest';
import { WebSound } from './web-sound';

// What the browser gives, as far as this needs it. The worklet's messages are tasks of their own: some are on their
// way when the connection ends.
class Node {
  port: { onmessage: ((e: { data: unknown }) => void) | null; postMessage(): void } = { onmessage: null, postMessage: () => undefined };
  constructor(_: unknown, readonly name: string) {
    nodes.push(this);
  }
  connect(): void {}
}
class Codec {
  state = 'configured';
  encodeQueueSize = 0;
  encode(): void {
    if (this.state === 'closed') throw new Error("Cannot call 'encode' on a closed codec.");
    encoded += 1;
  }
  configure(): void {}
  close(): void {
    this.state = 'closed';
  }
}
class Context {
  audioWorklet = { addModule: () => Promise.resolve() };
  state = 'running';
  createMediaStreamSource = () => ({ connect: () => undefined, disconnect: () => undefined });
  resume = () => Promise.resolve();
  close = () => Promise.resolve();
}
class Socket {
  onopen: (() => void) | null = null;
  close(): void {}
  constructor() {
    queueMicrotask(() => this.onopen?.());
  }
}
let nodes: Node[] = [];
let encoded = 0;

afterEach(() => {
  vi.unstubAllGlobals();
  nodes = [];
  encoded = 0;
});

it('takes nothing more of the microphone once it is closed', async () => {
  for (const [name, it] of Object.entries({ AudioWorkletNode: Node, AudioEncoder: Codec, AudioDecoder: Codec, AudioContext: Context, WebSocket: Socket, AudioData: class { close() {} } })) vi.stubGlobal(name, it);
  const up = vi.fn(), down = vi.fn();
  const sound = new WebSound('m', { up, down });
  await vi.waitFor(() => expect(up).toHaveBeenCalled());
  sound.speak({} as MediaStream);
  const taker = nodes.find((n) => n.name === 'capture')!;
  const frame = () => taker.port.onmessage!({ data: new Float32Array(960).fill(0.1) });
  frame();
  expect(encoded).toBe(1);
  sound.close();
  expect(frame).not.toThrow();
  expect(encoded).toBe(1);
  expect(down).toHaveBeenCalledOnce();
});
