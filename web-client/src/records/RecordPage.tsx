import '../plan/plan.css';
import { useState } from 'preact/hooks';
import { usePage } from '../app/page';
import type { CaseFull, PlanFull } from '../protocol/generated/protocol';
import { Btn, Go, Icon, State } from '../ui/controls';
import { CircleDashed } from '../ui/icons';
import { Shown, useLoad } from '../ui/load';
import { isoLong, longDate } from '../ui/time';
import { ageSex } from '../ui/words';
import { documentWords } from '../cases/documentWords';
import { PlanActs } from '../plan/acts';
import { Downloads, PlanBody } from '../plan/PlanPage';
import { RecordingList } from '../recordings/List';
import { stepsOf } from './steps';

function Steps({ full, plan }: { full: CaseFull; plan: PlanFull | undefined }) {
  return (
    <ol class="steps" aria-label="What happened and when">
      {stepsOf(full, plan).map((step) => (
        <li key={step.word + step.at} class={step.next ? 'next' : ''}><b>{step.next && <Icon of={CircleDashed} />} {step.word}</b>{step.when}</li>
      ))}
    </ol>
  );
}

const WORDS: Record<CaseFull['plans'][number]['state'], string> = { draft: 'draft', signed: 'signed', amended: 'with addendum', superseded: 'superseded', withdrawn: 'withdrawn' };

function Versions({ full, shown, show }: { full: CaseFull; shown: string; show: (plan: string) => void }) {
  const plans = full.plans.filter((it) => it.state !== 'draft');
  if (plans.length < 2) return null;
  return (
    <section aria-labelledby="versions">
      <div class="head"><h2 id="versions">Versions</h2></div>
      <ul class="lines">
        {plans.map((it) => (
          <li key={it.plan}>
            <span>Version {it.version}, {longDate(it.signed_us)}<br /><span class="note">{it.signer_name}, {it.board_name}</span></span>
            {it.plan === shown ? <span class="note">shown, {WORDS[it.state]}</span> : <Btn small onClick={() => show(it.plan)}>Show, {WORDS[it.state]}</Btn>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function CaseFiles({ full }: { full: CaseFull }) {
  return (
    <section aria-labelledby="files">
      <div class="head"><h2 id="files">Pictures and papers</h2></div>
      <ul class="lines">
        {full.documents.map((card) => <li key={card.document}><span>{card.title}</span><State tone={documentWords(card).tone}>{documentWords(card).word}</State></li>)}
      </ul>
      {full.documents.length === 0 && <p class="note gap-3">No file.</p>}
    </section>
  );
}

function Page({ full, plan, again, show }: { full: CaseFull; plan: PlanFull; again: () => Promise<void>; show: (plan: string) => void }) {
  const { record } = full;
  return (
    <>
      <div class="lead">
        <div>
          <h1>{[record.name, ageSex(record.birth_date, record.sex, Date.now() * 1000)].filter(Boolean).join(', ')}</h1>
          <p>Born {isoLong(record.birth_date)}, record number {record.local_id}. {record.diagnosis}{record.stage && `, ${record.stage}`}. Everything you open here is logged.</p>
        </div>
        <div class="acts">
          <Go plain href={`/cases/${full.case}/intake`}>Open the intake</Go>
          <Downloads plan={plan} />
          <PlanActs plan={plan} again={again} />
        </div>
      </div>
      <Steps full={full} plan={plan} />
      <PlanBody plan={plan}>
        <Versions full={full} shown={plan.plan} show={show} />
        <CaseFiles full={full} />
        <RecordingList of={full.case} />
      </PlanBody>
    </>
  );
}

function One({ full, id, show }: { full: CaseFull; id: string; show: (plan: string) => void }) {
  const loaded = useLoad<PlanFull>(`/api/plans/${id}`);
  return <Shown of={loaded} what="plan">{(plan) => <Page full={full} plan={plan} again={loaded.again} show={show} />}</Shown>;
}

/** The record of a case: what happened, the plan in force, the proof of it. The newest signed plan comes first. */
export default function RecordPage({ full }: { full: CaseFull }) {
  usePage(full.record.name);
  const signed = full.plans.filter((it) => it.state !== 'draft').sort((a, b) => b.version - a.version);
  const [id, setId] = useState(signed[0]?.plan ?? '');
  return <One key={id} full={full} id={id} show={setId} />;
}
