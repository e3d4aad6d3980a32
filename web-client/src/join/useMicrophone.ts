import { useEffect, useRef, useState } from 'preact/hooks';
import { barsOf, decibels, isDead, isSpeech } from './level';

export type MicState =
  | 'unknown' /* not asked yet */
  | 'asking' /* the browser shows its question */
  | 'listening' /* open, nothing heard so far */
  | 'heard' /* speech was measured */
  | 'silent' /* open, but six seconds of nothing at all */
  | 'blocked' /* the browser or the person says no */
  | 'absent'; /* no microphone, or another program holds it */

const SILENCE_MS = 6000;
const EVERY_MS = 100;

export interface Microphone {
  state: MicState;
  bars: number;
  label: string;
  devices: MediaDeviceInfo[];
  test: (device?: string) => void;
}

/** Whether the browser lets the page use the microphone without asking. Unknown where it does not tell. */
async function permission(): Promise<PermissionState | undefined> {
  try {
    return (await navigator.permissions.query({ name: 'microphone' as PermissionName })).state;
  } catch {
    return undefined;
  }
}

/** Measures the microphone. Opens it unasked only if the person allowed it before; never asks for a camera. */
export function useMicrophone(): Microphone {
  const [state, setState] = useState<MicState>('unknown');
  const [bars, setBars] = useState(0);
  const [label, setLabel] = useState('');
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  const open = useRef<() => void>(() => undefined);

  const test = (device?: string) => {
    open.current();
    if (!navigator.mediaDevices) return setState('absent');
    setState('asking');
    navigator.mediaDevices
      .getUserMedia({ audio: device ? { deviceId: { exact: device } } : true, video: false })
      .then(async (stream) => {
        open.current = watch(stream, setState, setBars);
        setLabel(stream.getAudioTracks()[0]?.label ?? '');
        setDevices((await navigator.mediaDevices.enumerateDevices()).filter((it) => it.kind === 'audioinput' && it.deviceId !== ''));
      })
      .catch((error: unknown) => setState(error instanceof DOMException && error.name === 'NotAllowedError' ? 'blocked' : 'absent'));
  };

  useEffect(() => {
    void permission().then((it) => {
      if (it === 'granted') test();
      else if (it === 'denied') setState('blocked');
    });
    return () => open.current();
  }, []);
  return { state, bars, label, devices, test };
}

/** Reads the level ten times a second; returns what closes the microphone again. */
function watch(stream: MediaStream, setState: (it: (before: MicState) => MicState) => void, setBars: (n: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  void context.resume().catch(() => undefined);
  const samples = new Float32Array(analyser.fftSize);
  let lastSound = performance.now();
  setState(() => 'listening');
  const timer = setInterval(() => {
    // A suspended context gives zeros; zeros are then no finding about the microphone.
    if (context.state !== 'running') {
      lastSound = performance.now();
      return;
    }
    analyser.getFloatTimeDomainData(samples);
    const db = decibels(samples);
    setBars(barsOf(db));
    if (!isDead(db)) lastSound = performance.now();
    const dead = performance.now() - lastSound >= SILENCE_MS;
    setState((before) => (isSpeech(db) ? 'heard' : dead ? 'silent' : before === 'silent' ? 'listening' : before));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    void context.close().catch(() => undefined);
  };
}

/** Two soft tones, one after the other. Resolves when they ended; rejects where the browser plays nothing. */
export async function playTones(): Promise<void> {
  const context = new AudioContext();
  try {
    await context.resume();
    if (context.state !== 'running') throw new Error('sound is blocked');
    const gain = context.createGain();
    gain.connect(context.destination);
    const start = context.currentTime + 0.05;
    gain.gain.setValueAtTime(0, start);
    for (const [at, hertz] of [[0, 440], [0.55, 587]] as const) {
      const tone = context.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(gain);
      gain.gain.linearRampToValueAtTime(0.12, start + at + 0.05);
      gain.gain.linearRampToValueAtTime(0, start + at + 0.45);
      tone.start(start + at);
      tone.stop(start + at + 0.5);
    }
    await new Promise((resolve) => setTimeout(resolve, 1200));
  } finally {
    void context.close().catch(() => undefined);
  }
}
