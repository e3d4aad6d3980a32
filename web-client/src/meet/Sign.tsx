/** One act: the PIN seals this text. Without quorum it needs the reason, which is printed on the plan. */
import { Stamp, TriangleAlert } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { signPlan } from '../net/sign';
import { columns, lacking } from '../state/quorum';
import { address } from '../state/words';
import { Field, Icon } from '../ui/controls';
import { useRoom } from './context';

export function SignForm({ done }: { done: () => void }) {
  const room = useRoom();
  const s = room.state.value;
  const text = s.readback.text;
  const [pin, setPin] = useState('');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState({ field: '', text: '' });
  if (!text) return <p>The text is not under read back any more. Nothing was signed.</p>;
  const missing = [...new Set([...text.missing.map((m) => m.discipline), ...lacking(columns(s.meeting.required, s.seats)).map((c) => c.name)])];
  const needsReason = !text.quorum_met || missing.length > 0 || fault.field === 'reason';
  const send = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (needsReason && !reason.trim()) return setFault({ field: 'reason', text: 'Write why it is signed without quorum, for example: surgeon agreed by telephone.' });
    setBusy(true);
    const r = await signPlan({ meeting: room.meeting, digest: text.digest, pin, reason: reason.trim() });
    setBusy(false);
    setPin(''); // a PIN never stays in the page
    if (r.ok) done();
    else setFault({ field: r.field || 'pin', text: r.message });
  };
  return (
    <form class="stack-4" onSubmit={(e) => void send(e)}>
      <p>Signing seals this text, the attendance and the {text.pictures.length} pictures shown. Afterwards it can only be added to, never changed.</p>
      {needsReason && (
        <>
          {missing.length > 0 && <p class="is stop"><Icon of={TriangleAlert} />Quorum is not met: {missing.join(', ')}</p>}
          <Field label="Reason to sign without quorum" id="sign-reason" hint="Printed on the plan." fault={fault.field === 'reason' ? fault.text : undefined}>
            {(ids) => <textarea {...ids} rows={2} maxLength={1000} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />}
          </Field>
        </>
      )}
      <Field label="Your PIN" id="sign-pin" fault={fault.field && fault.field !== 'reason' ? fault.text : undefined}>
        {(ids) => <input {...ids} type="password" inputMode="numeric" autocomplete="off" autoFocus value={pin} onInput={(e) => setPin(e.currentTarget.value)} />}
      </Field>
      <div class="acts">
        <button type="submit" class="btn main" disabled={busy || !pin}><Icon of={Stamp} /> Sign as {address(room.you.value?.name ?? '')}</button>
        <button type="button" class="btn" onClick={done}>Not yet</button>
      </div>
    </form>
  );
}
