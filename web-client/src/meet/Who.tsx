/** Who is here, by specialty: presence, sound, link; the chair's presses for each seat. */
import { Gavel, Headphones, Mic, MicOff, TriangleAlert, UserCheck } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { columns } from '../state/quorum';
import type { Seat } from '../state/seats';
import { clock, specialtyLabel, specialtyList } from '../state/words';
import { Icon, State } from '../ui/controls';
import { useRoom } from './context';

const LINKS = { good: 'good link', losing: 'loses packets: may miss words', slow: 'slow link', very_slow: 'very slow link', unknown: '' };

function Sound({ seat }: { seat: Seat }) {
  const x = useRoom().sound.value?.seats.find((s) => s.seat === seat.seat);
  if (!x) return <span class="tiny">sound not known yet</span>;
  const mic = { on: 'on', muted: 'muted', blocked: 'microphone blocked', none: 'listens only' }[x.mic];
  const icon = x.mic === 'on' ? Mic : x.mic === 'none' ? Headphones : MicOff;
  return (
    <span class="tiny"><Icon of={icon} /> {mic}, {x.hears ? 'hears' : <State tone="stop" icon={TriangleAlert}>does not hear</State>}{LINKS[x.link] && `, ${LINKS[x.link]}`}</span>
  );
}

/** A specialty counts for quorum only once confirmed (decision 9). */
function Confirm({ seat }: { seat: Seat }) {
  const room = useRoom();
  const [code, setCode] = useState(seat.specialty);
  return (
    <div class="confirm">
      <label class="hide" for={`sp-${seat.seat}`}>Specialty of {seat.name}</label>
      <select id={`sp-${seat.seat}`} value={code} onChange={(e) => setCode(e.currentTarget.value)}>
        {specialtyList.map((s) => <option key={s.id} value={s.id}>{s.label}</option>)}
      </select>
      <button type="button" class="btn small" onClick={() => void room.press('seat.confirm', { seat: seat.seat, specialty: code })}><Icon of={UserCheck} /> Confirm</button>
    </div>
  );
}

/** The acting chair offers the chair; the other takes it, or not (experience 3.5). */
function OfferChair({ seat }: { seat: Seat }) {
  const room = useRoom();
  const { offered } = room.state.value.meeting;
  if (!room.isChair.value || seat.seat === room.you.value?.seat || seat.presence !== 'here' || seat.role === 'guest' || seat.role === 'observer') return null;
  if (offered === seat.seat)
    return <button type="button" class="btn small" onClick={() => void room.press('chair.offer', {})}>Take the offer of the chair back</button>;
  return <button type="button" class="btn small" onClick={() => void room.press('chair.offer', { seat: seat.seat })}><Icon of={Gavel} /> Offer the chair</button>;
}

function Row({ seat }: { seat: Seat }) {
  const room = useRoom();
  const own = seat.seat === room.you.value?.seat;
  const on = room.sound.value?.seats.find((s) => s.seat === seat.seat)?.mic === 'on' || seat.micOn;
  return (
    <li>
      <div>
        <b>{seat.name}</b>{own && ', you'}<br />
        <span class="tiny">{seat.device ? 'Room system' : specialtyLabel(seat.specialty)}{!seat.confirmed && !seat.device && ', not confirmed'} · {seat.site}{seat.role === 'guest' && ' · guest'}{seat.seat === room.chair.value && ' · acts as chair'}{seat.seat === room.state.value.meeting.offered && ' · is offered the chair'}{seat.presence === 'away' && ` · coming back since ${clock(seat.sinceUs)}`}</span><br />
        <Sound seat={seat} />
      </div>
      <div class="acts">
        {room.runs.value && !seat.confirmed && !seat.device && <Confirm seat={seat} />}
        {room.runs.value && !own && on && <button type="button" class="btn small" onClick={() => void room.press('seat.mute', { seat: seat.seat })}><Icon of={MicOff} /> Mute</button>}
        {(room.runs.value || room.presents.value) && room.presenter.value !== seat.seat && seat.role !== 'observer' && seat.presence === 'here' && (
          <button type="button" class="btn small" onClick={() => void room.press('presenter.pass', { seat: seat.seat })}>Let present</button>
        )}
        <OfferChair seat={seat} />
      </div>
    </li>
  );
}

export function Who() {
  const room = useRoom();
  const s = room.state.value;
  return (
    <div class="who-list">
      {columns(s.meeting.required, s.seats).map((c) => (
        <section key={c.name}>
          <h3>{c.name} {c.lacks && <State tone="stop" icon={TriangleAlert}>missing for quorum</State>}</h3>
          <ul class="lines">{c.seats.map((x) => <Row key={x.seat} seat={x} />)}</ul>
          {c.seats.length === 0 && <p class="note">Nobody is here.</p>}
        </section>
      ))}
      {room.runs.value && <button type="button" class="btn" onClick={() => void room.press('seats.mute', {})}><Icon of={MicOff} /> Mute all others</button>}
    </div>
  );
}
