/** The meeting room, one page for all roles. Mounted at /meet/:meeting as a chunk of its own. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { lazy } from '../app/lazy';
import { runningItem } from '../state/agenda';
import { pages } from '../state/picture';
import { Announce } from './Announce';
import { Bar } from './Bar';
import { Bench, Hands, LinePeople } from './Bench';
import { RoomProvider, useMedia, useRoom } from './context';
import { Room as Control, toChair } from './control';
import type { Ask } from './dialogs';
import { expose } from './hook';
import { useKeys } from './keys';
import { OwnBar } from './OwnBar';
import { readBack } from './startReadBack';
import { prefs } from './prefs';
import { Ruler } from './Ruler';
import { Stage, useStagehand } from './Stage';
import type { Stagehand } from './stagehand';
import { Connecting, Elsewhere, Ended, Lines, Waiting } from './States';
import './room.css';

// What is not needed to hear is fetched after sound; `useLater` brings it before it is asked for.
const loadDialogs = () => import('./dialogs');
const loadReadBack = () => import('./ReadBack');
const loadPresent = () => import('./Present');
const Asked = lazy<{ ask: Ask; done: () => void; left: () => void }>(loadDialogs);
const ReadBack = lazy<{ ask: (a: Ask) => void }>(loadReadBack);
// The plan comes with the pictures, once sound is there: 8 kB less before the first voice.
const PlanPanel = lazy<{ ask: (a: Ask) => void }>(() => import('./PlanPanel').then((m) => ({ default: m.PlanPanel })));
const Side = lazy<object>(() => loadPresent().then((m) => ({ default: m.Side })));
const Strip = lazy<{ flow?: boolean }>(() => loadPresent().then((m) => ({ default: m.Strip })));
const Phone = lazy<Parts>(() => import('./Phone'));

function useLater(): void {
  const room = useRoom();
  const ready = room.pictures.value;
  useEffect(() => {
    if (ready) void import('../state/labels').then((m) => (room.say.sentence = m.fieldSentence));
    if (ready) void Promise.allSettled([loadDialogs(), loadReadBack(), loadPresent()]);
  }, [ready]);
}

interface Parts {
  hand: Stagehand;
  ask: (a: Ask) => void;
  leave: () => void;
}

function useRoomKeys({ hand, ask }: Parts, showPlan: () => void): void {
  const room = useRoom();
  const s = room.state.value;
  const chair = room.isChair.value;
  const leads = room.runs.value;
  const presents = room.presents.value;
  const list = pages(s.picture);
  const first = s.seats.hands[0];
  const digit = (n: number) => () => {
    const p = list[n - 1];
    if (p) void room.press('page.show', { document: p.document.document, page: p.page });
  };
  const you = room.you.value?.seat;
  const handUp = s.seats.hands.some((h) => h.seat === you);
  useKeys({
    m: () => void room.mic.setOn(!room.facts.value.wanted),
    h: () => void room.press(handUp ? 'hand.lower' : 'hand.raise', {}),
    f: () => hand.lookAround(!room.alone.value),
    p: showPlan, a: () => ask({ is: 'who' }), '?': () => ask({ is: 'keys' }),
    Escape: room.alone.value ? () => hand.lookAround(false) : undefined,
    r: chair && s.plan.plan && !s.plan.signed ? () => void readBack(room) : undefined,
    n: leads ? () => ask({ is: 'next' }) : undefined,
    g: leads && first ? () => void room.press('floor.give', { seat: first.seat }) : undefined,
    '+': leads && s.agenda.running ? () => void room.press('item.extend', { minutes: 2 }) : undefined,
    ArrowLeft: presents ? () => hand.step(-1) : room.alone.value ? () => hand.viewer?.pan(-0.2, 0) : undefined,
    ArrowRight: presents ? () => hand.step(1) : room.alone.value ? () => hand.viewer?.pan(0.2, 0) : undefined,
    ArrowUp: room.alone.value ? () => hand.viewer?.pan(0, -0.2) : undefined,
    ArrowDown: room.alone.value ? () => hand.viewer?.pan(0, 0.2) : undefined,
    d: presents && !chair ? () => void room.press('presenter.pass', { seat: toChair }) : undefined,
    b: presents && s.picture.shown ? () => void room.press('followers.call', {}) : undefined,
    '0': presents || room.alone.value ? () => hand.viewer?.whole() : undefined,
    ...(presents ? Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [String(n), digit(n)])) : {}),
  }, (on) => void room.mic.setOn(on));
}

function Wide({ hand, ask, leave }: Parts) {
  const room = useRoom();
  const [wide, setWide] = useState(false);
  const [pagesOpen, setPages] = useState(true);
  const ready = room.pictures.value;
  const presents = room.presents.value && runningItem(room.state.value.agenda) !== undefined;
  const show = presents && !room.isChair.value && room.you.value?.role !== 'scribe';
  const [planInstead, setPlan] = useState(false);
  useRoomKeys({ hand, ask, leave }, () => {
    if (show) setPlan(!planInstead);
    setWide(false);
    requestAnimationFrame(() => document.getElementById('plan-h')?.focus());
  });
  return (
    <main id="main" class={`room${show ? ' show' : ''}${wide ? ' picture-only' : ''}${room.lostUs.value ? ' greyed' : ''}`}>
      <div class="top-lines"><Bar leave={leave} /><Lines /></div>
      <OwnBar ask={ask} hide={(on) => hand.hide(on)} />
      <Ruler />
      {show && ready && <Strip />}
      <div class="middle">
        <Stage hand={hand} wide={wide} setWide={setWide} pagesOpen={pagesOpen} {...(presents && !show ? { setPages } : {})} />
        {ready && presents && !show && pagesOpen && <Strip flow />}
      </div>
      <section class="people" aria-labelledby="people-h">
        <h2 class="hide" id="people-h">People by specialty</h2>
        {show ? <LinePeople /> : <><Bench who={() => ask({ is: 'who' })} /><Hands /></>}
      </section>
      {show && ready && !planInstead ? <Side /> : <div class="planslot">{ready && <PlanPanel ask={ask} />}</div>}
    </main>
  );
}

function Inside() {
  const room = useRoom();
  const [, go] = useLocation();
  const hand = useStagehand();
  const [asked, setAsked] = useState<Ask | null>(null);
  useLater();
  const phone = useMedia('(max-width: 40rem)');
  const title = room.state.value.meeting.boardName;
  const item = runningItem(room.state.value.agenda);
  const n = room.state.value.agenda.items.findIndex((i) => i === item) + 1;
  useEffect(() => {
    document.title = `${title || 'Meeting'}${n ? `, item ${n}` : ''} · Consilium`; // a number, never a name: titles end up in histories
  }, [title, n]);
  const parts: Parts = { hand, ask: setAsked, leave: () => setAsked({ is: 'leave' }) };
  const back = room.state.value.readback.text !== null;
  return (
    <>
      {back ? <main id="main"><Lines /><ReadBack ask={setAsked} /></main> : phone ? <Phone {...parts} /> : <Wide {...parts} />}
      {!asked && room.untoldOf.value && !room.later.value && <Asked ask={TOLD} done={() => (room.later.value = true)} left={() => undefined} />}
      {asked && <Asked key={asked.is} ask={asked} done={() => setAsked(null)} left={() => go('/today')} />}
    </>
  );
}

const TOLD: Ask = { is: 'told' };

function Screen() {
  const room = useRoom();
  switch (room.phase.value) {
    case 'connecting': return <Connecting />;
    case 'waiting': return <Waiting />;
    case 'elsewhere': return <Elsewhere />;
    case 'in': return <Inside />;
    case 'taken':
    case 'ended':
    case 'signed_out':
    case 'refused': return <Ended />;
  }
}

/** The room starts in the reading theme; the page gets its own theme back when it is left. */
function useTheme(): void {
  const theme = prefs.value.theme;
  useEffect(() => {
    const root = document.documentElement;
    const was = root.dataset.theme;
    if (theme === 'reading') root.dataset.theme = 'reading';
    else delete root.dataset.theme;
    return () => {
      if (was) root.dataset.theme = was;
      else delete root.dataset.theme;
    };
  }, [theme]);
}

export default function Room({ meeting }: { meeting: string }) {
  const room = useMemo(() => new Control(meeting), [meeting]);
  useTheme();
  useEffect(() => expose(room), [room]);
  useEffect(() => () => room.close(), [room]);
  useEffect(() => {
    const again = (e: KeyboardEvent): void => {
      if (e.altKey && e.key === '1') room.say.again();
    };
    addEventListener('keydown', again);
    return () => removeEventListener('keydown', again);
  }, [room]);
  return (
    <RoomProvider value={room}>
      <Screen />
      <Announce />
    </RoomProvider>
  );
}
