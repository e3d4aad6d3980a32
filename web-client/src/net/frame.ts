/** A frame of sound on the web connection: 8 bytes of header (media/rtc/frame.h) and an Opus packet. */
export interface Frame {
  level: number; // up: -dBov, 0 is loudest; down: the rung
  seq: number;
  timestamp: number; // 48 kHz
  opus: Uint8Array;
}

const VERSION = 0x10;
const HEADER = 8;
export const STEP = 960; // samples: 20 ms

export function writeFrame(f: Frame): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(HEADER + f.opus.length);
  const view = new DataView(out.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, Math.max(0, Math.min(127, Math.round(f.level))));
  view.setUint16(2, f.seq & 0xffff);
  view.setUint32(4, f.timestamp >>> 0);
  out.set(f.opus, HEADER);
  return out;
}

/** null: not a frame of this version. */
export function readFrame(bytes: ArrayBuffer): Frame | null {
  const view = new DataView(bytes);
  if (bytes.byteLength <= HEADER || view.getUint8(0) !== VERSION) return null;
  return { level: view.getUint8(1), seq: view.getUint16(2), timestamp: view.getUint32(4), opus: new Uint8Array(bytes, HEADER) };
}

/** Level of a frame as RFC 6464 has it: 0 is full scale, 127 silence. */
export function dBov(pcm: Float32Array): number {
  let sum = 0;
  for (const x of pcm) sum += x * x;
  return sum === 0 ? 127 : Math.max(0, Math.min(127, Math.round(-10 * Math.log10(sum / pcm.length))));
}
