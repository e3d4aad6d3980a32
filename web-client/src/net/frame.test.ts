import { expect, test } from 'vitest';
import { dBov, readFrame, writeFrame } from './frame';

test('what is written is read, and numbers wrap', () => {
  const bytes = writeFrame({ level: 42, seq: 65536 + 7, timestamp: 2 ** 32 + 960, opus: new Uint8Array([0x78, 1, 2]) });
  expect([...bytes]).toEqual([0x10, 42, 0, 7, 0, 0, 3, 0xc0, 0x78, 1, 2]);
  expect(readFrame(bytes.buffer)).toEqual({ level: 42, seq: 7, timestamp: 960, opus: new Uint8Array([0x78, 1, 2]) });
});

test('what is no frame is not read', () => {
  expect(readFrame(new Uint8Array([0x10, 0, 0, 1, 0, 0, 0, 0]).buffer)).toBeNull();
  expect(readFrame(new Uint8Array([0x20, 0, 0, 1, 0, 0, 0, 0, 9]).buffer)).toBeNull();
  expect(readFrame(new ArrayBuffer(0))).toBeNull();
});

test('levels are those of RFC 6464', () => {
  expect(dBov(new Float32Array(960))).toBe(127);
  expect(dBov(new Float32Array(960).fill(1))).toBe(0);
  expect(dBov(new Float32Array(960).fill(0.1))).toBe(20);
});
