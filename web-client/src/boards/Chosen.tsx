import { Link } from 'wouter-preact';
import type { MeetingFull } from '../protocol/generated/protocol';
import { Btn, Field, State } from '../ui/controls';
import { ArrowDown, ArrowUp } from '../ui/icons';
import { count, specialtyWord } from '../ui/words';
import { mayMove, withMinutes, type Row } from './agenda';

interface ChosenProps {
  meeting: MeetingFull;
  rows: Row[];
  at: number;
  may: boolean;
  change: (rows: Row[], at?: number) => void;
  moved: (from: number, to: number) => void;
}

function Needed({ meeting }: { meeting: MeetingFull }) {
  return (
    <div>
      <span class="label">Needed for a quorum</span>
      <ul class="seats">
        {meeting.required.map((it) => {
          const counting = meeting.members.filter((member) => it.counts.includes(member.specialty));
          return (
            <li key={it.name}>
              <span>{it.name}, {it.min}</span>
              {counting.length >= it.min ? <State tone="ok">{count(counting.length, 'member')}</State> : <State tone="stop">{counting.length} on the board</State>}
            </li>
          );
        })}
      </ul>
      <p class="note gap-3">Members on the board, not promises to come. Quorum is counted in the room.</p>
    </div>
  );
}

/** What can be changed about the chosen item. */
export function Chosen({ meeting, rows, at, may, change, moved }: ChosenProps) {
  const row = rows[at];
  if (!row) {
    return (
      <section aria-labelledby="sel">
        <div class="head"><h2 id="sel">No item yet</h2></div>
        <div class="chosen"><Needed meeting={meeting} /></div>
      </section>
    );
  }
  const planned = row.state === 'planned';
  const saved = meeting.items.find((it) => it.case === row.case);
  const people = [...meeting.members.map(({ person, name, specialty }) => ({ person, name, specialty }))];
  if (saved && !people.some((it) => it.person === saved.referrer)) people.push({ person: saved.referrer, name: saved.referrer_name, specialty: '' });
  if (!people.some((it) => it.person === row.presenter)) people.push({ person: row.presenter, name: row.presenter_name, specialty: '' });
  const presents = (person: string) => {
    const name = people.find((it) => it.person === person)?.name ?? '';
    change(rows.map((it, index) => (index === at ? { ...it, presenter: person, presenter_name: name } : it)));
  };
  return (
    <section aria-labelledby="sel">
      <div class="head"><h2 id="sel">Item {at + 1}, {row.name}</h2></div>
      <div class="chosen">
        {may && planned && (
          <>
            <div class="acts">
              <Btn small icon={ArrowUp} disabled={!mayMove(rows, at, at - 1)} onClick={() => moved(at, at - 1)}>Earlier</Btn>
              <Btn small icon={ArrowDown} disabled={!mayMove(rows, at, at + 1)} onClick={() => moved(at, at + 1)}>Later</Btn>
              <Btn small onClick={() => change(rows.filter((_, index) => index !== at), Math.max(0, at - 1))}>Take off</Btn>
            </div>
            <div class="acts spread">
              <label for="mins">Minutes</label>
              <span class="step">
                <button type="button" aria-label="One minute less" onClick={() => change(withMinutes(rows, at, row.minutes - 1))}>−</button>
                <input id="mins" inputMode="numeric" value={row.minutes} onChange={(e) => change(withMinutes(rows, at, Number.parseInt(e.currentTarget.value, 10)))} />
                <button type="button" aria-label="One minute more" onClick={() => change(withMinutes(rows, at, row.minutes + 1))}>+</button>
              </span>
            </div>
            <Field label="Presents" id="presents">
              {(ids) => (
                <select {...ids} value={row.presenter} onChange={(e) => presents(e.currentTarget.value)}>
                  {people.map((it) => <option key={it.person} value={it.person}>{it.name}{it.specialty && `, ${specialtyWord(it.specialty).toLowerCase()}`}</option>)}
                </select>
              )}
            </Field>
          </>
        )}
        {!(may && planned) && <p>{row.minutes} min, presented by {row.presenter_name}.</p>}
        <div>
          <span class="label">Question</span>
          <p class="signed">{row.question}</p>
          <p class="note gap-3">Referred by {row.referrer_name}. {saved ? `${count(saved.documents, 'document')}.` : 'Not saved on this agenda yet.'} <Link href={`/cases/${row.case}`}>Open the case</Link></p>
        </div>
        <Needed meeting={meeting} />
      </div>
    </section>
  );
}
