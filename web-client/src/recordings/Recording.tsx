/** What a board said, with the page that stood, who speaks, and places to jump to. */
import './recordings.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../app/page';
import type { RecordingFull } from '../protocol/generated/protocol';
import { Go } from '../ui/controls';
import { Shown, useLoad } from '../ui/load';
import { clock, longDate } from '../ui/time';
import { Film } from './Film';
import { Certificate, Keeping } from './Keeping';
import { stateWords } from './List';
import { type Mark, parseMarks } from './marks';
import { Picture } from './Picture';
import { type Jump, type Kind, jumps, pageFrom, pointing, position, seen, skipTo, speakers, speaking, standing } from './timeline';

function Places({ of, nowMs, go }: { of: RecordingFull; nowMs: number; go: (j: Jump) => void }) {
  const [which, setWhich] = useState<Kind>('all');
  const list = jumps(of, which);
  const current = list.filter((j) => j.atMs <= nowMs).at(-1);
  return (
    <section aria-labelledby="places">
      <div class="head"><h2 id="places">Jump to</h2></div>
      <div class="field gap-3"><label for="which">Show</label>
        <select id="which" value={which} onChange={(e) => setWhich(e.currentTarget.value as Kind)}>
          <option value="all">everything</option><option value="page">pages that were shown</option><option value="decision">the decision</option>
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

/** Without them the sound and the pages are there all the same. */
function useMarks(id: string): Mark[] {
  const [marks, setMarks] = useState<Mark[]>([]);
  useEffect(() => {
    void fetch(`/api/recordings/${id}/marks`).then(async (r) => r.ok && setMarks(parseMarks(await r.arrayBuffer()))).catch(() => undefined);
  }, [id]);
  return marks;
}

function Player({ of, again }: { of: RecordingFull; again: () => Promise<void> }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [nowMs, setNow] = useState(0);
  const marks = useMarks(of.recording);
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
  useEffect(() => { // the pointer moves ten times a second; the browser tells of the time four times
    const timer = setInterval(() => audio.current?.paused === false && moved(), 100);
    return () => clearInterval(timer);
  }, []);
  const to = (ms: number): void => {
    const it = audio.current;
    if (it) it.currentTime = Math.max(0, ms) / 1000;
    setNow(ms);
  };
  /** Single keys act where the picture has the focus, and nowhere else. */
  const keys = (e: KeyboardEvent): void => {
    const it = audio.current;
    if (!it || e.ctrlKey || e.metaKey || e.altKey) return;
    const page = e.key === 'ArrowLeft' || e.key === 'ArrowRight' ? pageFrom(of, it.currentTime * 1000, e.key === 'ArrowLeft' ? -1 : 1) : undefined;
    if (e.key === ' ') void (it.paused ? it.play() : it.pause());
    else if (e.key === 'j' || e.key === 'l') to(it.currentTime * 1000 + (e.key === 'l' ? 10_000 : -10_000));
    else if (page !== undefined) to(page);
    else return;
    e.preventDefault();
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
          <div class="wall" tabIndex={0} role="group" aria-label="What was seen" aria-describedby="played-keys" onKeyDown={keys}>{at ? <Picture at={at} view={seen(of, marks, nowMs)} pointer={pointing(of, marks, nowMs)} /> : <p>No page was shown at this place.</p>}</div>
          <figcaption>{at ? <><b>{at.title}</b>, page {at.number}</> : 'No page'} · not for measuring <span class="note" id="played-keys">Keys on the picture: Space plays, Left and Right change the page, J and L move 10 s.</span></figcaption>
        </figure>
        <audio ref={audio} controls preload="metadata" src={`/api/recordings/${of.recording}/sound`} aria-label="Sound of the recording" onTimeUpdate={moved} onSeeking={moved} onError={() => setLost(true)} />
        {lost && <p role="alert">The sound did not load. Load the page again.</p>}
        <p class="speaks">{who.length ? <><b>{who.join(' and ')}</b> {who.length > 1 ? 'speak' : 'speaks'}</> : 'Nobody speaks'} · <span class="num">{position(nowMs)} of {position(of.duration_ms)}</span></p>
        {of.was_cut && <p class="note">The server ended while this was recorded; at most its last second is missing.</p>}
      </div>
      <div class="stack">
        <Places of={of} nowMs={nowMs} go={go} />
        {of.may_film && <Film of={of} />}
        <Keeping of={of} again={again} />
      </div>
    </div>
  );
}

/** The other cases of the same meeting that this person may hear. */
function Near({ of }: { of: RecordingFull }) {
  const [before] = of.before;
  const [after] = of.after;
  if (!before && !after) return null;
  return (
    <nav class="acts near" aria-label="Other cases of this meeting">
      {before && <Go small href={`/recordings/${before.recording}`}>Case before: {before.name}</Go>}
      {after && <Go small href={`/recordings/${after.recording}`}>Next case: {after.name}</Go>}
    </nav>
  );
}

function One({ of, again }: { of: RecordingFull; again: () => Promise<void> }) {
  usePage('Recording');
  return (
    <>
      <div class="lead">
        <div>
          <h1>Recording, {longDate(of.began_us)}</h1>
          <p><b>{of.name}</b>. {of.board_name}, from {clock(of.began_us)}. That you listen is logged.</p>
        </div>
        <div class="acts"><Go plain href={`/cases/${of.case}`}>Open the record of the case</Go></div>
      </div>
      <Near of={of} />
      {of.state === 'ended' ? <Player of={of} again={again} /> : of.state === 'removed' ? <Certificate of={of} /> : <p>This is {stateWords(of)}.</p>}
    </>
  );
}

export default function Recording({ id }: { id: string }) {
  const loaded = useLoad<RecordingFull>(`/api/recordings/${id}`);
  return <Shown of={loaded} what="recording">{(of) => <One of={of} again={loaded.again} />}</Shown>;
}
