/**
 * Level of the own microphone, measured on this device ten times a second. It feeds the bars, finds
 * "talking while muted" and digital silence; nothing of it leaves the device.
 */
export interface Level {
  bars: number; // 0..6
  voiceMs: number; // voice without a break of more than HANG_MS
  silentMs: number; // exact silence, as a dead or hardware-muted microphone gives
}

const STEP_MS = 100;
const HANG_MS = 300;
const VOICE_DB = -48; // speech at arm's length is -35 to -20 dBFS; a quiet room below -55

export function barsOf(db: number): number {
  return Math.max(0, Math.min(6, Math.round((db + 60) / 7)));
}

/** One step of the meter. Pure. */
export function step(was: Level & { quietMs: number }, db: number): Level & { quietMs: number } {
  const voice = db > VOICE_DB;
  const quietMs = voice ? 0 : was.quietMs + STEP_MS;
  return {
    bars: barsOf(db),
    voiceMs: voice ? was.voiceMs + STEP_MS : quietMs > HANG_MS ? 0 : was.voiceMs,
    silentMs: db === -Infinity ? was.silentMs + STEP_MS : 0,
    quietMs,
  };
}

export function decibel(samples: Float32Array): number {
  let sum = 0;
  for (const x of samples) sum += x * x;
  return sum === 0 ? -Infinity : 10 * Math.log10(sum / samples.length);
}

/** Measures `stream` until the returned function is called. */
export function measure(stream: MediaStream, tell: (l: Level) => void): () => void {
  const ctx = new AudioContext();
  const analyser = ctx.createAnalyser();
  analyser.fftSize = 2048;
  ctx.createMediaStreamSource(stream).connect(analyser);
  void ctx.resume();
  const samples = new Float32Array(analyser.fftSize);
  let state = { bars: 0, voiceMs: 0, silentMs: 0, quietMs: 0 };
  const timer = window.setInterval(() => {
    if (ctx.state !== 'running') return; // a sleeping meter measures nothing and claims nothing
    analyser.getFloatTimeDomainData(samples);
    state = step(state, decibel(samples));
    tell(state);
  }, STEP_MS);
  return () => {
    clearInterval(timer);
    void ctx.close();
  };
}
