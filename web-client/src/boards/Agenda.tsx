import './boards.css';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, call, said } from '../api/client';
import { announce } from '../app/announce';
import { usePage } from '../app/page';
import { arranges } from '../app/roles';
import type { CaseCard, Made, MeetingFull } from '../protocol/generated/protocol';
import { Btn, Go, State } from '../ui/controls';
import { DoorOpen } from '../ui/icons';
import { Shown, useLoad } from '../ui/load';
import { Banner } from '../ui/notices';
import { clock, weekDate } from '../ui/time';
import { differs, keepMine, move, rowOf, rowOfCase, starts, toSave, total, type Row } from './agenda';
import { quorumWords } from './Board';
import { Chosen } from './Chosen';
import { Invitations } from './Invitations';
import { Order } from './Order';
import { Pool } from './Pool';

interface Sheet {
  rows: Row[];
  picked: number;
  save: () => void;
  change: (rows: Row[], picked?: number) => void;
}

/** The order being arranged, kept apart from what the server has until it is saved. */
function useSheet(meeting: MeetingFull, set: (meeting: MeetingFull) => void) {
  const saved = meeting.items.map(rowOf);
  const [rows, setRows] = useState(saved);
  const [base, setBase] = useState(meeting.version);
  const [picked, setPicked] = useState(0);
  const [fault, setFault] = useState('');
  const [stale, setStale] = useState<MeetingFull | undefined>();
  const [busy, setBusy] = useState(false);
  const dirty = differs(rows, saved);

  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [dirty]);

  const here = `/api/meetings/${meeting.meeting}`;
  const put = async (items: Row[], version: number) => {
    setBusy(true);
    setFault('');
    try {
      const made = await call<Made>('PUT', `/api/meetings/${meeting.meeting}/agenda`, { body: { base: version, items: toSave(items) } });
      setStale(undefined);
      setBase(made.version);
      announce('Agenda saved.');
      const fresh = await call<MeetingFull>('GET', here);
      set(fresh);
      setBase(fresh.version);
      // New rows have an item id now; what was moved meanwhile stays as it is.
      setRows((now) => keepMine(now, fresh.items.map(rowOf)));
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        await call<MeetingFull>('GET', here).then(setStale, (thrown: unknown) => setFault(said(thrown)));
      } else setFault(said(error));
    } finally {
      setBusy(false);
    }
  };
  const change = (next: Row[], at?: number) => {
    setRows(next);
    if (at !== undefined) setPicked(at);
  };
  const takeTheirs = () => {
    if (!stale) return;
    setRows(stale.items.map(rowOf));
    setBase(stale.version);
    set(stale);
    setStale(undefined);
  };
  const keepYours = () => {
    if (!stale) return;
    const mine = keepMine(rows, stale.items.map(rowOf));
    setRows(mine);
    void put(mine, stale.version);
  };
  const sheet: Sheet = { rows, picked: Math.min(picked, rows.length - 1), save: () => void put(rows, base), change };
  return { sheet, dirty, fault, stale, busy, takeTheirs, keepYours, undo: () => setRows(saved) };
}

function Page({ meeting, again, set }: { meeting: MeetingFull; again: () => Promise<void>; set: (meeting: MeetingFull) => void }) {
  const title = `${meeting.board_name}, ${weekDate(meeting.starts_us, meeting.timezone)}`;
  usePage(title);
  const { sheet, dirty, fault, stale, busy, takeTheirs, keepYours, undo } = useSheet(meeting, set);
  const { rows, picked } = sheet;
  const may = arranges(meeting.role) && meeting.state !== 'closed';
  const chair = meeting.members.find((it) => it.role === 'chair');
  const sum = total(rows);
  const end = meeting.starts_us + meeting.minutes * 60_000_000;

  const moved = (from: number, to: number) => {
    const next = move(rows, from, to);
    const row = next[to];
    if (!row || next[from] === rows[from]) return;
    sheet.change(next, to);
    const at = clock(starts(next, meeting.starts_us)[to] ?? 0, meeting.timezone);
    const other = next[to + 1];
    announce(`Item ${to + 1}, ${row.name}, ${row.minutes} minutes, ${at}, ${other ? `moved before item ${to + 2}, ${other.name}` : 'moved to the end'}.`);
  };
  const add = (card: CaseCard) => {
    const presenter = meeting.members.find((it) => it.name === card.referrer_name) ?? chair ?? meeting.members[0];
    if (!presenter) return;
    sheet.change([...rows, rowOfCase(card, presenter)], rows.length);
    announce(`${card.name} added as item ${rows.length + 1}.`);
  };

  return (
    <>
      <div class="lead">
        <div>
          <h1>{title}</h1>
          <p>{clock(meeting.starts_us, meeting.timezone)} to {clock(end, meeting.timezone)}. {chair && `Chair ${chair.name}. `}{quorumWords(meeting)}</p>
        </div>
        <div class="acts">
          {meeting.state !== 'closed' && <Go icon={DoorOpen} href={`/meet/${meeting.meeting}`}>Open the room</Go>}
          {may && dirty && <Btn onClick={undo}>Back to the saved order</Btn>}
          {may && <Btn main disabled={!dirty || busy} onClick={sheet.save}>{dirty ? 'Save agenda' : 'Agenda is saved'}</Btn>}
        </div>
      </div>
      {stale && (
        <Banner tone="now" acts={<><Btn main small onClick={keepYours}>Keep yours</Btn><Btn small onClick={takeTheirs}>Take the saved one</Btn></>}>
          Somebody saved version {stale.version} of this agenda meanwhile, with {stale.items.length} cases. Your order is still here, unsaved.
        </Banner>
      )}
      {fault && <p class="fault" role="alert">{fault}</p>}
      <div class="build">
        <Pool pool={meeting.pool} heard={meeting.heard} rows={rows} add={may ? add : undefined} />
        <section aria-labelledby="order">
          <div class="head">
            <h2 id="order">Running order, to scale</h2>
            <State tone={sum > meeting.minutes ? 'stop' : 'ok'}>{sum} of {meeting.minutes} min</State>
          </div>
          <Order meeting={meeting} rows={rows} picked={picked} pick={(at) => sheet.change(rows, at)} moved={may ? moved : undefined} />
        </section>
        <Chosen meeting={meeting} rows={rows} at={picked} may={may} change={sheet.change} moved={moved} />
      </div>
      {arranges(meeting.role) && <Invitations meeting={meeting} again={again} />}
    </>
  );
}

export default function Agenda({ meeting }: { board: string; meeting: string }) {
  const loaded = useLoad<MeetingFull>(`/api/meetings/${meeting}`);
  return <Shown of={loaded} what="meeting">{(it) => <Page meeting={it} again={loaded.again} set={loaded.set} />}</Shown>;
}
