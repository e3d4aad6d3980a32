import { useState } from 'preact/hooks';
import { call, said } from '../api/client';
import { announce } from '../app/announce';
import { me } from '../app/session';
import type { Made, PlanFull } from '../protocol/generated/protocol';
import { Btn, Field } from '../ui/controls';
import { FilePlus, PenLine } from '../ui/icons';
import { Dialog } from '../ui/notices';
import { readPlan } from './planText';

type Deed = 'amend' | 'withdraw' | 'cosign';

interface DeedWords {
  title: string;
  text: string;
  button: string;
  reasons: readonly (readonly [string, string])[];
  long: number;
}

const WORDS: Record<Deed, DeedWords> = {
  amend: {
    title: 'Write an addendum', text: 'It stands below the plan and is signed. The plan itself stays as it is.', button: 'Sign the addendum', long: 4096,
    reasons: [['new_result', 'New result'], ['correction', 'Correction'], ['clarification', 'Clarification']],
  },
  withdraw: {
    title: 'Withdraw this plan', text: 'Screen, search, PDF and file then open with “Withdrawn”. The text stays, and so does your reason.', button: 'Withdraw the plan', long: 1000,
    reasons: [['wrong_patient', 'Wrong patient'], ['entered_in_error', 'Entered in error']],
  },
  cosign: { title: 'Sign this plan too', text: 'Your own signature over the same text. It does not replace the one of the chair.', button: 'Sign', reasons: [], long: 0 },
};

function bodyOf(deed: Deed, plan: PlanFull, reason: string, text: string, pin: string): unknown {
  return deed === 'cosign' ? { digest: plan.digest, pin } : { reason, text, pin };
}

function DeedDialog({ deed, plan, close, done }: { deed: Deed; plan: PlanFull; close: () => void; done: () => Promise<void> }) {
  const words = WORDS[deed];
  const [reason, setReason] = useState(words.reasons[0]?.[0] ?? '');
  const [text, setText] = useState('');
  const [pin, setPin] = useState('');
  const [fault, setFault] = useState<{ field: 'text' | 'pin' | 'all'; text: string } | undefined>();
  const [busy, setBusy] = useState(false);
  const go = async (event: Event) => {
    event.preventDefault();
    if (words.long > 0 && text.trim() === '') return setFault({ field: 'text', text: deed === 'amend' ? 'The addendum is empty.' : 'Say in a sentence what went wrong.' });
    if (pin.length < 4) return setFault({ field: 'pin', text: 'The PIN has at least four characters.' });
    setBusy(true);
    setFault(undefined);
    try {
      await call<Made>('POST', `/api/plans/${plan.plan}/${deed}`, { body: bodyOf(deed, plan, reason, text.trim(), pin) });
      announce(deed === 'withdraw' ? 'Plan withdrawn.' : 'Signed.');
      close();
      await done();
    } catch (error) {
      setFault({ field: 'all', text: said(error) });
      setPin('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={words.title} close={close}>
      <p>{words.text}</p>
      {!me.value?.has_pin && <p class="fault">Your account has no PIN for signing yet. <a href="/me">Set one on your own page.</a></p>}
      <form class="stack-4" onSubmit={go} noValidate>
        {words.reasons.length > 0 && (
          <Field label="Reason" id="deed-reason">
            {(ids) => <select {...ids} value={reason} onChange={(e) => setReason(e.currentTarget.value)}>{words.reasons.map(([id, label]) => <option key={id} value={id}>{label}</option>)}</select>}
          </Field>
        )}
        {words.long > 0 && (
          <Field label={deed === 'amend' ? 'Addendum' : 'What went wrong'} id="deed-text" fault={fault?.field === 'text' ? fault.text : undefined}>
            {(ids) => <textarea {...ids} class="signed" rows={4} maxLength={words.long} value={text} onInput={(e) => setText(e.currentTarget.value)} />}
          </Field>
        )}
        <Field label="Your PIN" id="deed-pin" fault={fault?.field === 'pin' ? fault.text : undefined}>
          {(ids) => <input {...ids} type="password" inputMode="numeric" autocomplete="off" maxLength={64} value={pin} onInput={(e) => setPin(e.currentTarget.value)} />}
        </Field>
        {fault?.field === 'all' && <p class="fault" role="alert">{fault.text}</p>}
        <div class="acts"><Btn main type="submit" disabled={busy}>{words.button}</Btn><Btn onClick={close}>Close</Btn></div>
      </form>
    </Dialog>
  );
}

/** What a person may do to a signed plan. The server decides; the page leaves out what can only be refused. */
export function PlanActs({ plan, again }: { plan: PlanFull; again: () => Promise<void> }) {
  const [deed, setDeed] = useState<Deed | undefined>();
  const person = me.value;
  if (!person || plan.state === 'withdrawn') return null;
  const present = readPlan(plan.text)?.attendance.some((it) => it.person === person.person && it.here) ?? false;
  const signed = plan.signer_name === person.name || plan.cosigned.some((it) => it.signer_name === person.name);
  const leads = person.boards.some((it) => it.role === 'chair' || it.role === 'co_chair' || it.role === 'coordinator');
  return (
    <>
      {leads && <Btn onClick={() => setDeed('withdraw')}>Withdraw</Btn>}
      {present && !signed && <Btn icon={PenLine} onClick={() => setDeed('cosign')}>Sign too</Btn>}
      {!person.guest && <Btn main icon={FilePlus} onClick={() => setDeed('amend')}>Write an addendum</Btn>}
      {deed && <DeedDialog deed={deed} plan={plan} close={() => setDeed(undefined)} done={again} />}
    </>
  );
}
