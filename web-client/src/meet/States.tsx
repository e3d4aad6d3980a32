/** Everything that is not the room itself: waiting, elsewhere, ended, refused; and the lines under the bar. */
import { BookOpenText, CircleCheck, Gavel, Headphones, RefreshCw, TriangleAlert, Unplug, Volume2, VolumeX } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { address, clock, nth } from '../state/words';
import { Btn, Icon } from '../ui/controls';
import { Banner } from '../ui/notices';
import { Mark } from './Bar';
import { useRoom } from './context';

export function Page({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Consilium`;
  }, [title]);
  return (
    <main class="roompage" id="main">
      <Mark />
      <div class="blank">
        <h1 tabIndex={-1}>{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** A guest outside the own items: nothing of the meeting is here, and the page says when to expect it. */
export function Waiting() {
  const room = useRoom();
  const w = room.waiting.value;
  const soon = w !== null && w.opened && w.minutes >= 0 && w.minutes <= 1;
  useEffect(() => {
    if (soon) navigator.vibrate?.(400); // a phone in a coat pocket
  }, [soon]);
  if (!w) return null;
  if (w.over) return <Page title="Your case is over"><p>You can open its plan from your page.</p><Link class="btn main" href="/today">Your cases</Link></Page>;
  const title = !w.opened ? `${w.board_name} is not open yet` : w.position <= 1 ? 'Your case is next' : `${w.position} cases before yours`;
  return (
    <Page title={title}>
      <p>{w.name}, {w.board_name}</p>
      <p role="status">{!w.opened ? 'The page waits and goes on by itself when the chair opens the room.' : w.minutes < 0 ? 'The time is not known yet.' : w.minutes === 0 ? 'Any moment now.' : `About ${w.minutes} min.`}</p>
      <p class="note">You hear and see only your own case. The page goes on by itself; leave it open.</p>
    </Page>
  );
}

export function Elsewhere() {
  const room = useRoom();
  return (
    <Page title="You are in this meeting on another device">
      <p>Take it over here? The other device stops sound and writing; hand, floor and place stay yours.</p>
      <div class="acts"><Btn main onClick={() => room.takeOver()}>Take over here</Btn><Link class="btn" href="/today">Stay on the other device</Link></div>
    </Page>
  );
}

export function Ended() {
  const room = useRoom();
  switch (room.phase.value) {
    case 'taken':
      return <Page title="The meeting went on to your other device"><p>Nothing was lost. This page is out of the meeting.</p><Btn onClick={() => location.reload()}>Bring it back here</Btn></Page>;
    case 'signed_out':
      return <Page title="You were signed out"><p>What you typed is kept in this tab.</p><Link class="btn main" href={`/signin?then=${encodeURIComponent(location.pathname)}`}>Sign in</Link></Page>;
    case 'refused':
      return <Page title="You are not in this meeting"><p role="alert">{room.trouble.value}</p><Link class="btn main" href="/today">Your page</Link></Page>;
    default:
      return <Page title="The meeting is over"><p>{room.you.value?.role === 'guest' ? 'You can open the plan of your case from your page.' : 'Plans that were signed are in the records.'}</p><Link class="btn main" href="/today">Your page</Link></Page>;
  }
}

export function Connecting() {
  const room = useRoom();
  return (
    <Page title="Joining the meeting">
      <p role="status">{room.lostUs.value ? 'No connection yet. It is tried again by itself.' : 'Sound first, then the plan, then pictures.'}</p>
      {room.lostUs.value > 0 && <Btn onClick={() => room.retry()}>Try now</Btn>}
    </Page>
  );
}

function Lost() {
  const room = useRoom();
  const lost = room.lostUs.value;
  if (!lost) return null;
  const s = Math.max(0, Math.round((room.nowUs.value - lost) / 1e6));
  const you = room.you.value?.seat;
  const hand = room.state.value.seats.hands.findIndex((h) => h.seat === you);
  const items = room.state.value.agenda;
  const n = items.items.findIndex((i) => i.item === items.running) + 1;
  const kept = [hand >= 0 && `hand ${nth(hand + 1)}`, n > 0 && `case ${n}`].filter(Boolean).join(', ');
  const unsent = Object.values(room.edits.open.value).filter((e) => e.phase !== 'clean').length;
  if (s < 30)
    return <Banner tone="info"><Icon of={RefreshCw} /> <b>Coming back, {s} s.</b> You keep your place{kept && `: ${kept}`}. {unsent > 0 && `Kept on this device: ${unsent} ${unsent === 1 ? 'change' : 'changes'}.`}</Banner>;
  return (
    <Banner tone="stop" acts={<Btn small onClick={() => room.retry()}>Try now</Btn>}>
      <Icon of={Unplug} /> <b>No connection since {clock(lost)}.</b> Pictures and plan stay readable as they were. You can go on writing{unsent > 0 && `: ${unsent} ${unsent === 1 ? 'change is' : 'changes are'} kept on this device`}.
    </Banner>
  );
}

/** A loudspeaker in an open microphone: who has it is told, and so is who may mute. */
function Echo() {
  const room = useRoom();
  const sound = room.sound.value;
  if (sound?.echo) return <Banner tone="now"><Icon of={Volume2} /> <b>Your device returns the sound of the room.</b> Use headphones, or mute.</Banner>;
  const seat = room.runs.value && sound?.seats.find((x) => x.echo)?.seat;
  const name = seat && address(room.state.value.seats.bySeat[seat]?.name ?? '');
  if (!name) return null;
  return (
    <Banner tone="now" acts={<Btn small onClick={() => void room.press('seat.mute', { seat })}>Mute {name}</Btn>}>
      <Icon of={Volume2} /> <b>The device of {name} returns the sound of the room.</b> Ask for headphones, or mute.
    </Banner>
  );
}

function SoundLine() {
  const room = useRoom();
  const link = room.facts.value.link;
  if (room.heard.value.blocked)
    return <Banner tone="now" acts={<Btn main onClick={() => room.mic.playNow()}>Hear the room</Btn>}><Icon of={VolumeX} /> <b>The browser waits for one press</b> before it plays sound.</Banner>;
  if (link === 'no_way')
    return <Banner tone="now" acts={<Btn small onClick={() => room.mic.begin()}>Try sound again</Btn>}><Icon of={TriangleAlert} /> <b>No sound way through this network:</b> seeing and writing go on. {room.facts.value.noCodec ? 'This browser knows no other; a current Chrome, Edge, Firefox or Safari does.' : 'It is tried again by itself.'}</Banner>;
  if (link === 'refused' || link === 'full')
    return <Banner tone="now"><Icon of={Headphones} /> <b>{link === 'full' ? 'The sound of this room is full.' : 'Sound was refused by the server.'}</b> Seeing and writing go on.</Banner>;
  return <Echo />;
}

/**
 * What passes by itself or by a press. It lies on the ruler (on a phone: on the head) and moves nothing: a picture
 * that shrinks for it would settle another region for everybody, and a button would slide away under a press.
 */
function Passing() {
  const room = useRoom();
  if (room.lostUs.value) return <Lost />;
  const { offered } = room.state.value.meeting;
  if (offered && offered === room.you.value?.seat) {
    const from = address(room.state.value.seats.bySeat[room.chair.value]?.name ?? 'The chair');
    return (
      <Banner tone="now" acts={<><Btn main small onClick={() => void room.press('chair.take', {})}>Take the chair</Btn><Btn small onClick={() => void room.press('chair.decline', {})}>Not now</Btn></>}>
        <Icon of={Gavel} /> <b>{from} offers you the chair.</b> You would start cases, give the floor and sign with your own PIN.
      </Banner>
    );
  }
  if (room.restarting.value) return <Banner tone="info"><Icon of={RefreshCw} /> <b>The server starts anew.</b> You come back by yourself in a few seconds.</Banner>;
  if (room.trouble.value) return <Banner tone="now" acts={<Btn small onClick={() => (room.trouble.value = '')}>Close</Btn>}><Icon of={TriangleAlert} /> {room.trouble.value}</Banner>;
  if (room.back.value) return <Banner tone="info"><Icon of={CircleCheck} /> {room.back.value}</Banner>;
  return null;
}

/** One line under the bar for each trouble of the whole page; never a stack of floating notes. */
export function Lines() {
  const room = useRoom();
  const s = room.state.value;
  const closedBy = s.readback.endedBy;
  return (
    <div class="roomlines">
      <SoundLine />
      {room.notWritingUs.value > 0 && <Banner tone="stop"><Icon of={TriangleAlert} /> <b>Nothing is being written down since {clock(room.notWritingUs.value)}.</b> You hear each other; plan and signing wait.</Banner>}
      {closedBy && !s.readback.text && !s.plan.signed && s.readback.objections.length > 0 && (
        <Banner tone="info"><Icon of={BookOpenText} /> Back to discussion: {s.readback.objections.map((o) => `${o.name}: ${o.text || 'not ready'}`).join('; ')}</Banner>
      )}
      {!s.meeting.openedUs && <Banner tone="info"><Icon of={Headphones} /> The room is not open yet; it is planned for {clock(s.meeting.startsUs)}. You are early and already hear it.</Banner>}
      <div class="passing"><Passing /></div>
    </div>
  );
}
