/** Everything that is asked over the room; one at a time, native dialogs in the room's theme. */
import { useEffect, useState } from 'preact/hooks';
import { nextItem, runningItem } from '../state/agenda';
import { present } from '../state/seats';
import { familyName } from '../state/words';
import { Btn } from '../ui/controls';
import { Dialog } from '../ui/notices';
import { wayLines } from '../state/way';
import { useRoom } from './context';
import { DissentForm } from './Dissent';
import { NoteForm } from './Notes';
import { prefs, setPrefs } from './prefs';
import { Record, Told } from './Recording';
import { SignForm } from './Sign';
import { Who } from './Who';

export type Ask =
  | { is: 'next' } | { is: 'defer' } | { is: 'close' } | { is: 'dissent' } | { is: 'note' } | { is: 'object' } | { is: 'sign' }
  | { is: 'who' } | { is: 'keys' } | { is: 'switch' } | { is: 'microphone' } | { is: 'leave' } | { is: 'record' } | { is: 'told' };

/** Next with an unsigned plan asks once: sign, defer, or come back. */
function Next({ done }: { done: () => void }) {
  const room = useRoom();
  const s = room.state.value;
  const item = runningItem(s.agenda);
  const next = nextItem(s.agenda);
  const go = (unsigned: 'refuse' | 'defer' | 'leave_open') => () => void room.press('item.next', { unsigned }).then((ok) => ok && done());
  const to = next ? familyName(next.name) : 'the end';
  const free = !item || s.plan.signed !== null || item.state === 'signed';
  useEffect(() => {
    if (free) go('refuse')();
  }, []);
  if (free || !item) return <p>Going on to {to}.</p>;
  return (
    <>
      <p>The plan of {familyName(item.name)} is not signed. What becomes of it?</p>
      <div class="ways">
        <Btn main onClick={done}>Stay and sign it first</Btn>
        <Btn onClick={go('defer')}>Defer {familyName(item.name)}, go on to {to}</Btn>
        <Btn onClick={go('leave_open')}>Leave it open and come back, go on to {to}</Btn>
      </div>
    </>
  );
}

function Defer({ done }: { done: () => void }) {
  const room = useRoom();
  const s = room.state.value;
  const item = runningItem(s.agenda);
  const next = nextItem(s.agenda);
  const name = item ? familyName(item.name) : '';
  return (
    <>
      <p>The draft is kept. The case goes to a later meeting{next ? ` and ${familyName(next.name)} starts now` : ''}.</p>
      <div class="acts">
        <Btn main onClick={() => void room.press('item.next', { unsigned: 'defer' }).then((ok) => ok && done())}>Defer {name}</Btn>
        <Btn onClick={done}>Stay with {name}</Btn>
      </div>
    </>
  );
}

function Close({ done }: { done: () => void }) {
  const room = useRoom();
  const n = present(room.state.value.seats).length;
  return (
    <>
      <p>The room closes for all {n}. Sound ends and pictures are removed from every device.</p>
      <div class="acts">
        <Btn main onClick={() => void room.press('meeting.close', {}).then((ok) => ok && done())}>Close the meeting for {n} people</Btn>
        <Btn onClick={done}>Stay</Btn>
      </div>
    </>
  );
}

function Objection({ done }: { done: () => void }) {
  const room = useRoom();
  const [kind, setKind] = useState<'correct' | 'dissent' | 'not_ready'>('correct');
  const [text, setText] = useState('');
  const send = (): void => void room.press('readback.object', { kind, text: text.trim() }).then((ok) => ok && done());
  const kinds = [['correct', 'Correct a word'], ['dissent', 'I dissent, in my words'], ['not_ready', 'Not ready']] as const;
  return (
    <div class="stack-4">
      <div class="acts" role="group" aria-label="Kind of objection">
        {kinds.map(([k, label]) => <Btn key={k} small aria-pressed={kind === k} onClick={() => setKind(k)}>{label}</Btn>)}
      </div>
      {kind === 'dissent' ? <DissentForm done={done} objects /> : (
        <>
          <div class="field"><label for="object-text">{kind === 'correct' ? 'What should it say?' : 'What is missing?'}</label>
            <textarea id="object-text" class="signed" autofocus rows={3} maxLength={1000} value={text} onInput={(e) => setText(e.currentTarget.value)} /></div>
          <div class="acts"><Btn main disabled={kind === 'correct' && !text.trim()} onClick={send}>Object</Btn><Btn plain onClick={done}>Not now</Btn></div>
        </>
      )}
    </div>
  );
}

const KEYS: [string, string][] = [
  ['M', 'mute, unmute'], ['Space', 'hold to speak'], ['H', 'hand'], ['F', 'follow or look around'], ['P', 'plan'], ['O', 'object (in read back)'],
  ['A', 'who is here'], ['F6', 'next part of the room'], ['Alt+1', 'say the last announcement again'], ['R', 'chair: read back'], ['S', 'chair: sign'],
  ['N', 'chair: next case'], ['G', 'chair: give the floor'], ['+', 'chair: two more minutes'], ['← →', 'presenter: page'], ['1–9', 'presenter: page by number'], ['0', 'whole page'], ['B', 'presenter: call everyone back'], ['D', 'presenter: done'],
];

/** How the own sound travels. The server measures; before it has, nothing is claimed. */
function Way() {
  const d = useRoom().way.value;
  return (
    <section aria-labelledby="way-h">
      <h3 id="way-h">Your sound</h3>
      {d ? <dl class="keylist">{wayLines(d).map((l) => <div key={l.what}><dt>{l.what}</dt><dd>{l.is}</dd></div>)}</dl> : <p class="note">Not measured yet.</p>}
    </section>
  );
}

function Keys() {
  const p = prefs.value;
  return (
    <div class="stack-4">
      <Way />
      <dl class="keylist">{KEYS.map(([k, w]) => <div key={k}><dt><kbd>{k}</kbd></dt><dd>{w}</dd></div>)}</dl>
      <label class="tick"><input type="checkbox" checked={p.keys} onChange={(e) => setPrefs({ keys: e.currentTarget.checked })} /> Single keys act (they never act in text)</label>
      <div class="field"><label for="heard">A screen reader says</label>
        <select id="heard" value={p.heard} onChange={(e) => setPrefs({ heard: e.currentTarget.value as typeof p.heard })}>
          <option value="all">all: you, plan, speakers and pictures</option><option value="needed">what is needed: you and the plan</option><option value="none">nothing by itself</option>
        </select></div>
      <div class="field"><label for="theme">Room colours</label>
        <select id="theme" value={p.theme} onChange={(e) => setPrefs({ theme: e.currentTarget.value as typeof p.theme })}>
          <option value="reading">dark, for reading pictures</option><option value="day">day</option>
        </select></div>
      <p class="note">Consilium is not a primary reading station.</p>
    </div>
  );
}

function Switch({ done }: { done: () => void }) {
  const room = useRoom();
  const again = (): void => void room.mic.setOn(true).then(() => room.facts.value.device === 'live' && done());
  return (
    <div class="stack-4">
      <p>The browser does not give this page the microphone. You stay in and hear everything.</p>
      <ol class="howto">
        <li>Press the small sign at the left of the address, before {location.hostname}.</li>
        <li>Find Microphone and choose Allow.</li>
        <li>Come back here and press Try again.</li>
      </ol>
      <div class="acts"><Btn main onClick={again}>Try again</Btn><Btn onClick={done}>Go on listening</Btn></div>
    </div>
  );
}

function Microphone({ done }: { done: () => void }) {
  const room = useRoom();
  const [list, setList] = useState<{ id: string; label: string }[]>([]);
  useEffect(() => void room.mic.microphones().then(setList), []);
  return (
    <div class="stack-4">
      <p>No sound comes from the microphone in use. It may be switched off at the cable or at the headset.</p>
      <div class="ways">{list.map((d) => <Btn key={d.id} onClick={() => void room.mic.choose(d.id).then(done)}>{d.label}</Btn>)}</div>
      <div class="acts"><Btn plain onClick={() => void room.mic.setOn(false).then(done)}>Mute me instead</Btn></div>
    </div>
  );
}

function Leave({ done, left }: { done: () => void; left: () => void }) {
  const room = useRoom();
  return (
    <>
      <p>{room.isChair.value ? 'You act as chair. The co-chair or the coordinator acts when you are gone.' : 'You can come back by the same link.'}</p>
      <div class="acts"><Btn main onClick={() => void room.leave().then(left)}>Leave the meeting</Btn><Btn onClick={done}>Stay</Btn></div>
    </>
  );
}

const TITLES: { [is in Ask['is']]: string } = {
  next: 'Next case', defer: 'Defer this case?', close: 'Close the meeting?', dissent: 'Dissent', note: 'Note to the scribe', object: 'Object', sign: 'Sign the plan',
  who: 'Who is here', keys: 'Keys and settings', switch: 'You cannot be heard', microphone: 'You are not heard', leave: 'Leave the meeting?',
  record: 'Recording of this meeting', told: 'This meeting is being recorded',
};

export default function Asked({ ask, done, left }: { ask: Ask; done: () => void; left: () => void }) {
  const part = {
    next: <Next done={done} />, defer: <Defer done={done} />, close: <Close done={done} />, dissent: <DissentForm done={done} />, note: <NoteForm done={done} />, object: <Objection done={done} />,
    sign: <SignForm done={done} />, who: <Who />, keys: <Keys />, switch: <Switch done={done} />, microphone: <Microphone done={done} />, leave: <Leave done={done} left={left} />,
    record: <Record done={done} />, told: <Told done={done} />,
  }[ask.is];
  const simple = ask.is === 'who' || ask.is === 'keys';
  return (
    <Dialog title={TITLES[ask.is]} close={done}>
      {part}
      {simple && <div class="acts"><Btn onClick={done}>Close</Btn></div>}
    </Dialog>
  );
}
