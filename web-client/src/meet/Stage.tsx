/** The picture: it has the room. Labels, pointer and one bar, nothing else floats over it. */
import { ChevronLeft, ChevronRight, Eye, EyeOff, GitFork, LayoutPanelLeft, Maximize, Minimize, Move, Presentation, TriangleAlert, Undo2, ZoomIn, ZoomOut } from 'lucide-preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { runningItem } from '../state/agenda';
import { pages } from '../state/picture';
import { address, day, shortName } from '../state/words';
import { Icon, State } from '../ui/controls';
import { qualityWord } from '../viewer/quality';
import { wholePage } from '../viewer/geometry';
import { tileUrl } from '../viewer/tiles';
import { useRoom } from './context';
import { TextLayer } from './TextLayer';
import { Stagehand, onScreen } from './stagehand';

export function useStagehand(): Stagehand {
  const room = useRoom();
  return useMemo(() => new Stagehand(room), [room]);
}

function Pointer({ hand }: { hand: Stagehand }) {
  const room = useRoom();
  hand.drawn.value; // wakes this when the picture moves
  const p = room.pointer.value;
  const at = p && hand.viewer?.pixel(p.x, p.y);
  if (!p || !at || !onScreen(room)) return null;
  const name = shortName(room.state.value.seats.bySeat[p.seat]?.name ?? '');
  return <span class="pointer" style={`left:${at.x}px;top:${at.y}px`}><span>{name}{p.seat === room.you.value?.seat && ', you'}</span></span>;
}

/**
 * Above the picture, never over it: what it is, how sharp it is, and whose it is. Name, birth date and
 * local number stand beside every picture (decision 23).
 */
function Labels({ hand }: { hand: Stagehand }) {
  const room = useRoom();
  const at = onScreen(room);
  const item = runningItem(room.state.value.agenda);
  if (!at || !item) return null;
  return (
    <figcaption class="caption">
      <span><b>{at.document.title}</b>, page {at.n} of {at.document.pages.length}
        {' · '}{hand.failed.value > 0 ? <State tone="stop" icon={TriangleAlert}>Part of this picture did not load</State> : qualityWord(room.quality.value)}
        {at.document.kind === 'image' && ' · not for measuring'}{at.document.state === 'partly' && ` · ${at.document.message}`}</span>
      <span><b>{item.name}</b>, born {day(item.birth_date)} · {item.local_id}</span>
    </figcaption>
  );
}

/** No picture: title, question and stage in serif; never an empty pane. */
function NoPicture() {
  const room = useRoom();
  const s = room.state.value;
  const item = runningItem(s.agenda);
  const at = onScreen(room);
  if (at && room.quality.value !== 'none') return null;
  if (!item) {
    const more = s.agenda.items.some((i) => i.state === 'planned');
    return (
      <div class="nopicture">
        <h2 class="signed">{s.meeting.boardName}</h2>
        <p class="signed">{!s.meeting.openedUs ? 'The room is not open yet.' : more ? 'No case runs at the moment.' : 'All cases of this meeting were heard.'}</p>
      </div>
    );
  }
  return (
    <div class="nopicture">
      <h2 class="signed">{item.name}, born {day(item.birth_date)}</h2>
      <p class="signed">{item.question}</p>
      <p class="signed">{item.stage && `${item.stage}. `}{item.diagnosis}</p>
      <p class="note">{item.local_id}{!at && s.picture.last ? ' · The picture is hidden' : at ? ` · Loading ${at.document.title}, page ${at.n}` : s.picture.documents.length === 0 ? ' · No pictures were prepared for this case' : ' · Nothing is shown yet'}</p>
    </div>
  );
}

/** Overview with the shown part, only while a part is shown. */
function Map({ hand }: { hand: Stagehand }) {
  const room = useRoom();
  hand.drawn.value;
  const at = onScreen(room);
  const v = hand.viewer?.region();
  if (!at || !v || room.quality.value === 'none') return null;
  const whole = wholePage(at.page);
  if (v.w > whole.w * 0.85 && v.h > whole.h * 0.85) return null;
  const pc = (n: number, of: number): string => `${((n / of) * 100).toFixed(2)}%`;
  return (
    <div class="map" aria-hidden="true">
      <img src={tileUrl(at.document.document, at.page, 0, 0, 0)} alt="" />
      <span class="view" style={`left:${pc(v.x, whole.w)};top:${pc(v.y, whole.h)};width:${pc(v.w, whole.w)};height:${pc(v.h, whole.h)}`} />
    </div>
  );
}

export interface StageProps {
  hand: Stagehand;
  wide: boolean;
  setWide?: (on: boolean) => void;
  pagesOpen?: boolean;
  setPages?: (on: boolean) => void;
  phone?: boolean;
}

function FollowBar({ hand, wide, setWide, phone }: StageProps) {
  const room = useRoom();
  const who = address(room.state.value.seats.bySeat[room.presenter.value]?.name ?? '');
  const alone = room.alone.value;
  return (
    <div class="stagebar" role="group" aria-label="Your view">
      {alone
        ? <span class="say apart"><Icon of={GitFork} /> {room.called.value ? `${room.called.value} calls you back` : phone ? 'Alone' : 'You look around alone'}</span>
        : <span class="say"><Icon of={Eye} /> {phone ? 'Following' : who ? `You follow ${who}` : 'You follow'}</span>}
      {alone
        ? <button type="button" class="btn small" onClick={() => hand.lookAround(false)}><Icon of={Undo2} /> Return <span class="keys">F</span></button>
        : <button type="button" class="btn small" onClick={() => { hand.lookAround(true); if (phone) hand.viewer?.zoom(1.6); }}><Icon of={phone ? ZoomIn : Move} /> {phone ? 'Zoom for me' : <>Look around <span class="keys">F</span></>}</button>}
      {alone && <ZoomButtons hand={hand} />}
      {setWide && !alone && <button type="button" class="btn small" aria-pressed={wide} onClick={() => setWide(!wide)}><Icon of={wide ? Minimize : Maximize} /> {wide ? 'Show plan' : 'Picture only'}</button>}
      {room.isChair.value && !alone && !phone && <button type="button" class="btn small" onClick={() => hand.hide(true)}><Icon of={EyeOff} /> Hide picture</button>}
    </div>
  );
}

function ZoomButtons({ hand }: { hand: Stagehand }) {
  return (
    <>
      <button type="button" class="btn small" onClick={() => hand.viewer?.zoom(1.5)}><Icon of={ZoomIn} /> Closer</button>
      <button type="button" class="btn small" onClick={() => hand.viewer?.zoom(1 / 1.5)}><Icon of={ZoomOut} /> Wider</button>
    </>
  );
}

function PresentBar({ hand, wide, setWide, pagesOpen, setPages }: StageProps) {
  const room = useRoom();
  const all = pages(room.state.value.picture);
  const shown = room.state.value.picture.shown;
  const alone = room.followers.value?.alone ?? 0;
  const n = shown ? all.findIndex((p) => p.document.document === shown.document && p.page === shown.page) + 1 : 0;
  return (
    <div class="stagebar" role="group" aria-label="You present">
      <button type="button" class="btn small" disabled={n <= 1} onClick={() => hand.step(-1)}><Icon of={ChevronLeft} /> Back</button>
      <span class="say"><Icon of={Presentation} /> {n ? `You present ${n} of ${all.length}` : 'You present'}</span>
      <button type="button" class="btn small" disabled={n >= all.length} onClick={() => hand.step(1)}>Next <Icon of={ChevronRight} /></button>
      <ZoomButtons hand={hand} />
      <button type="button" class="btn small" onClick={() => hand.viewer?.whole()}><Icon of={Maximize} /> Whole <span class="keys">0</span></button>
      {setPages && <button type="button" class="btn small" aria-pressed={pagesOpen} onClick={() => setPages(!pagesOpen)}><Icon of={LayoutPanelLeft} /> Pages</button>}
      {setPages && <button type="button" class="btn small" onClick={() => hand.hide(shown !== null)}><Icon of={shown ? EyeOff : Eye} /> {shown ? 'Hide' : 'Show again'}</button>}
      {setPages && alone > 0 && <button type="button" class="btn small" onClick={() => void room.press('followers.call', {})}><Icon of={Undo2} /> Call {alone} back <span class="keys">B</span></button>}
      {setWide && wide && <button type="button" class="btn small" aria-pressed={wide} onClick={() => setWide(!wide)}><Icon of={Minimize} /> Show plan</button>}
    </div>
  );
}

export function Stage(p: StageProps) {
  const room = useRoom();
  const box = useRef<HTMLDivElement>(null);
  const { hand } = p;
  useEffect(() => {
    if (box.current) hand.mount(box.current);
    return () => hand.unmount();
  }, [hand]);
  const at = onScreen(room);
  const name = at ? `${at.document.title}, page ${at.n} of ${at.document.pages.length}` : 'No picture';
  const point = (e: PointerEvent): void => {
    const r = box.current?.getBoundingClientRect();
    if (r) hand.pointAt(e.clientX - r.left, e.clientY - r.top);
  };
  return (
    <section class={`stage${room.alone.value ? ' alone' : ''}`} aria-labelledby="stage-h">
      <h2 class="hide" id="stage-h">Shared picture</h2>
      <figure class="frame">
        <Labels hand={hand} />
        <div class="pane">
        <div ref={box} class="osd" role="img" aria-label={name} onPointerMove={point} onPointerLeave={() => hand.pointAway()} />
        <NoPicture />
        <Pointer hand={hand} />
        <Map hand={hand} />
        </div>
        {at && <TextLayer document={at.document.document} page={at.n} kind={at.document.kind} />}
      </figure>
      {(at || (room.presents.value && room.state.value.picture.last)) && (room.presents.value ? <PresentBar {...p} /> : <FollowBar {...p} />)}
    </section>
  );
}
