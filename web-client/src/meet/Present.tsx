/** The presenter's parts: pages with what was shown, own case, what they see, hand over, plan so far. */
import { ArrowRight, Check, Undo2 } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import { budgetS, runningItem, spentS } from '../state/agenda';
import { pageKey, pages } from '../state/picture';
import { value } from '../state/plan';
import { present } from '../state/seats';
import { address, clock, shortName, span, specialtyLabel } from '../state/words';
import { Icon } from '../ui/controls';
import { tileUrl } from '../viewer/tiles';
import { useRoom } from './context';
import { toChair } from './control';

export function Strip({ flow }: { flow?: boolean }) {
  const room = useRoom();
  const pic = room.state.value.picture;
  const here = useRef<HTMLButtonElement>(null);
  const key = pic.shown && pageKey(pic.shown.document, pic.shown.page);
  useEffect(() => here.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [key]);
  return (
    <nav class={`strip${flow ? ' flow' : ''}`} aria-label="Pictures of this case">
      {pages(pic).map((p, i) => {
        const k = pageKey(p.document.document, p.page);
        const page = p.document.pages[p.page - 1];
        const on = k === key;
        return (
          <button key={k} type="button" ref={on ? here : null} aria-current={on ? 'true' : undefined}
            onClick={() => void room.press('page.show', { document: p.document.document, page: p.page })}>
            <span class="th">
              {page && room.pictures.value && <img src={tileUrl(p.document.document, page, 0, 0, 0)} alt="" loading="lazy" />}
              {pic.seen.includes(k) && <span class="seen"><Icon of={Check} /><span class="hide">was shown</span></span>}
            </span>
            <b>{i + 1} {p.document.title}{p.document.pages.length > 1 && `, ${p.page}`}</b>
          </button>
        );
      })}
      {pic.documents.length === 0 && <p class="tiny">No pictures were prepared.</p>}
      {pic.documents.filter((d) => d.pages.length === 0).map((d) => <p key={d.document} class="tiny">{d.title}: {d.message || 'not readable yet'}</p>)}
    </nav>
  );
}

function WhatTheySee() {
  const f = useRoom().followers.value;
  if (!f) return <p class="note">Nobody has said yet what they see.</p>;
  return (
    <ul class="seats">
      <li><span>Sharp, same as yours</span><b class="num">{f.sharp}</b></li>
      <li><span>Sharpening{f.slowest && `, slowest ${shortName(f.slowest)}`}</span><b class="num">{f.coarse}</b></li>
      <li><span>Looking around alone</span><b class="num">{f.alone}</b></li>
    </ul>
  );
}

function HandOver() {
  const room = useRoom();
  const s = room.state.value;
  const you = room.you.value?.seat;
  const seen = present(s.seats).filter((x) => x.seat !== you && x.seat !== room.chair.value && x.presence === 'here' && x.role !== 'observer');
  const often = seen.filter((x) => x.spoke || s.seats.hands.some((h) => h.seat === x.seat));
  const list = (often.length > 0 ? often : seen).slice(0, 3);
  const chair = s.seats.bySeat[room.chair.value];
  const pass = (seat: string) => () => void room.press('presenter.pass', { seat });
  return (
    <div class="handover">
      {list.map((x) => <button key={x.seat} type="button" class="btn small" onClick={pass(x.seat)}><Icon of={ArrowRight} /> {shortName(x.name)}, {specialtyLabel(x.specialty).toLowerCase()}</button>)}
      {chair && chair.seat !== you && <button type="button" class="btn small" onClick={pass(toChair)}><Icon of={ArrowRight} /> Back to {shortName(chair.name)}, chair</button>}
    </div>
  );
}

export function Side() {
  const room = useRoom();
  const s = room.state.value;
  const item = runningItem(s.agenda);
  const left = item ? budgetS(item) - spentS(item, room.nowUs.value) : 0;
  return (
    <aside class="side" aria-label="Presenting">
      {item && (
        <section><h2>This case</h2>
          <p><span class="big num">{span(Math.abs(left))}</span> <span class="note">{left < 0 ? 'over' : `of ${budgetS(item) / 60} min left`}</span></p>
          <p class="note">{address(item.referrer_name)} asks: {item.question}</p>
        </section>
      )}
      <section><h2>What they see</h2><WhatTheySee />
        {s.picture.shown && <button type="button" class="btn small callback" onClick={() => void room.press('followers.call', {})}><Icon of={Undo2} /> Call everyone back <span class="keys">B</span></button>}</section>
      <section><h2>Hand over</h2><p class="note">One press passes pointer and pages. Your microphone stays as it is.</p><HandOver /></section>
      <section><h2>{s.plan.signed ? 'Plan, signed' : 'Plan so far'}</h2>
        {s.plan.signed && <p class="is ok" role="status">Signed {clock(s.plan.signed.atUs)} by {address(s.plan.signed.signerName)}</p>}
        {value(s.plan, 'stage_agreed') && <p class="signed">{value(s.plan, 'stage_agreed')}</p>}
        <ol class="recs signed">{s.plan.lines.map((l) => <li key={l}>{value(s.plan, `line.${l}.what`)}</li>)}</ol>
        {s.plan.lines.length === 0 && !value(s.plan, 'stage_agreed') && <p class="note">Nothing is written yet.</p>}
      </section>
    </aside>
  );
}
