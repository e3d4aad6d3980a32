/** The recordings of a case, on its record; those of a board, with the certificates of what was removed. */
import type { RecordingCard, Recordings } from '../protocol/generated/protocol';
import { Go, State } from '../ui/controls';
import { useLoad } from '../ui/load';
import { clock, longDate } from '../ui/time';
import { count } from '../ui/words';
import { position } from './timeline';

export function stateWords(r: Pick<RecordingCard, 'state' | 'removed_why' | 'removed_us'>): string {
  switch (r.state) {
    case 'begun': return 'being recorded';
    case 'lost': return 'nothing of it can be played';
    case 'removed': return `removed ${longDate(r.removed_us)}`;
    case 'ended': return '';
  }
}

const DAY_US = 86_400_000_000;

type Removed = Pick<RecordingCard, 'removed_why' | 'removed_by' | 'removed_reason' | 'began_us' | 'until_us'>;

export function removedBy(r: Removed): string {
  return r.removed_why === 'expired' ? 'the server, by itself' : r.removed_by;
}

export function removedWhy(r: Removed): string {
  return r.removed_why === 'expired' ? `expired after ${count(Math.max(1, Math.round((r.until_us - r.began_us) / DAY_US)), 'day')}` : r.removed_reason;
}

/** What there is and was of a board, newest first: the place to look for a certificate. */
export function BoardRecordings({ board }: { board: string }) {
  const list = useLoad<Recordings>(`/api/boards/${board}/recordings`).data?.recordings;
  if (!list) return null;
  if (list.length === 0) return <p class="note">Nothing was recorded so far.</p>;
  return (
    <ul class="lines">
      {list.map((r) => (
        <li key={r.recording}>
          <span>{r.name}<br /><span class="note">{longDate(r.began_us)}, {clock(r.began_us)}{r.state === 'removed' ? `. Removed ${longDate(r.removed_us)} by ${removedBy(r)}: ${removedWhy(r)}` : r.state === 'ended' ? `, ${position(r.duration_ms)}. Removed by itself after ${longDate(r.until_us)}` : `: ${stateWords(r)}`}</span></span>
          {(r.state === 'ended' || r.state === 'removed') && <Go small href={`/recordings/${r.recording}`} aria-label={`${r.state === 'ended' ? 'Listen to' : 'Certificate of'} ${r.name}, ${longDate(r.began_us)}`}>{r.state === 'ended' ? 'Listen' : 'Certificate'}</Go>}
        </li>
      ))}
    </ul>
  );
}

export function RecordingList({ of }: { of: string }) {
  const list = useLoad<Recordings>(`/api/cases/${of}/recordings`).data?.recordings ?? [];
  if (list.length === 0) return null;
  return (
    <section aria-labelledby="recordings">
      <div class="head"><h2 id="recordings">Recordings</h2></div>
      <ul class="lines">
        {list.map((r) => (
          <li key={r.recording}>
            <span>{longDate(r.began_us)}, {clock(r.began_us)}{r.state === 'ended' && `, ${position(r.duration_ms)}`}<br /><span class="note">{r.board_name}</span></span>
            {r.state === 'begun' ? <State tone="info">{stateWords(r)}</State> : <Go small href={`/recordings/${r.recording}`}>{r.state === 'ended' ? 'Listen' : `Show, ${stateWords(r)}`}</Go>}
          </li>
        ))}
      </ul>
    </section>
  );
}
