import type { ComponentChildren } from 'preact';
import { usePage } from '../app/page';
import { me } from '../app/session';
import type { PlanFull } from '../protocol/generated/protocol';
import { Btn, Go } from '../ui/controls';
import { Download, Printer } from '../ui/icons';
import { Shown, useLoad } from '../ui/load';
import { clock, isoLong, longDate } from '../ui/time';
import { PlanActs } from './acts';
import { Pictures } from './Pictures';
import { readPlan } from './planText';
import { PlanSheet } from './PlanSheet';
import { Proof, useCheck } from './Proof';

export function Downloads({ plan }: { plan: PlanFull }) {
  return (
    <>
      <Btn icon={Printer} onClick={() => print()}>Print</Btn>
      <a class="btn" href={`/api/plans/${plan.plan}.pdf`} download><Download class="icon" aria-hidden="true" /> PDF</a>
    </>
  );
}

/** Document on the left, proof and pictures beside it. */
export function PlanBody({ plan, children }: { plan: PlanFull; children?: ComponentChildren }) {
  const checked = useCheck(plan);
  const text = readPlan(plan.text);
  return (
    <div class="record">
      <PlanSheet plan={plan} verdict={checked?.verdict} />
      <div class="stack">
        <Proof plan={plan} checked={checked} />
        <Pictures pictures={text?.pictures ?? []} />
        {children}
      </div>
    </div>
  );
}

function Page({ plan, again }: { plan: PlanFull; again: () => Promise<void> }) {
  const who = readPlan(plan.text)?.patient;
  const title = who?.name ? `Plan for ${who.name}` : 'Signed plan';
  usePage(title);
  return (
    <>
      <div class="lead">
        <div>
          <h1>{title}</h1>
          <p>{who?.birth_date && `Born ${isoLong(who.birth_date)}. `}Signed by {plan.signer_name}, {longDate(plan.signed_us)} {clock(plan.signed_us)}. Everything you open here is logged.</p>
        </div>
        <div class="acts">
          <Downloads plan={plan} />
          {!me.value?.guest && <Go href={`/cases/${plan.case}`}>Open the record</Go>}
          <PlanActs plan={plan} again={again} />
        </div>
      </div>
      <PlanBody plan={plan} />
    </>
  );
}

/** One plan by its own address: what a guest opens after the meeting. */
export default function PlanPage({ id }: { id: string }) {
  const loaded = useLoad<PlanFull>(`/api/plans/${id}`);
  return <Shown of={loaded} what="plan">{(it) => <Page plan={it} again={loaded.again} />}</Shown>;
}
