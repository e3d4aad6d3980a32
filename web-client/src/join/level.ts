/** Level of a microphone, measured from its samples. */
export const BARS = 12;
/** Below this there is no sound at all: digital silence or a muted headset (dBFS). */
const SILENT_DB = -75;
/** From here on somebody speaks. */
const SPEECH_DB = -50;

export function decibels(samples: Float32Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return rms > 0 ? 20 * Math.log10(rms) : -Infinity;
}

/** Lit bars for a level: none at silence, all at -12 dBFS. */
export function barsOf(db: number): number {
  if (db <= SILENT_DB) return 0;
  return Math.max(0, Math.min(BARS, Math.round(((db - SILENT_DB) / (-12 - SILENT_DB)) * BARS)));
}

export function isSpeech(db: number): boolean {
  return db >= SPEECH_DB;
}

export function isDead(db: number): boolean {
  return db <= SILENT_DB;
}
