import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client';
import { announce } from '../app/announce';
import type { PlanFull, SiteKey } from '../protocol/generated/protocol';
import { Icon } from '../ui/controls';
import { BadgeCheck, CircleDashed, TriangleAlert } from '../ui/icons';
import { clock, shortDate } from '../ui/time';
import { grouped, verify, type Checked, type Verdict } from './verify';

const LOOK: Record<Verdict, { icon: typeof BadgeCheck; tone: 'ok' | 'stop' | 'info' }> = {
  good: { icon: BadgeCheck, tone: 'ok' },
  altered: { icon: TriangleAlert, tone: 'stop' },
  key_unknown: { icon: CircleDashed, tone: 'info' },
  not_checked: { icon: CircleDashed, tone: 'info' },
};

/** Runs the check on this device whenever another plan is shown. */
export function useCheck(plan: PlanFull): Checked | undefined {
  const [checked, setChecked] = useState<Checked | undefined>();
  useEffect(() => {
    let current = true;
    setChecked(undefined);
    call<SiteKey>('GET', '/api/site/key')
      .catch(() => undefined)
      .then((site) => verify(plan, site))
      .then((it) => {
        if (!current) return;
        setChecked(it);
        announce(`${it.title}. ${it.text}`, it.verdict === 'altered' ? 'urgent' : 'polite');
      });
    return () => {
      current = false;
    };
  }, [plan.plan, plan.text, plan.signature]);
  return checked;
}

export function Proof({ plan, checked }: { plan: PlanFull; checked: Checked | undefined }) {
  const look = checked && LOOK[checked.verdict];
  const signers = [`${plan.signer_name}, ${shortDate(plan.signed_us)} ${clock(plan.signed_us)}`, ...plan.cosigned.map((it) => `${it.signer_name}, ${shortDate(it.at_us)} ${clock(it.at_us)}`)];
  return (
    <section aria-labelledby="ver" class={`proof ${look?.tone ?? ''}`}>
      <h2 id="ver">{look ? <><Icon of={look.icon} tone={look.tone} /> {checked?.title}</> : 'Being checked on this device'}</h2>
      {checked?.text && <p class={checked.verdict === 'altered' ? 'fault' : 'note'}>{checked.text}</p>}
      <dl>
        {checked && <><dt>Checked</dt><dd>{clock(checked.at * 1000)}, on this device</dd></>}
        <dt>Signed by</dt><dd>{signers.join('; ')}</dd>
        <dt>Seal</dt><dd class="code">{grouped(plan.digest, 8)}</dd>
      </dl>
      <p class="note gap-3"><a href={`/api/plans/${plan.plan}.json`} download>Save the file</a> to check it without this server: consilium verify.</p>
    </section>
  );
}
