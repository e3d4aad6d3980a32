/** Own dissent, in own words. Into the note only by a tick, asked each time. */
import { GitFork } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { specialtyLabel } from '../state/words';
import { Icon } from '../ui/controls';
import { useRoom } from './context';

export function Dissents() {
  const list = useRoom().state.value.plan.dissents;
  return (
    <>
      {list.map((d) => (
        <div key={d.seat} class="dissent">
          <p class="is apart"><Icon of={GitFork} />Dissent, in own words</p>
          <blockquote class="signed">{d.text}</blockquote>
          <p class="note">{d.name}, {specialtyLabel(d.specialty).toLowerCase()}. {d.in_note ? 'Goes into the record.' : 'Said in the room, not in the record.'} Only the author can change it.</p>
        </div>
      ))}
    </>
  );
}

/** `objects`: in read back. A dissent for the record changes the text and starts it anew; another one only stops the clock. */
export function DissentForm({ done, objects }: { done: () => void; objects?: boolean }) {
  const room = useRoom();
  const mine = room.state.value.plan.dissents.find((d) => d.seat === room.you.value?.seat);
  const [text, setText] = useState(mine?.text ?? '');
  const [inNote, setInNote] = useState<boolean | null>(null); // asked each time, never remembered
  const send = async (): Promise<void> => {
    const said = objects && !inNote
      ? await room.press('readback.object', { kind: 'dissent', text: text.trim().slice(0, 1000) })
      : await room.press('plan.dissent', { text: text.trim(), in_note: inNote === true });
    if (said) done();
  };
  return (
    <div class="stack-4">
      <div class="field"><label for="dissent-text">Your dissent, in your own words</label>
        <textarea id="dissent-text" class="signed" rows={5} maxLength={4000} value={text} onInput={(e) => setText(e.currentTarget.value)} /></div>
      <fieldset class="field"><legend class="label">Does it go into the record of this patient?</legend>
        <label class="tick"><input type="radio" name="in-note" checked={inNote === true} onChange={() => setInNote(true)} /> Yes, with my name and these words</label>
        <label class="tick"><input type="radio" name="in-note" checked={inNote === false} onChange={() => setInNote(false)} /> No, only said in this room</label>
      </fieldset>
      <div class="acts">
        <button type="button" class="btn main" disabled={!text.trim() || inNote === null} onClick={() => void send()}><Icon of={GitFork} /> Write my dissent</button>
        {mine && <button type="button" class="btn" onClick={() => void room.press('plan.dissent', { text: '', in_note: false }).then((ok) => ok && done())}>Withdraw it</button>}
        <button type="button" class="btn plain" onClick={done}>Not now</button>
      </div>
    </div>
  );
}
