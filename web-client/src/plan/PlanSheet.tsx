import './plan.css';
import type { PlanFull } from '../protocol/generated/protocol';
import { Icon, State } from '../ui/controls';
import { BadgeCheck, GitFork } from '../ui/icons';
import { clock, isoLong, isoShort, longDate, shortDate } from '../ui/time';
import { listed, specialtyWord } from '../ui/words';
import { fieldLabel, fieldWords, outcomeWords, partWords, readPlan, type PlanLine, type PlanText } from './planText';
import { grouped, type Verdict } from './verify';

const ADDENDUM: Record<PlanFull['addenda'][number]['reason'], string> = { new_result: 'new result', correction: 'correction', clarification: 'clarification' };

/** Order of the printed page: question, stage, wishes, recommendation, reasons, dissent, discussed, present. */
const BEFORE = ['answered', 'stage_agreed', 'wishes'] as const;
const AFTER = ['no_lines', 'reasons', 'options', 'would_change', 'not_available'] as const;
const DISCUSSED = ['guideline', 'genetics', 'trials', 'supportive'] as const;

function Said({ text, id }: { text: PlanText; id: string }) {
  const value = text.values.get(id);
  if (!value) return null;
  return <section class="part"><h3>{fieldLabel(id)}</h3><p class="signed">{fieldWords(id, value)}</p></section>;
}

function own(line: PlanLine): string {
  const due = line.due ? `by ${isoShort(line.due)}` : '';
  const waits = line.waits_for ? `Waits for ${line.waits_for}` : '';
  const kind = [partWords('kind', line.kind), line.intent && partWords('intent', line.intent).toLowerCase()].filter(Boolean).join(', ');
  return [[line.owner, due].filter(Boolean).join(', '), line.where, kind, waits].filter(Boolean).join(' · ');
}

function Recommendation({ text }: { text: PlanText }) {
  if (text.lines.length === 0) return null;
  const decision = text.values.get('decision');
  return (
    <section class="part">
      <h3>Recommendation{decision && `: ${fieldWords('decision', decision).toLowerCase()}`}</h3>
      <ol class="recs signed on-screen">
        {text.lines.map((line, at) => <li key={at}>{line.what}<span class="own">{own(line)}</span></li>)}
      </ol>
      <table class="on-paper">
        <thead><tr><th scope="col">No.</th><th scope="col">What</th><th scope="col">Who</th><th scope="col">By</th><th scope="col">Where</th></tr></thead>
        <tbody>
          {text.lines.map((line, at) => (
            <tr key={at}><td>{at + 1}</td><td>{line.what}{line.waits_for && `${/[.!?]$/.test(line.what) ? '' : '.'} Waits for ${line.waits_for}.`}</td><td>{line.owner}</td><td>{isoShort(line.due)}</td><td>{line.where}</td></tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Names under their specialty: who decides is told by discipline, not by alphabet. */
export function presentWords(text: Pick<PlanText, 'attendance'>): string[] {
  const groups = new Map<string, string[]>();
  for (const person of text.attendance) {
    if (!person.here) continue;
    const role = person.role === 'chair' ? ' (chair)' : person.role === 'observer' ? ' (observer)' : '';
    const key = specialtyWord(person.specialty);
    groups.set(key, [...(groups.get(key) ?? []), `${person.name}${role}${person.confirmed ? '' : ' (specialty not confirmed)'}`]);
  }
  return [...groups].map(([specialty, names]) => `${specialty}: ${names.join(', ')}.`);
}

function Present({ text }: { text: PlanText }) {
  if (text.attendance.length === 0) return null;
  const quorum = text.quorum_met === undefined ? '' : text.quorum_met ? ', quorum met' : `, quorum not met${text.missing.length > 0 ? `: ${listed(text.missing)} missing` : ''}`;
  return (
    <section class="part">
      <h3>Present at the decision{quorum}</h3>
      <p class="signed">{presentWords(text).join(' ')}{text.attendance_more > 0 && ` And ${text.attendance_more} more, named in the record of the meeting.`}</p>
      {text.reason && <p class="signed">Signed without quorum, because: {text.reason}</p>}
    </section>
  );
}

function Dissents({ text }: { text: PlanText }) {
  return (
    <>
      {text.dissents.map((it, at) => (
        <div class="dissent" key={at}>
          <p class="is apart"><Icon of={GitFork} />Dissent, {it.name}{it.specialty && `, ${specialtyWord(it.specialty).toLowerCase()}`}</p>
          <blockquote class="signed">{it.text}</blockquote>
        </div>
      ))}
    </>
  );
}

function Discussed({ text }: { text: PlanText }) {
  const said = DISCUSSED.filter((id) => text.values.get(id));
  if (said.length === 0) return null;
  return (
    <section class="part">
      <h3>Discussed</h3>
      <ul class="signed elements-said">{said.map((id) => <li key={id}>{fieldLabel(id)}: {fieldWords(id, text.values.get(id) ?? '')}</li>)}</ul>
    </section>
  );
}

function Tells({ text }: { text: PlanText }) {
  const who = text.values.get('tells_who');
  if (!who) return null;
  return <section class="part"><h3>Who tells the patient, and when</h3><p class="signed">{who}, {isoLong(text.values.get('tells_when') ?? '')}</p></section>;
}

function Structured({ text }: { text: PlanText }) {
  return (
    <>
      {text.question && <section class="part"><h3>Question{text.question_by && `, ${text.question_by}`}</h3><p class="signed">{text.question}</p></section>}
      {text.patient.diagnosis && <section class="part"><h3>Diagnosis and stage before the meeting</h3><p class="signed">{[text.patient.diagnosis, text.patient.stage].filter(Boolean).join(', ')}</p></section>}
      {BEFORE.map((id) => <Said key={id} text={text} id={id} />)}
      <Recommendation text={text} />
      {AFTER.map((id) => <Said key={id} text={text} id={id} />)}
      <Dissents text={text} />
      <Discussed text={text} />
      <Tells text={text} />
      <Present text={text} />
      {text.outcome.length > 0 && <section class="part"><h3>Against the plan before the board</h3><p class="signed">{text.outcome.map(outcomeWords).join('. ')}.{text.referring_plan && ` The plan before was: ${text.referring_plan}`}</p></section>}
      {text.wording && <details class="as-read on-screen"><summary>As it was read aloud, word for word</summary><p class="signed wording">{text.wording}</p></details>}
    </>
  );
}

function StateOf({ plan, verdict }: { plan: PlanFull; verdict: Verdict | undefined }) {
  // The page may not call signed what its own check refused.
  if (verdict === 'altered') return <State tone="stop">Not what was signed</State>;
  if (plan.state === 'withdrawn') return <State tone="stop">Withdrawn, version {plan.version}</State>;
  if (plan.state === 'superseded') return <State tone="now">Superseded, version {plan.version}</State>;
  return <State tone="ok" icon={BadgeCheck}>Signed, version {plan.version}</State>;
}

/** Withdrawn or corrected is said before anything else, on the screen and on paper. */
export function PlanBanner({ plan, verdict }: { plan: PlanFull; verdict: Verdict | undefined }) {
  if (verdict === 'altered') return <div class="banner stop plan-banner"><p><b>This text is not what was signed. Do not act on it.</b> Call the coordinator of the board.</p></div>;
  if (plan.state === 'withdrawn') return <div class="banner stop plan-banner" role="alert"><p><b>Withdrawn. Do not act on this plan.</b> {plan.state_text}</p></div>;
  if (plan.state === 'superseded') return <div class="banner now plan-banner"><p><b>There is a newer plan.</b> {plan.state_text}</p></div>;
  if (plan.addenda.length > 0) return <div class="banner now plan-banner"><p><b>{plan.addenda.some((it) => it.reason === 'correction') ? 'Corrected, see addendum' : 'Added to, see addendum'}</b> of {longDate(plan.addenda[plan.addenda.length - 1]?.at_us ?? 0)}.</p></div>;
  return null;
}

function PaperHead({ plan, text }: { plan: PlanFull; text: PlanText | undefined }) {
  const who = text?.patient;
  const kind = text?.values.get('kind');
  return (
    <div class="on-paper">
      <div class="paper-head">
        <div><p class="paper-title">Tumor board plan</p><p>{[text?.board, longDate(plan.signed_us), kind && fieldWords('kind', kind).toLowerCase()].filter(Boolean).join(' · ')}</p></div>
        <p class="r"><b>Clinical record</b><br />version {plan.version}, {plan.state}</p>
      </div>
      {who?.name && (
        <dl class="paper-id">
          <div><dt>Patient</dt><dd>{who.name}</dd></div>
          <div><dt>Born</dt><dd>{isoLong(who.birth_date)}</dd></div>
          <div><dt>Record number</dt><dd>{who.local_id}</dd></div>
          <div><dt>Asked by</dt><dd>{text?.question_by}</dd></div>
        </dl>
      )}
    </div>
  );
}

function PaperFoot({ plan }: { plan: PlanFull }) {
  return (
    <div class="on-paper">
      <div class="paper-sign">
        <p><b>Signed</b><br />{plan.signer_name}, {longDate(plan.signed_us)}, {clock(plan.signed_us)}{plan.cosigned.map((it) => <><br />{it.signer_name}, {longDate(it.at_us)}, {clock(it.at_us)}</>)}</p>
        <p><b>Check this page</b> without the server: consilium verify plan.json<br /><span class="code">{grouped(plan.digest)}</span></p>
      </div>
      <p class="paper-foot">Advice to the treating physician, who decides with the patient. Not a primary reading of images.</p>
    </div>
  );
}

/** The signed plan as a document: words that were signed are set in serif, all else is the instrument. */
export function PlanSheet({ plan, verdict }: { plan: PlanFull; verdict: Verdict | undefined }) {
  const text = readPlan(plan.text);
  const kind = text?.values.get('kind');
  return (
    <article class="doc" aria-labelledby="plan">
      <PlanBanner plan={plan} verdict={verdict} />
      <PaperHead plan={plan} text={text} />
      <div class="doc-head on-screen"><h2 id="plan">{kind ? fieldWords('kind', kind) : 'Plan'}</h2><StateOf plan={plan} verdict={verdict} /></div>
      {text ? (text.lines.length > 0 || text.values.size > 0 ? <Structured text={text} /> : <p class="signed wording">{text.wording}</p>) : <p class="signed wording">{plan.text}</p>}
      {plan.addenda.length > 0 && (
        <section class="part addenda">
          <h3>Addenda</h3>
          {plan.addenda.map((it) => (
            <p class="signed" key={it.addendum}>{shortDate(it.at_us)} {clock(it.at_us)}, {it.author_name}, {ADDENDUM[it.reason]}: {it.text} <State tone="ok" icon={BadgeCheck}>signed</State></p>
          ))}
        </section>
      )}
      <p class="note on-screen advice">{text?.disclaimer || 'Advice to the treating physician, who decides with the patient'}.</p>
      <PaperFoot plan={plan} />
    </article>
  );
}
