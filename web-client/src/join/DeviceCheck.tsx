import './join.css';
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../app/announce';
import face from '../styles/fonts/atkinson-hyperlegible-next.woff2?url';
import { Btn, Icon, State, type StateTone } from '../ui/controls';
import { Gauge, Mic, MicOff, Volume2 } from '../ui/icons';
import { BARS } from './level';
import { classify, linkWords, measureLink, type Measured } from './link';
import { playTones, useMicrophone, type MicState } from './useMicrophone';

const MIC: Record<MicState, { title: string; text: string; tone: 'ok' | 'stop' | 'info' | undefined }> = {
  unknown: { title: 'Microphone not tested', text: 'You can join and listen without it. To speak, test it once.', tone: undefined },
  asking: { title: 'The browser asks for the microphone', text: 'Choose Allow in its question. Nothing is sent anywhere by this test.', tone: 'info' },
  listening: { title: 'Say a word', text: 'The microphone is open. Nothing was heard yet.', tone: 'info' },
  heard: { title: 'Microphone heard', text: 'The bars move while you speak.', tone: 'ok' },
  silent: { title: 'No sound from this microphone', text: 'It is open and gives nothing at all. Is the headset muted? Choose another one.', tone: 'stop' },
  blocked: { title: 'You cannot be heard', text: 'The browser blocks the microphone. The switch is at the left end of the address line: press it, allow the microphone, then test again. You can join and listen.', tone: 'stop' },
  absent: { title: 'You cannot be heard', text: 'There is no microphone here, or another program holds it. You can join and listen.', tone: 'stop' },
};

function Levels({ bars }: { bars: number }) {
  return (
    <div class="levels" role="img" aria-label="Microphone level">
      {Array.from({ length: BARS }, (_, at) => <i key={at} class={at < bars ? 'on' : ''} style={{ height: `${35 + (at * 65) / (BARS - 1)}%` }} />)}
    </div>
  );
}

function MicRow() {
  const mic = useMicrophone();
  const words = MIC[mic.state];
  const open = mic.state === 'listening' || mic.state === 'heard' || mic.state === 'silent';
  useEffect(() => {
    if (mic.state === 'heard' || words.tone === 'stop') announce(words.title);
  }, [mic.state]);
  return (
    <li>
      <Icon of={words.tone === 'stop' ? MicOff : Mic} {...(words.tone ? { tone: words.tone } : {})} />
      <div>
        <b>{words.title}</b>
        <p>{open && mic.label ? `${mic.label}. ` : ''}{words.text}</p>
        {open && <Levels bars={mic.bars} />}
        {open && mic.devices.length > 1 && (
          <p class="gap-3">
            <label for="mic-device" class="hide">Microphone</label>
            <select id="mic-device" onChange={(e) => mic.test(e.currentTarget.value)}>
              {mic.devices.map((it) => <option key={it.deviceId} value={it.deviceId} selected={it.label === mic.label}>{it.label || 'Microphone'}</option>)}
            </select>
          </p>
        )}
      </div>
      {!open && mic.state !== 'asking' ? <Btn small onClick={() => mic.test()}>{mic.state === 'unknown' ? 'Test' : 'Test again'}</Btn> : <span />}
    </li>
  );
}

type Tones = 'unknown' | 'playing' | 'asked' | 'heard' | 'not_heard' | 'blocked';

const TONES: Record<Tones, { title: string; text: string; tone: 'ok' | 'stop' | undefined }> = {
  unknown: { title: 'Sound not tested', text: 'Two soft tones, one second.', tone: undefined },
  playing: { title: 'Two tones', text: 'Playing now.', tone: undefined },
  asked: { title: 'Did you hear two tones?', text: 'Only you can tell.', tone: undefined },
  heard: { title: 'Sound plays', text: 'You heard the two tones.', tone: 'ok' },
  not_heard: { title: 'No sound', text: 'Turn the volume up, or choose the right loudspeaker or headset in the system. Then play them again.', tone: 'stop' },
  blocked: { title: 'The browser plays no sound', text: 'It blocks sound for this page. Press Play; if it stays silent, look for the crossed loudspeaker in the tab.', tone: 'stop' },
};

function SoundRow() {
  const [state, setState] = useState<Tones>('unknown');
  const words = TONES[state];
  const play = () => {
    setState('playing');
    playTones().then(() => setState('asked'), () => setState('blocked'));
  };
  return (
    <li>
      <Icon of={Volume2} {...(words.tone ? { tone: words.tone } : {})} />
      <div><b>{words.title}</b><p>{words.text}</p></div>
      {state === 'asked' ? (
        <div class="acts"><Btn small onClick={() => setState('heard')}>Yes</Btn><Btn small onClick={() => setState('not_heard')}>No</Btn></div>
      ) : (
        <Btn small disabled={state === 'playing'} onClick={play}>{state === 'unknown' ? 'Play' : 'Play again'}</Btn>
      )}
    </li>
  );
}

const LINK_STATE: Record<ReturnType<typeof classify>, { tone: StateTone; word: string }> = {
  good: { tone: 'ok', word: 'good' }, slow: { tone: 'now', word: 'slow' }, very_slow: { tone: 'stop', word: 'very slow' },
};

function LinkRow() {
  const [measured, setMeasured] = useState<Measured | undefined>();
  const [failed, setFailed] = useState(false);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setFailed(false);
    measureLink(face, abort.signal).then(
      (it) => { setMeasured(it); announce(linkWords(it).title); },
      () => { if (!abort.signal.aborted) setFailed(true); },
    );
    return () => abort.abort();
  }, [round]);
  const words = measured && linkWords(measured);
  const state = measured && LINK_STATE[classify(measured)];
  return (
    <li>
      <Icon of={Gauge} {...(failed ? { tone: 'stop' as const } : state?.tone === 'ok' ? { tone: 'ok' as const } : {})} />
      <div>
        <b>{failed ? 'Link could not be measured' : words?.title ?? 'Link is being measured'}</b>
        <p>{failed ? 'The server did not answer. Check the network, then measure again.' : words?.text ?? 'About 40 kB are fetched from the server.'}</p>
      </div>
      {state && !failed ? <State tone={state.tone}>{state.word}</State> : failed ? <Btn small onClick={() => setRound(round + 1)}>Measure again</Btn> : <span />}
    </li>
  );
}

/** Microphone, sound and link, each measured or asked, never assumed. Also for the room's own settings. */
export function DeviceCheck() {
  return <ul class="check"><MicRow /><SoundRow /><LinkRow /></ul>;
}
