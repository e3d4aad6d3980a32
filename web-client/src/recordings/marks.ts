/** Where the presenter pointed and looked: 21 bytes each, big-endian (media/recording/recordings.h). */
export interface Mark {
  kind: 'pointer' | 'away' | 'view';
  atMs: number;
  x: number;
  y: number;
  w: number;
  h: number;
}

const BYTES = 21;
const KINDS = ['', 'pointer', 'away', 'view'] as const;

export function parseMarks(bytes: ArrayBuffer): Mark[] {
  const view = new DataView(bytes);
  const out: Mark[] = [];
  for (let at = 0; at + BYTES <= view.byteLength; at += BYTES) {
    const kind = KINDS[view.getUint8(at)];
    if (kind) out.push({ kind, atMs: view.getUint32(at + 1), x: view.getInt32(at + 5), y: view.getInt32(at + 9), w: view.getInt32(at + 13), h: view.getInt32(at + 17) });
  }
  return out;
}
