/** The chair's recording, and what everybody is asked before being heard in one. Comes with the dialogs. */
import { CircleDot, CirclePause, CircleStop } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { present } from '../state/seats';
import { address, count } from '../state/words';
import { Btn, Icon } from '../ui/controls';
import { useRoom } from './context';

/** Who has not said yes, by name: not heard until then. */
function Untold() {
  const { seats, meeting } = useRoom().state.value;
  const left = present(seats).filter((s) => !meeting.told.includes(s.seat));
  if (left.length === 0) return <p>Everybody here has acknowledged it.</p>;
  return <p>Not yet acknowledged by {count(left.length, 'person', 'people')}, who cannot be heard until then: {left.map((s) => address(s.name)).join(', ')}.</p>;
}

export function Record({ done }: { done: () => void }) {
  const room = useRoom();
  const { recording } = room.state.value.meeting;
  const ask = (k: 'recording.start' | 'recording.pause' | 'recording.go_on' | 'recording.stop') => () => void room.press(k, {}).then((ok) => ok && done());
  const back = <Btn plain onClick={done}>Back to the room</Btn>;
  if (recording === 'off')
    return (
      <>
        <p>The sound of each case is kept from now on, with who spoke and what was shown. Everybody is told and asked; all microphones but yours close until their owners acknowledge it.</p>
        <div class="acts"><Btn main onClick={ask('recording.start')}><Icon of={CircleDot} /> Begin recording</Btn>{back}</div>
      </>
    );
  return (
    <>
      {recording === 'on' ? <Untold /> : <p>Off the record: nothing that is said now is kept. The recording has a silence here.</p>}
      <div class="acts">
        {recording === 'on'
          ? <Btn main onClick={ask('recording.pause')}><Icon of={CirclePause} /> Off the record</Btn>
          : <Btn main onClick={ask('recording.go_on')}><Icon of={CircleDot} /> On the record again</Btn>}
        <Btn onClick={ask('recording.stop')}><Icon of={CircleStop} /> End the recording</Btn>
        {back}
      </div>
    </>
  );
}

/** Nobody is recorded speaking who has not pressed one of the first two. */
export function Told({ done }: { done: () => void }) {
  const room = useRoom();
  const [busy, setBusy] = useState(false);
  const yes = (speak: boolean) => async (): Promise<void> => {
    setBusy(true);
    if (await room.press('recording.acknowledge', {}) && speak) await room.mic.setOn(true);
    setBusy(false);
  };
  return (
    <>
      <p>What is said about each case is kept, with who spoke and what was shown, until its day of removal. The board and the referring clinician can listen to it.</p>
      <p>Your microphone is closed until you acknowledge this. The chair can go off the record at any time: ask for it.</p>
      <div class="ways">
        <Btn main disabled={busy} onClick={yes(false)}>I know that I am recorded when I speak</Btn>
        {room.facts.value.mayTalk && <Btn disabled={busy} onClick={yes(true)}>The same, and open my microphone</Btn>}
        <Btn plain onClick={done}>Not now: listen only</Btn>
      </div>
    </>
  );
}
