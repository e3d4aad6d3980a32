/** People by required specialty: here, missing, has spoken, not yet heard, speaking; and the hands. */
import { CircleCheck, CircleDashed, Hand, Presentation, RefreshCw, TriangleAlert } from 'lucide-preact';
import { type Column, columns, talkerIn } from '../state/quorum';
import type { Seat } from '../state/seats';
import { address, shortName, span } from '../state/words';
import { Icon, State } from '../ui/controls';
import { useRoom } from './context';

export function Bars() {
  return <span class="bars" aria-hidden="true"><i /><i /><i /><i /></span>;
}

function Name({ seat, talks }: { seat: Seat; talks: boolean }) {
  const room = useRoom();
  const you = seat.seat === room.you.value?.seat;
  const hand = room.state.value.seats.hands.some((h) => h.seat === seat.seat);
  const away = seat.presence === 'away';
  const s = Math.max(0, Math.round((room.nowUs.value - seat.sinceUs) / 1e6));
  return (
    <span class={`nm${away ? ' quiet' : ''}`}>
      {talks && <Bars />}
      {!talks && hand && <Icon of={Hand} />}
      {!talks && !hand && room.presenter.value === seat.seat && <Icon of={Presentation} />}
      <span>
        {talks || you ? <b>{shortName(seat.name)}</b> : shortName(seat.name)}
        {you && ', you'}{hand && <span class="hide">, hand up</span>}
        {room.presenter.value === seat.seat && <span class="hide">, presents</span>}
        {away && <>, <Icon of={RefreshCw} /> back? {s} s</>}
      </span>
    </span>
  );
}

const SHOWN = 3;

function ColumnState({ c, talks }: { c: Column; talks: Seat | undefined }) {
  const room = useRoom();
  if (talks) return <span class="is now">speaking, {span(Math.max(0, (room.nowUs.value - (room.speaksSince.value[talks.seat] ?? room.nowUs.value)) / 1e6))}</span>;
  if (c.lacks)
    return (
      <>
        <State tone="stop" icon={TriangleAlert}>{c.waits.length > 0 ? 'to confirm' : c.seats.some((s) => s.presence === 'away') ? 'coming back' : 'missing'}</State>
        <span class="tiny">needed for quorum{c.min > 1 ? `, ${c.counted} of ${c.min}` : ''}</span>
      </>
    );
  if (c.spoke) return <State tone="none" icon={CircleCheck}>has spoken</State>;
  return <State tone="info" icon={CircleDashed}>not yet heard</State>;
}

export function Bench({ who }: { who: () => void }) {
  const room = useRoom();
  const cols = columns(room.state.value.meeting.required, room.state.value.seats);
  return (
    <ul class="bench" style={`--cols:${Math.max(1, cols.length)}`}>
      {cols.map((c) => {
        const talks = talkerIn(c, room.talking.value);
        const first = talks ? [talks, ...c.seats.filter((s) => s !== talks)] : c.seats;
        const more = first.length - SHOWN;
        return (
          <li key={c.name} class={talks ? 'speaks' : c.lacks ? 'lacks' : ''}>
            <h3>{c.name}</h3>
            {first.slice(0, more > 0 ? SHOWN - 1 : SHOWN).map((s) => <Name key={s.seat} seat={s} talks={talks === s} />)}
            {more > 0 && <button type="button" class="more" onClick={who}>and {more + 1} more</button>}
            {c.seats.length === 0 && <span class="nm quiet">nobody here</span>}
            <span class="colstate"><ColumnState c={c} talks={talks} /></span>
          </li>
        );
      })}
    </ul>
  );
}

export function Hands() {
  const room = useRoom();
  const { hands, bySeat } = room.state.value.seats;
  const floor = bySeat[room.state.value.seats.floor];
  return (
    <section class="hands" aria-labelledby="hands-h">
      <h2 id="hands-h" class="tiny"><Icon of={Hand} /> Hands, in order</h2>
      {hands.length === 0 && <p class="tiny">{floor ? `${address(floor.name)} has the floor` : 'No hand is up'}</p>}
      <ol class="lines">
        {hands.slice(0, 3).map((h, i) => {
          const s = bySeat[h.seat];
          const name = shortName(s?.name ?? '');
          return (
            <li key={h.seat}>
              <span>{i + 1} {i === 0 ? <b>{name}</b> : name} <span class="tiny num">{span(Math.max(0, (room.nowUs.value - h.atUs) / 1e6))}</span></span>
              {room.runs.value && (
                <button type="button" class="btn small" onClick={() => void room.press('floor.give', { seat: h.seat })}>
                  Give<span class="hide"> the floor to {name}</span> {i === 0 && <span class="keys">G</span>}
                </button>
              )}
            </li>
          );
        })}
      </ol>
      {hands.length > 3 && <p class="tiny">and {hands.length - 3} more</p>}
    </section>
  );
}

/** The presenter's one line: who was heard, who not, who waits. */
export function LinePeople() {
  const room = useRoom();
  const cols = columns(room.state.value.meeting.required, room.state.value.seats).filter((c) => c.required);
  const heard = cols.filter((c) => c.spoke).map((c) => c.name.toLowerCase());
  const silent = cols.filter((c) => !c.spoke && !c.lacks).map((c) => c.name.toLowerCase());
  const lacks = cols.filter((c) => c.lacks).map((c) => c.name.toLowerCase());
  const talker = room.talking.value?.seats[0];
  const you = talker?.seat === room.you.value?.seat;
  const first = room.state.value.seats.hands[0];
  const name = talker && room.state.value.seats.bySeat[talker.seat]?.name;
  return (
    <div class="line-people">
      {talker && name && <span class="is now"><Bars />{you ? 'You are speaking' : `${address(name)} speaks`}</span>}
      {heard.length > 0 && <span><Icon of={CircleCheck} /> Heard: {heard.join(', ')}</span>}
      {silent.length > 0 && <State tone="info" icon={CircleDashed}>Not yet: {silent.join(', ')}</State>}
      {lacks.length > 0 && <State tone="stop" icon={TriangleAlert}>Missing: {lacks.join(', ')}</State>}
      {first && (
        <span class="waits"><Icon of={Hand} /> <b>{shortName(room.state.value.seats.bySeat[first.seat]?.name ?? '')}</b> waits {span((room.nowUs.value - first.atUs) / 1e6)}</span>
      )}
    </div>
  );
}
