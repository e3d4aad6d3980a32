/** The plan as it is written: saved text only, what is missing before signing, read back. */
import { BadgeCheck, BookOpenText, Check, CircleDashed, GitFork, PenLine, TriangleAlert } from 'lucide-preact';
import defs from '../../../protocols/record/plan-fields.json';
import { nextItem, runningItem } from '../state/agenda';
import { columns, lacking } from '../state/quorum';
import { type Rule, missing, rules } from '../state/rules';
import { address, clock, familyName, shortName } from '../state/words';
import { Icon, State } from '../ui/controls';
import { useRoom } from './context';
import { Dissents } from './Dissent';
import type { Ask } from './dialogs';
import { readBack } from './startReadBack';
import { PlanField, type FieldDef, useMayWrite } from './PlanField';
import { PlanLines } from './PlanLines';
import { NoteButton, Notes } from './Notes';

const byId = new Map(defs.fields.map((f) => [f.id, f as FieldDef]));
const BEFORE = ['wishes', 'stage_agreed', 'answered', 'kind', 'decision'];
const AFTER = ['no_lines', 'reasons', 'options', 'guideline', 'genetics', 'trials', 'supportive', 'not_available', 'would_change', 'tells_who', 'tells_when'];

function Fields({ ids }: { ids: string[] }) {
  const plan = useRoom().state.value.plan;
  const may = useMayWrite();
  return (
    <>
      {ids.map((id) => {
        const f = byId.get(id);
        if (!f || (id === 'no_lines' && plan.lines.length > 0)) return null;
        if (!may && !plan.fields[id]?.value && !plan.writers[id]) return null; // readers see what is written
        return <PlanField key={id} field={f} />;
      })}
    </>
  );
}

function writersWord(names: string[]): string {
  return names.length === 1 ? `${names[0]} is writing` : `${names.length} are writing`;
}

/** On a phone the recommendations come first: that is what the referring clinician waits for. */
export function PlanBody({ linesFirst }: { linesFirst?: boolean }) {
  const s = useRoom().state.value;
  return (
    <>
      {linesFirst && <PlanLines />}
      <section><h3><span>Question{s.plan.questionBy && `, from ${address(s.plan.questionBy)}`}</span></h3><p class="signed">{s.plan.question}</p></section>
      <Fields ids={BEFORE} />
      {!linesFirst && <PlanLines />}
      <Notes />
      <Fields ids={AFTER} />
      {s.plan.dissents.length > 0 && <section><Dissents /></section>}
    </>
  );
}

/** Rules by the one list; a missing one is a button to its field. */
function Missing() {
  const room = useRoom();
  const s = room.state.value;
  const lacks = lacking(columns(s.meeting.required, s.seats));
  const writes = s.plan.dissents.map((d) => shortName(d.name));
  const open = missing(s.plan);
  const there = rules.length - open.length;
  const go = (r: Rule) => () => document.getElementById(`plan-${r.field ?? r.fields?.[0] ?? (r.needs === 'reasons_if_dissent' ? 'reasons' : 'lines')}-l`)?.scrollIntoView({ block: 'center' });
  return (
    <>
      <h3><span>Before it can be signed</span></h3>
      <ul class="elements" aria-label="What must be there">
        {there > 0 && <li><Icon of={Check} tone="ok" />{there === rules.length ? 'All is there' : `${there} of ${rules.length} there`}</li>}
        {open.map((r) => (
          <li key={r.id} title={r.message}>
            <Icon of={CircleDashed} tone="info" />
            <button type="button" class="more" onClick={go(r)}>{r.label}<span class="hide">: {r.message}</span></button>
          </li>
        ))}
      </ul>
      {(lacks.length > 0 || writes.length > 0) && (
        <p class="lacks">
          {lacks.length > 0 && <State tone="stop" icon={TriangleAlert}>{lacks.map((c) => c.name).join(', ')} missing</State>}
          {writes.length > 0 && <State tone="apart" icon={GitFork}>{writes.join(', ')} {writes.length === 1 ? 'dissents' : 'dissent'}</State>}
        </p>
      )}
    </>
  );
}

function SignedLine() {
  const room = useRoom();
  const s = room.state.value;
  const signed = s.plan.signed;
  if (!signed) return null;
  const item = runningItem(s.agenda);
  return (
    <div class="signedline" role="status">
      <p class="is ok"><Icon of={BadgeCheck} />Signed {clock(signed.atUs)}</p>
      <p class="note">By {address(signed.signerName)}, version {signed.version}. It can only be added to, never changed.</p>
      {item && <a class="btn small" href={`/plans/${signed.plan}`} target="_blank" rel="noopener">Read {familyName(item.name)}’s plan</a>}
    </div>
  );
}

export function PlanFoot({ ask }: { ask: (a: Ask) => void }) {
  const room = useRoom();
  const s = room.state.value;
  const item = runningItem(s.agenda);
  if (s.plan.signed) return <div class="planfoot"><SignedLine /></div>;
  if (!s.plan.plan) return null;
  return (
    <div class="planfoot">
      <Missing />
      <div class="acts">
        {room.isChair.value && (
          <>
            <button type="button" class="btn main grow" onClick={() => void readBack(room)}><Icon of={BookOpenText} /> Read back <span class="keys">R</span></button>
            {item && <button type="button" class="btn" onClick={() => ask({ is: 'defer' })}>Defer</button>}
          </>
        )}
        {room.you.value?.role !== 'observer' && <button type="button" class="btn" onClick={() => ask({ is: 'dissent' })}><Icon of={GitFork} /> Dissent</button>}
        <NoteButton ask={() => ask({ is: 'note' })} />
      </div>
    </div>
  );
}

export function PlanPanel({ ask }: { ask: (a: Ask) => void }) {
  const room = useRoom();
  const s = room.state.value;
  const own = room.you.value?.seat;
  const writers = [...new Set(Object.values(s.plan.writers).filter((w) => w.seat !== own).map((w) => shortName(w.name)))];
  const next = nextItem(s.agenda);
  return (
    <aside class="plan" aria-labelledby="plan-h" id="plan">
      <div class="planhead">
        <h2 id="plan-h" tabIndex={-1}>{s.plan.signed ? 'Plan, signed' : 'Plan, draft'}</h2>
        {writers.length > 0 && <State tone="now" icon={PenLine}>{writersWord(writers)}</State>}
      </div>
      {s.plan.plan
        ? <div class="body" tabIndex={0} role="region" aria-label="Plan fields"><PlanBody /></div>
        : <div class="body"><p class="note lone">{next ? `The plan opens with the case. Next is ${familyName(next.name)}.` : 'No plan is open.'}</p></div>}
      <PlanFoot ask={ask} />
    </aside>
  );
}
