/** Whether the board's meetings may be recorded, for how long, and what came of it. */
import { useState } from 'preact/hooks';
import { call, said } from '../api/client';
import { announce } from '../app/announce';
import { lazy } from '../app/lazy';
import type { BoardFull } from '../protocol/generated/protocol';
import { Btn, Field } from '../ui/controls';
import { count } from '../ui/words';

const BoardRecordings = lazy<{ board: string }>(() => import('../recordings/BoardRecordings'));

export function recordingWords(board: Pick<BoardFull, 'recording' | 'recording_days'>): string {
  return board.recording === 'off'
    ? 'Not recorded: nobody can record a meeting of this board.'
    : `May be recorded: the chair begins it, everybody is told and asked, and each recording is removed after ${count(board.recording_days, 'day')}.`;
}

function Form({ board, again }: { board: BoardFull; again: () => Promise<void> }) {
  const [allowed, setAllowed] = useState(board.recording === 'allowed');
  const [days, setDays] = useState(String(board.recording_days));
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const n = Number(days);
  const isSame = allowed === (board.recording === 'allowed') && n === board.recording_days;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!Number.isInteger(n) || n < 1 || n > 3650) return setFault('1 to 3650 days.');
    setBusy(true);
    setFault('');
    try {
      await call('PUT', `/api/boards/${board.board}/recording`, { body: { recording: allowed ? 'allowed' : 'off', days: n } });
      announce(allowed ? `Meetings of this board may be recorded, kept ${count(n, 'day')}.` : 'Meetings of this board are not recorded.');
      await again();
    } catch (error) {
      setFault(said(error));
    }
    setBusy(false);
  };
  return (
    <form class="stack-4 gap-3" onSubmit={(e) => void save(e)} noValidate>
      <label class="tick"><input type="checkbox" checked={allowed} onChange={(e) => setAllowed(e.currentTarget.checked)} /> The chair may record meetings of this board</label>
      <Field label="Days that a recording is kept" id="recording-days" hint="Then its key is destroyed and a certificate stays. Recordings that are there keep their own day." fault={fault || undefined}>
        {(ids) => <input {...ids} type="number" inputMode="numeric" min={1} max={3650} value={days} onInput={(e) => setDays(e.currentTarget.value)} />}
      </Field>
      <p class="note">Members of the board, and author and referring clinician of a case, can listen to it; guests and observers cannot. Every listening, film and removal is logged, and so is who changes this. Meetings that are planned follow at once; what is being recorded now goes on until the chair ends it.</p>
      <Btn main type="submit" disabled={busy || isSame}>Save how it is recorded</Btn>
    </form>
  );
}

export function RecordingPolicy({ board, again }: { board: BoardFull; again: () => Promise<void> }) {
  return (
    <section aria-labelledby="recording-policy">
      <div class="head gap-6"><h2 id="recording-policy">Recording</h2></div>
      <p class="gap-3">{recordingWords(board)}</p>
      {board.may_set_recording && (
        <>
          <Form key={`${board.recording}.${board.recording_days}`} board={board} again={again} />
          <h3 class="gap-6">Recordings and certificates of removal</h3>
          <BoardRecordings board={board.board} />
        </>
      )}
    </section>
  );
}
