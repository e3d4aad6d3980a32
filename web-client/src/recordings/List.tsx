/** The recordings of a case, on its record. Nothing where there is none, or where they are not shared. */
import type { RecordingCard, Recordings } from '../protocol/generated/protocol';
import { Go, State } from '../ui/controls';
import { useLoad } from '../ui/load';
import { clock, longDate } from '../ui/time';
import { position } from './timeline';

export function stateWords(r: Pick<RecordingCard, 'state' | 'removed_why' | 'removed_us'>): string {
  switch (r.state) {
    case 'begun': return 'being recorded';
    case 'lost': return 'nothing of it can be played';
    case 'removed': return `removed ${longDate(r.removed_us)}`;
    case 'ended': return '';
  }
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
