/** What a board said, with the page that stood, who speaks, and places to jump to. */
import './recordings.css';
import { useRef, useState } from 'preact/hooks';
import { usePage } from '../app/page';
import type { RecordingFull, RecordingMoment } from '../protocol/generated/protocol';
import { Go } from '../ui/controls';
import { Shown, useLoad } from '../ui/load';
import { clock, longDate } from '../ui/time';
import { fittingLevel, levelSize, tileCount, tileUrl } from '../viewer/tiles';
import { Certificate, Keeping } from './Keeping';
import { stateWords } from './List';
import { type Jump, jumps, position, skipTo, speakers, speaking, standing } from './timeline';

const PANE = { width: 1000, height: 800 }; // CSS pixels that a page fills at most

/** The tiles of the page that was shown, by the digest of then. */
function Page({ at }: { at: RecordingMoment }) {
  if (!at.page || !at.document) return null;
  const z = fittingLevel(at.page, PANE);
  const size = levelSize(at.page, z);
  const n = tileCount(at.page, z);
  const pc = (part: number, of: number): string => `${((part / of) * 100).toFixed(3)}%`;
  const tiles = [];
  for (let y = 0; y < n.y; y++)
    for (let x = 0; x < n.x; x++)
      tiles.push(<img key={`${x}_${y}`} src={tileUrl(at.document, at.page, z, x, y)} alt="" style={`left:${pc(x * 512, size.width)};top:${pc(y * 512, size.height)};width:${pc(Math.min(512, size.width - x * 512), size.width)}`} />);
  return <div class="tiled" role="img" aria-label={`${at.title}, page ${at.number}`} style={`aspect-ratio:${size.width}/${size.height};width:min(100%,${(70 * size.width / size.height).toFixed(2)}vh)`}>{tiles}</div>;
}

function Places({ of, nowMs, go }: { of: RecordingFull; nowMs: number; go: (j: Jump) => void }) {
  const [which, setWhich] = useState<Parameters<typeof jumps>[1]>('all');
  const list = jumps(of, which);
  const current = list.filter((j) => j.atMs <= nowMs).at(-1);
  return (
    <section aria-labelledby="places">
      <div class="head"><h2 id="places">Jump to</h2></div>
      <div class="field"><label for="which">Show</label>
        <select id="which" value={which} onChange={(e) => setWhich(e.currentTarget.value as typeof which)}>
          <option value="all">everything</option><option value="page">pages that were shown</option><option value="signed">the decision</option>
          {speakers(of).map((name) => <option key={name} value={`by ${name}`}>{name}</option>)}
        </select></div>
      <ol class="places" tabIndex={0} aria-label="Places in the recording">
        {list.map((j, i) => (
          <li key={`${j.atMs}.${i}`}><button type="button" class="btn small plain" aria-current={j === current ? 'true' : undefined} onClick={() => go(j)}><span class="num">{position(j.atMs)}</span> {j.words}</button></li>
        ))}
      </ol>
      {list.length === 0 && <p class="note">Nothing of this kind.</p>}
    </section>
  );
}

function Player({ of, again }: { of: RecordingFull; again: () => Promise<void> }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [nowMs, setNow] = useState(0);
  const [lost, setLost] = useState(false);
  const at = standing(of, nowMs);
  const who = speaking(of, nowMs);
  const moved = (): void => {
    const it = audio.current;
    if (!it) return;
    const ms = it.currentTime * 1000;
    const skip = skipTo(of, ms);
    if (skip) it.currentTime = skip / 1000; // what was off the record is silence
    setNow(skip || ms);
  };
  const go = (j: Jump): void => {
    const it = audio.current;
    if (!it) return;
    it.currentTime = j.atMs / 1000;
    setNow(j.atMs);
    void it.play().catch(() => undefined); // the browser's own control stays
  };
  return (
    <div class="record">
      <div class="stack">
        <figure class="played">
          <div class="wall">{at ? <Page at={at} /> : <p>No page was shown at this place.</p>}</div>
          <figcaption>{at ? <><b>{at.title}</b>, page {at.number}</> : 'No page'} · not for measuring</figcaption>
        </figure>
        <audio ref={audio} controls preload="metadata" src={`/api/recordings/${of.recording}/sound`} aria-label="Sound of the recording" onTimeUpdate={moved} onSeeking={moved} onError={() => setLost(true)} />
        {lost && <p role="alert">The sound did not load. Load the page again.</p>}
        <p class="speaks">{who.length ? <><b>{who.join(' and ')}</b> {who.length > 1 ? 'speak' : 'speaks'}</> : 'Nobody speaks'} · <span class="num">{position(nowMs)} of {position(of.duration_ms)}</span></p>
        {of.was_cut && <p class="note">The server ended while this was recorded; at most its last second is missing.</p>}
      </div>
      <div class="stack">
        <Places of={of} nowMs={nowMs} go={go} />
        <Keeping of={of} again={again} />
      </div>
    </div>
  );
}

function One({ of, again }: { of: RecordingFull; again: () => Promise<void> }) {
  usePage('Recording');
  return (
    <>
      <div class="lead">
        <div>
          <h1>Recording, {longDate(of.began_us)}</h1>
          <p>{of.board_name}, from {clock(of.began_us)}. That you listen is logged.</p>
        </div>
        <div class="acts"><Go plain href={`/cases/${of.case}`}>Open the record of the case</Go></div>
      </div>
      {of.state === 'ended' ? <Player of={of} again={again} /> : of.state === 'removed' ? <Certificate of={of} /> : <p>This is {stateWords(of)}.</p>}
    </>
  );
}

export default function Recording({ id }: { id: string }) {
  const loaded = useLoad<RecordingFull>(`/api/recordings/${id}`);
  return <Shown of={loaded} what="recording">{(of) => <One of={of} again={loaded.again} />}</Shown>;
}
