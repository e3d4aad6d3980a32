/** Notes to the scribe: anybody proposes a recommendation, who writes the plan takes it with one press (experience 3.5). */
import { Check, StickyNote, X } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { clock, shortName } from '../state/words';
import { Icon } from '../ui/controls';
import { useRoom } from './context';
import { useMayWrite } from './PlanField';

export function Notes() {
  const room = useRoom();
  const may = useMayWrite();
  const { notes } = room.state.value.plan;
  const own = room.you.value?.seat;
  if (notes.length === 0) return null;
  return (
    <section aria-labelledby="plan-notes-l">
      <h3 id="plan-notes-l"><span>Notes to the scribe</span><span>{notes.length}</span></h3>
      <ul class="plannotes">
        {notes.map((n) => (
          <li key={n.note}>
            <p class="signed">{n.text}</p>
            <p class="tiny">{n.seat === own ? 'You' : shortName(n.name)}, {clock(n.atUs)}</p>
            <div class="acts">
              {may && <button type="button" class="btn small" onClick={() => void room.press('plan.note_take', { note: n.note })}><Icon of={Check} /> Take as a recommendation</button>}
              {(may || n.seat === own) && <button type="button" class="btn small plain" onClick={() => void room.press('plan.note_close', { note: n.note })}><Icon of={X} /> {n.seat === own && !may ? 'Take it back' : 'Put aside'}</button>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function NoteButton({ ask }: { ask: () => void }) {
  const room = useRoom();
  const s = room.state.value;
  if (!s.plan.plan || s.plan.signed || room.you.value?.role === 'observer') return null;
  return <button type="button" class="btn" onClick={ask}><Icon of={StickyNote} /> Note</button>;
}

export function NoteForm({ done }: { done: () => void }) {
  const room = useRoom();
  const [text, setText] = useState('');
  const send = (e: Event): void => {
    e.preventDefault();
    void room.press('plan.note', { text: text.trim() }).then((ok) => ok && done());
  };
  return (
    <form class="stack-4" onSubmit={send}>
      <div class="field"><label for="note-text">What should be recommended?</label>
        <textarea id="note-text" class="signed" rows={3} maxLength={500} autofocus value={text} onInput={(e) => setText(e.currentTarget.value)} /></div>
      <p class="note">All in this case see it. Who writes the plan takes it with one press, or puts it aside.</p>
      <div class="acts"><button type="submit" class="btn main" disabled={!text.trim()}><Icon of={StickyNote} /> Send to the scribe</button><button type="button" class="btn plain" onClick={done}>Not now</button></div>
    </form>
  );
}
