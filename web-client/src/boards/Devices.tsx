/** Room systems of a board: who is let in without our client, until when, and how it is shut out again. */
import { useState } from 'preact/hooks';
import { call, said } from '../api/client';
import { announce } from '../app/announce';
import type { BoardFull, BodyDeviceMake, DeviceCard, DeviceMade, Devices as Cards } from '../protocol/generated/protocol';
import { Btn, Field, State } from '../ui/controls';
import { useLoad } from '../ui/load';
import { Dialog } from '../ui/notices';
import { clock, longDate, weekDate } from '../ui/time';
import { CopyLine } from './CopyLine';
import { deviceState, untilWall } from './devices';
import { fromWall } from './zone';

interface Made {
  name: string;
  token: string;
}

/** The token is here once: the server keeps only its digest. */
function Once({ made, done }: { made: Made; done: () => void }) {
  const lines: [string, string, string][] = [
    ['Token', made.token, 'as Bearer token; in OBS it is the field "Bearer Token"'],
    ['To speak (WHIP)', `${location.origin}/whip`, 'server address of OBS, of a codec, or of GStreamer'],
    ['To listen (WHEP)', `${location.origin}/whep`, 'the same, for what is heard in the room'],
  ];
  return (
    <div class="banner info gap-4">
      <div class="wide-part">
        <p><b>Token of {made.name}.</b> It is shown only now. Who has it speaks and hears as this room.</p>
        {lines.map(([name, text, hint]) => (
          <div key={name} class="gap-3">
            <span class="label">{name}</span> <span class="note">{hint}</span>
            <div class="link-once"><CopyLine name={name} text={text} main={name === 'Token'} /></div>
          </div>
        ))}
        <p class="acts gap-3"><Btn plain onClick={done}>Done</Btn></p>
      </div>
    </div>
  );
}

function MakeForm({ board, make, close }: { board: BoardFull; make: (body: BodyDeviceMake) => Promise<void>; close: () => void }) {
  const [name, setName] = useState('');
  const [site, setSite] = useState('');
  const [meeting, setMeeting] = useState('');
  const [items, setItems] = useState<string[]>([]);
  const [day, setDay] = useState(untilWall(Date.now(), 30));
  const [vouches, setVouches] = useState(false);
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const open = board.meetings.filter((it) => it.state !== 'closed');
  const chosen = open.find((it) => it.meeting === meeting);

  const submit = async (event: Event) => {
    event.preventDefault();
    const until_us = fromWall(day, '23:59', board.timezone);
    if (!name.trim()) return setFault('Give the room a name. Everybody in the meeting sees it.');
    if (until_us === undefined) return setFault('Choose the last day.');
    setBusy(true);
    setFault('');
    try {
      await make({ name: name.trim(), site: site.trim(), meeting, items: chosen ? items : [], until_us, vouches });
    } catch (error) {
      setFault(said(error));
      setBusy(false);
    }
  };
  const toggle = (item: string) => setItems(items.includes(item) ? items.filter((it) => it !== item) : [...items, item]);
  return (
    <form class="invite" onSubmit={submit} noValidate aria-label="Let a room system in">
      <div class="grid2">
        <Field label="Name of the room" id="device-name">{(ids) => <input {...ids} type="text" maxLength={120} autocomplete="off" placeholder="Room 2" value={name} onInput={(e) => setName(e.currentTarget.value)} />}</Field>
        <Field label="Clinic or site" id="device-site">{(ids) => <input {...ids} type="text" maxLength={160} autocomplete="off" value={site} onInput={(e) => setSite(e.currentTarget.value)} />}</Field>
        <Field label="For" id="device-meeting">
          {(ids) => (
            <select {...ids} value={meeting} onChange={(e) => { setMeeting(e.currentTarget.value); setItems([]); }}>
              <option value="">every meeting</option>
              {open.map((it) => <option key={it.meeting} value={it.meeting}>{weekDate(it.starts_us, board.timezone)}, {clock(it.starts_us, board.timezone)}</option>)}
            </select>
          )}
        </Field>
        <Field label="Last day" id="device-day">{(ids) => <input {...ids} type="date" value={day} onInput={(e) => setDay(e.currentTarget.value)} />}</Field>
      </div>
      {chosen && chosen.items.length > 0 && (
        <fieldset>
          <legend class="label">Hears only these cases; none chosen: the whole meeting</legend>
          {chosen.items.map((it, index) => (
            <label key={it.item} class="tick"><input type="checkbox" checked={items.includes(it.item)} onChange={() => toggle(it.item)} /> {index + 1} {it.name}</label>
          ))}
        </fieldset>
      )}
      <label class="tick"><input type="checkbox" checked={vouches} onChange={() => setVouches(!vouches)} /> I tell those in this room when a meeting is recorded, and acknowledge it for them</label>
      <p class="note">Your name is written beside each acknowledgement. Without it the room hears, and is not heard while a meeting is recorded.</p>
      {fault && <p class="fault" role="alert">{fault}</p>}
      <div class="acts"><Btn main type="submit" disabled={busy}>Make the token</Btn><Btn onClick={close}>Close</Btn></div>
    </form>
  );
}

export default function Devices({ board }: { board: BoardFull }) {
  const list = useLoad<Cards>(`/api/boards/${board.board}/devices`);
  const [made, setMade] = useState<Made | undefined>();
  const [open, setOpen] = useState(false);
  const [ask, setAsk] = useState<DeviceCard | undefined>();
  const [fault, setFault] = useState('');
  const cards = list.data?.devices ?? [];
  const day = (card: DeviceCard) => board.meetings.find((it) => it.meeting === card.meeting);

  const make = async (body: BodyDeviceMake) => {
    const answer = await call<DeviceMade>('POST', `/api/boards/${board.board}/devices`, { body });
    setMade({ name: body.name, token: answer.token });
    setOpen(false);
    await list.again();
  };
  const revoke = async (card: DeviceCard) => {
    setAsk(undefined);
    setMade(undefined); // what is shown may open nothing any more
    setFault('');
    try {
      await call<void>('DELETE', `/api/devices/${card.device}`);
      announce(`${card.name} is shut out.`);
      await list.again();
    } catch (error) {
      setFault(said(error));
    }
  };
  return (
    <section class="below" aria-labelledby="devices">
      <div class="head"><h2 id="devices">Room systems</h2><span class="note num">{cards.length}</span></div>
      <p class="note gap-3">A meeting room, OBS or GStreamer speaks and listens with a token, without a browser.</p>
      {made && <Once made={made} done={() => setMade(undefined)} />}
      {(fault || list.error !== undefined) && <p class="fault" role="alert">{fault || said(list.error)}</p>}
      {cards.length > 0 && (
        <table class="table fold">
          <thead><tr><th scope="col">Room</th><th scope="col">For</th><th scope="col">Until</th><th scope="col">State</th><th scope="col"><span class="hide">Change</span></th></tr></thead>
          <tbody>
            {cards.map((card) => {
              const state = deviceState(card, Date.now() * 1000);
              const of = day(card);
              return (
                <tr key={card.device}>
                  <td><b>{card.name}</b><br /><span class="note">{card.site || 'no site given'}; made by {card.by_name}{card.vouches && ', who acknowledges recordings for it'}</span></td>
                  <td data-l="For">{!card.meeting ? 'every meeting' : of ? weekDate(of.starts_us, board.timezone) : 'one meeting'}{card.items.length > 0 && `, ${card.items.length} of its cases`}</td>
                  <td data-l="Until">{longDate(card.until_us, board.timezone)}</td>
                  <td data-l="State"><State tone={state.tone}>{state.words}</State></td>
                  <td>{state.live && <Btn small onClick={() => setAsk(card)} aria-label={`Revoke the token of ${card.name}`}>Revoke</Btn>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {open ? <MakeForm board={board} make={make} close={() => setOpen(false)} /> : <p class="acts gap-4"><Btn onClick={() => setOpen(true)}>Let a room system in</Btn></p>}
      {ask && (
        <Dialog title={`Shut out ${ask.name}?`} close={() => setAsk(undefined)}>
          <p>Its token opens nothing any more. If the room is in a meeting now, it neither hears nor is heard from this moment.</p>
          <div class="acts"><Btn main onClick={() => void revoke(ask)}>Revoke the token</Btn><Btn onClick={() => setAsk(undefined)}>Leave it as it is</Btn></div>
        </Dialog>
      )}
    </section>
  );
}
