/** The own microphone with its proof, the hand, and what the role may press. */
import { CircleDot, Eye, EyeOff, Gavel, Hand, Headphones, Mic, MicOff, ShieldX, SkipForward, SquareCheckBig, Timer, TriangleAlert, Undo2, Users, DoorClosed, CircleHelp, DoorOpen } from 'lucide-preact';
import { useRef } from 'preact/hooks';
import { nextItem } from '../state/agenda';
import { type OwnSound, soundWords } from '../state/own-sound';
import { present } from '../state/seats';
import { clock, nth } from '../state/words';
import { Icon } from '../ui/controls';
import { useRoom } from './context';
import { toChair } from './control';
import type { Ask } from './dialogs';

function look(o: OwnSound): { kind: string; icon: typeof Mic } {
  switch (o.is) {
    case 'on': return { kind: '', icon: Mic };
    case 'opening': return { kind: 'wait', icon: Mic };
    case 'muted':
    case 'muted_by': return { kind: 'off', icon: MicOff };
    case 'talking_muted': return { kind: 'off loud', icon: MicOff };
    case 'not_heard': return { kind: 'off solid', icon: TriangleAlert };
    case 'blocked': return { kind: 'off solid', icon: ShieldX };
    case 'listening': return { kind: 'listen', icon: Headphones };
  }
}

/** Press: on or off. Hold with a finger: on while held. */
export function MicButton({ ask, touch }: { ask: (a: Ask) => void; touch?: boolean }) {
  const room = useRoom();
  const o = room.own.value;
  const w = soundWords(o, clock);
  const hold = useRef({ timer: 0, held: false });
  const on = room.facts.value.wanted;
  const press = (): void => {
    if (hold.current.held) {
      hold.current.held = false;
      return;
    }
    if (o.is === 'blocked') ask({ is: 'switch' });
    else if (o.is === 'not_heard' && o.why === 'silent') ask({ is: 'microphone' });
    else if (o.is === 'listening' && o.why === 'observer') ask({ is: 'keys' });
    else void room.mic.setOn(!on);
  };
  const down = (): void => {
    if (!touch || on || !room.facts.value.mayTalk) return;
    hold.current.timer = window.setTimeout(() => {
      hold.current.held = true;
      void room.mic.setOn(true);
    }, 350);
  };
  const up = (): void => {
    clearTimeout(hold.current.timer);
    if (hold.current.held) void room.mic.setOn(false);
  };
  const { kind, icon } = look(o);
  const hint = touch && (o.is === 'muted' || o.is === 'muted_by') ? 'Tap to speak, or hold' : touch ? w.hint.replace(/ ?Click or press M| ?M to mute/, ' Tap to mute').replace('Tap to mute to mute', 'Tap to mute') : w.hint;
  return (
    <button type="button" class={`micbtn ${kind}`} aria-pressed={on} onClick={press} onPointerDown={down} onPointerUp={up} onPointerCancel={up}>
      <Icon of={icon} />
      <span>{w.title}<small>{hint.trim()}</small></span>
    </button>
  );
}

const HEIGHTS = [30, 45, 60, 75, 90, 100];

export function Levels() {
  const n = useRoom().bars.value;
  const word = n === 0 ? 'no sound' : n < 3 ? 'quiet' : 'good';
  return (
    <div class="levels" role="img" aria-label={`Your level: ${word}`}>
      {HEIGHTS.map((h, i) => <i key={h} class={i < n ? 'on' : ''} style={i < n ? `height:${h}%` : ''} />)}
    </div>
  );
}

export function HandButton({ short }: { short?: boolean }) {
  const room = useRoom();
  const you = room.you.value?.seat;
  const at = room.state.value.seats.hands.findIndex((h) => h.seat === you);
  const up = at >= 0;
  return (
    <button type="button" class="btn" aria-pressed={up} onClick={() => void room.press(up ? 'hand.lower' : 'hand.raise', {})}>
      <Icon of={Hand} /> {up ? `Hand up, ${nth(at + 1)}` : short ? 'Hand' : 'Raise hand'} {!short && <span class="keys">H</span>}
    </button>
  );
}

function here(room: ReturnType<typeof useRoom>): string {
  const s = room.state.value;
  const now = present(s.seats).filter((x) => x.presence === 'here').length;
  const all = new Set([...s.meeting.members.map((m) => m.person), ...Object.values(s.seats.bySeat).map((x) => x.person)]).size;
  const bad = room.sound.value?.seats.filter((x) => x.link === 'losing' || x.link === 'slow' || x.link === 'very_slow').length ?? 0;
  return `${now} of ${all} here${bad ? ` · ${bad} on poor links` : ''}`;
}

/** Ten seconds in which the last press can be taken back (experience 3.5). */
export function UndoButton() {
  const room = useRoom();
  room.nowUs.value; // counts down
  const u = room.undo.value;
  if (!u) return null;
  return (
    <button type="button" class="btn undo" onClick={() => room.takeBack()}>
      <Icon of={Undo2} /> Undo: {u.word} <span class="num" aria-hidden="true">{Math.max(0, Math.ceil((u.untilMs - Date.now()) / 1000))} s</span>
    </button>
  );
}

/** The board's chair takes the chair back from whom it was handed to. */
export function TakeChairBack() {
  const room = useRoom();
  const acting = room.state.value.seats.bySeat[room.chair.value];
  if (room.you.value?.role !== 'chair' || room.isChair.value || !acting) return null;
  return <button type="button" class="btn" onClick={() => void room.press('chair.take', {})}><Icon of={Gavel} /> Take the chair back</button>;
}

/** Before the room is open chair, co-chair and coordinator may open it, whoever comes first. */
export function mayOpen(room: ReturnType<typeof useRoom>): boolean {
  const role = room.you.value?.role;
  return !room.state.value.meeting.openedUs && (role === 'chair' || role === 'co_chair');
}

/** What the acting chair or the coordinator presses; also used in the phone's More. */
export function ChairButtons({ ask }: { ask: (a: Ask) => void }) {
  const room = useRoom();
  const { agenda, meeting } = room.state.value;
  if (!meeting.openedUs)
    return <button type="button" class="btn main" onClick={() => void room.press('meeting.open', {})}><Icon of={DoorOpen} /> Open the room</button>;
  const more = nextItem(agenda);
  return (
    <>
      {agenda.running && (
        <button type="button" class="btn" onClick={() => void room.press('item.extend', { minutes: 2 })}><Icon of={Timer} /> Two more minutes <span class="keys">+</span></button>
      )}
      {(agenda.running || more) && (
        <button type="button" class="btn" onClick={() => ask({ is: 'next' })}><Icon of={SkipForward} /> {agenda.running ? (more ? 'Next case' : 'End this case') : 'Start next case'} <span class="keys">N</span></button>
      )}
      {meeting.mayRecord && room.isChair.value && <button type="button" class="btn" onClick={() => ask({ is: 'record' })}><Icon of={CircleDot} /> Record</button>}
      {!agenda.running && !more && <button type="button" class="btn main" onClick={() => ask({ is: 'close' })}><Icon of={DoorClosed} /> Close the meeting</button>}
    </>
  );
}

/** What the presenter shows is hidden and shown again in one press; the label says which. */
function HideButton({ hide }: { hide: (on: boolean) => void }) {
  const { shown, last } = useRoom().state.value.picture;
  if (!last) return null;
  return <button type="button" class="btn" onClick={() => hide(shown !== null)}><Icon of={shown ? EyeOff : Eye} /> {shown ? 'Hide picture' : 'Show it again'}</button>;
}

export function OwnBar({ ask, hide }: { ask: (a: Ask) => void; hide: (on: boolean) => void }) {
  const room = useRoom();
  const presents = room.presents.value && !room.isChair.value;
  return (
    <section class="ownbar" aria-labelledby="own-h">
      <h2 class="hide" id="own-h">Your own sound and hand</h2>
      <MicButton ask={ask} />
      <Levels />
      <HandButton />
      <div class="end">
        <UndoButton />
        <button type="button" class="btn plain here" onClick={() => ask({ is: 'who' })}><Icon of={Users} /> <span>{here(room)}</span> <span class="keys">A</span></button>
        <button type="button" class="btn plain" onClick={() => ask({ is: 'keys' })} aria-label="Keys and settings"><Icon of={CircleHelp} /><span class="keys">?</span></button>
        {presents && <HideButton hide={hide} />}
        <TakeChairBack />
        {presents && <button type="button" class="btn main" onClick={() => void room.press('presenter.pass', { seat: toChair })}><Icon of={SquareCheckBig} /> I am done <span class="keys">D</span></button>}
        {(room.runs.value || mayOpen(room)) && <ChairButtons ask={ask} />}
      </div>
    </section>
  );
}
