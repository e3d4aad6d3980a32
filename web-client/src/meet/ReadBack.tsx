/** Read back: the exact text on every seat, the line being read, the window to object, Sign. */
import { BookOpenText, Check, CircleDashed, GitFork, Hand, Pause, Pencil, Play, Stamp, TriangleAlert, Undo2 } from 'lucide-preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { runningItem } from '../state/agenda';
import { columns, lacking } from '../state/quorum';
import { leftS, stage } from '../state/readback';
import { present } from '../state/seats';
import { address, day, shortName } from '../state/words';
import { Icon, State } from '../ui/controls';
import { Mark, Now, Private } from './Bar';
import { useRoom } from './context';
import type { Room } from './control';
import { Dissents } from './Dissent';
import type { Ask } from './dialogs';
import { useKeys } from './keys';
import { isLast, labelLength, stepLine, wordLines } from './lines';
import { Levels, MicButton } from './OwnBar';
import { Outcome } from './Outcome';
import './readback.css';

async function sealOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** Acknowledges only what is drawn, visible and has the seal it claims. */
function useAck(room: Room): string {
  const text = room.state.value.readback.text;
  const acked = room.state.value.readback.acked.includes(room.you.value?.seat ?? '');
  const [fault, setFault] = useState('');
  const [visible, setVisible] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const change = (): void => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', change);
    return () => document.removeEventListener('visibilitychange', change);
  }, []);
  const connected = room.lostUs.value === 0;
  useEffect(() => {
    if (!text || acked || !visible || !connected) return;
    let off = false;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      void sealOf(text.text).then((seal) => {
        if (off) return;
        if (seal === text.digest) void room.ask('readback.ack', { digest: text.digest });
        else setFault('The text here is not the text with this seal. It was not acknowledged; load the page again.');
      });
    }));
    return () => void (off = true);
  }, [text?.digest, acked, visible, connected]);
  return fault;
}

function Wording() {
  const room = useRoom();
  const rb = room.state.value.readback;
  const lines = useMemo(() => wordLines(rb.text?.wording ?? '', rb.text?.lines ?? 0), [rb.text]);
  const here = useRef<HTMLParagraphElement>(null);
  useEffect(() => here.current?.scrollIntoView({ block: 'nearest' }), [rb.line]);
  const item = runningItem(room.state.value.agenda);
  return (
    <article class="text" tabIndex={0} aria-labelledby="rb-h">
      <h1 id="rb-h" class="hide">Read back{item && `: ${item.name}`}</h1>
      {item && <p class="note idline">{item.name} · born {day(item.birth_date)} · {item.local_id}</p>}
      {lines.map((l, i) => {
        if (l.look === 'gap') return <div key={i} class="gapline" aria-hidden="true" />;
        const on = l.n === rb.line;
        const label = labelLength(l);
        return (
          <p key={i} ref={on ? here : null} class={`wl wl-${l.look}`} aria-current={on ? 'step' : undefined}
            onClick={room.isChair.value ? () => void room.press('readback.line', { n: l.n }) : undefined}>
            <span class={on ? 'reading' : ''}>{label > 0 && <span class="wl-label">{l.text.slice(0, label)}</span>}{l.text.slice(label)}</span>
          </p>
        );
      })}
    </article>
  );
}

function Clock({ ask, last }: { ask: (a: Ask) => void; last: boolean }) {
  const room = useRoom();
  const s = room.state.value;
  const rb = s.readback;
  const at = stage(rb);
  const left = leftS(rb, room.nowUs.value);
  const chair = room.isChair.value;
  const run = (running: boolean) => () => void room.press('readback.window', { running });
  return (
    <>
      <div class="clock">
        <span class="count" role="timer" aria-label={at === 'reading' ? 'The clock has not started' : `${left} seconds left`}>{at === 'reading' ? s.meeting.objectionS : left}</span>
        <div>
          <b>{at === 'over' ? 'The time to object is over' : at === 'stopped' ? 'The clock stands' : 'seconds to object'}</b><br />
          <span class="note">{at === 'reading' ? (chair && !last ? 'They begin when the last line is read. Up and down keys move the line.' : chair ? 'The last line is read: start the clock.' : 'They begin when the last line is read.') : at === 'over' ? 'The chair can sign now.' : 'Passes by itself. The chair can stop the clock; anyone who speaks or objects stops it too.'}</span>
        </div>
      </div>
      <div class="acts">
        {chair && at === 'running' && <button type="button" class="btn small" onClick={run(false)}><Icon of={Pause} /> Stop the clock <span class="keys">Space</span></button>}
        {chair && (at === 'reading' || at === 'stopped') && <button type="button" class="btn small" onClick={run(true)}><Icon of={Play} /> {at === 'reading' ? 'Start the clock' : 'Go on'} <span class="keys">Space</span></button>}
        <button type="button" class="btn small" onClick={() => ask({ is: 'object' })}><Icon of={Pencil} /> {chair ? 'Correct or object' : 'Object'} <span class="keys">O</span></button>
      </div>
    </>
  );
}

/** By specialty: who displays this text, who dissents, who is not reached. */
function Quorum() {
  const room = useRoom();
  const s = room.state.value;
  const rb = s.readback;
  if (!rb.text) return null;
  const lacks = lacking(columns(s.meeting.required, s.seats));
  const met = rb.text.quorum_met && lacks.length === 0;
  return (
    <section aria-labelledby="quorum-h">
      <h2 id="quorum-h">Quorum at this moment: {met ? 'met' : 'not met'}</h2>
      <ul class="seats">
        {columns(s.meeting.required, s.seats).map((c) => {
          const dissent = c.seats.filter((x) => s.plan.dissents.some((d) => d.seat === x.seat));
          const objects = c.seats.filter((x) => rb.objections.some((o) => o.seat === x.seat && o.kind !== 'dissent'));
          const sees = c.seats.filter((x) => rb.acked.includes(x.seat));
          const names = c.seats.length <= 2 ? c.seats.map((x) => shortName(x.name)).join(', ') : `${c.seats.length}`;
          return (
            <li key={c.name}>
              <span>{c.name}{names && `, ${names}`}</span>
              {dissent.length > 0 ? <State tone="apart" icon={GitFork}>{dissent.length} {dissent.length === 1 ? 'dissents' : 'dissent'}</State>
                : objects.length > 0 ? <State tone="now" icon={Hand}>objects</State>
                : c.seats.length === 0 ? <State tone={c.required ? 'stop' : 'none'} icon={TriangleAlert}>missing</State>
                : sees.length === c.seats.length ? <State tone="ok" icon={Check}>{stage(rb) === 'over' ? 'no objection' : 'sees this text'}</State>
                : <State tone="info" icon={CircleDashed}>{c.seats.length - sees.length} not reached</State>}
            </li>
          );
        })}
      </ul>
      {rb.text.missing.length > 0 && <p class="note">Missing when read back began: {rb.text.missing.map((m) => m.discipline).join(', ')}.</p>}
    </section>
  );
}

function Objections() {
  const list = useRoom().state.value.readback.objections;
  const words = { correct: 'wants a correction', dissent: 'dissents', not_ready: 'is not ready' };
  return (
    <>
      {list.map((o) => (
        <div key={`${o.seat}${o.atUs}`} class="objection">
          <State tone="now" icon={Hand}>{address(o.name)} {words[o.kind]}</State>
          {o.text && <blockquote class="signed">{o.text}</blockquote>}
        </div>
      ))}
    </>
  );
}

function Facts() {
  const room = useRoom();
  const text = room.state.value.readback.text;
  if (!text) return null;
  const here = text.attendance.filter((a) => a.here);
  return (
    <details class="facts">
      <summary>{here.length} people and {text.pictures.length} pictures at this moment</summary>
      <ul>{here.map((a) => <li key={a.person}>{a.name}{!a.confirmed && ', specialty not confirmed'}</li>)}</ul>
      <ul>{text.pictures.map((p) => <li key={`${p.digest}${p.page}`}>{p.title}, page {p.page}</li>)}</ul>
      {text.pictures.length === 0 && <p>No picture was shown.</p>}
    </details>
  );
}

function Reached() {
  const room = useRoom();
  const s = room.state.value;
  const here = present(s.seats).filter((x) => x.presence === 'here');
  const n = here.filter((x) => s.readback.acked.includes(x.seat)).length;
  return <State tone={n === here.length ? 'info' : 'now'} icon={BookOpenText}>Read back: {n === here.length ? `all ${n} see this exact text` : `${n} of ${here.length} see this exact text`}</State>;
}

function Foot({ ask }: { ask: (a: Ask) => void }) {
  const room = useRoom();
  const s = room.state.value;
  const over = stage(s.readback) === 'over';
  const end = (): void => void room.press('readback.end', {});
  return (
    <section class="foot2" aria-label="Your sound and signing">
      <MicButton ask={ask} /><Levels />
      <p class="note">Signing seals this text, the attendance and the {s.readback.text?.pictures.length ?? 0} pictures shown.<br />Afterwards it can only be added to, never changed.</p>
      <div class="acts">
        {room.isChair.value ? (
          <>
            <button type="button" class="btn" onClick={end}><Icon of={Undo2} /> Back to discussion <span class="keys">Esc</span></button>
            <button type="button" class="btn main sign" disabled={!over} onClick={() => ask({ is: 'sign' })}><Icon of={Stamp} /> Sign as {address(room.you.value?.name ?? '')} <span class="keys">S</span></button>
          </>
        ) : <button type="button" class="btn main" onClick={() => ask({ is: 'object' })}><Icon of={Hand} /> Object <span class="keys">O</span></button>}
      </div>
    </section>
  );
}

export default function ReadBack({ ask }: { ask: (a: Ask) => void }) {
  const room = useRoom();
  const s = room.state.value;
  const rb = s.readback;
  const fault = useAck(room);
  const chair = room.isChair.value;
  const lines = useMemo(() => wordLines(rb.text?.wording ?? '', rb.text?.lines ?? 0), [rb.text]);
  const at = stage(rb);
  const go = (by: 1 | -1) => (chair ? () => void room.press('readback.line', { n: stepLine(lines, rb.line, by) }) : undefined);
  useKeys({
    ArrowDown: go(1), ArrowUp: go(-1), o: () => ask({ is: 'object' }),
    ' ': chair && at !== 'over' ? () => void room.press('readback.window', { running: at !== 'running' }) : undefined,
    s: chair && at === 'over' ? () => ask({ is: 'sign' }) : undefined,
    Escape: chair ? () => void room.press('readback.end', {}) : undefined,
  }, chair ? null : (on) => void room.mic.setOn(on));
  const n = s.agenda.items.findIndex((i) => i.item === s.agenda.running) + 1;
  return (
    <div class="readback">
      <header class="bar"><Mark /><span>{s.meeting.boardName}, item {n}</span><Private /><div class="end"><Reached /><Now /></div></header>
      <Wording />
      <aside class="seats-panel" aria-label="Objections and quorum">
        {fault && <p class="fault" role="alert"><Icon of={TriangleAlert} /><span>{fault}</span></p>}
        <Clock ask={ask} last={isLast(lines, rb.line)} />
        <Objections />
        <Dissents />
        <Quorum />
        <Outcome />
        <Facts />
      </aside>
      <Foot ask={ask} />
    </div>
  );
}

