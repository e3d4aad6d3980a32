/** How long a recording is kept, its removal, and what is left to prove that it was. */
import { useState } from 'preact/hooks';
import { call, said } from '../api/client';
import { announce } from '../app/announce';
import type { RecordingFull } from '../protocol/generated/protocol';
import { Btn, Field } from '../ui/controls';
import { Dialog } from '../ui/notices';
import { clock, longDate } from '../ui/time';
import { removedBy, removedWhy } from './List';
import { position } from './timeline';

const DAY_US = 86_400_000_000;

/** The end of that day, here. */
function endOf(day: string): number {
  return new Date(`${day}T23:59:59`).getTime() * 1000;
}

function dayOf(us: number): string {
  const d = new Date(us / 1000);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
}

function Until({ of, again }: { of: RecordingFull; again: () => Promise<void> }) {
  const [day, setDay] = useState(dayOf(of.until_us));
  const [fault, setFault] = useState('');
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setFault('');
    try {
      await call('PUT', `/api/recordings/${of.recording}/until`, { body: { until_us: endOf(day) } });
      announce(`Kept until ${longDate(endOf(day))}.`);
      await again();
    } catch (error) {
      setFault(said(error));
    }
  };
  return (
    <form class="until" onSubmit={(e) => void save(e)}>
      <Field label="Remove after" id="until" fault={fault || undefined}>
        {(ids) => <input {...ids} type="date" required min={dayOf(Date.now() * 1000 + DAY_US)} value={day} onInput={(e) => setDay(e.currentTarget.value)} />}
      </Field>
      <Btn type="submit" disabled={!day || day === dayOf(of.until_us)}>Keep until then</Btn>
    </form>
  );
}

function Remove({ of, close, again }: { of: RecordingFull; close: () => void; again: () => Promise<void> }) {
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const go = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!reason.trim()) return setFault('Say in a sentence why. It stands in the certificate.');
    setBusy(true);
    try {
      await call('DELETE', `/api/recordings/${of.recording}`, { body: { reason: reason.trim() } });
      announce('The recording was removed.');
      close();
      await again();
    } catch (error) {
      setFault(said(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Remove this recording?" close={close}>
      <form class="stack-4" onSubmit={(e) => void go(e)}>
        <p>Its key is destroyed and its file removed, for everybody and for good. A certificate with your reason stays in the audit log.</p>
        <Field label="Reason" id="reason" fault={fault || undefined}>{(ids) => <textarea {...ids} rows={2} maxLength={400} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />}</Field>
        <div class="acts"><Btn main type="submit" disabled={busy}>Remove {position(of.duration_ms)} of sound</Btn><Btn plain onClick={close}>Keep it</Btn></div>
      </form>
    </Dialog>
  );
}

export function Keeping({ of, again }: { of: RecordingFull; again: () => Promise<void> }) {
  const [asks, setAsks] = useState(false);
  return (
    <section aria-labelledby="keeping">
      <div class="head"><h2 id="keeping">How long it is kept</h2></div>
      <p class="gap-3">It is removed by itself after {longDate(of.until_us)}.</p>
      {of.may_remove && (
        <>
          <Until key={of.until_us} of={of} again={again} />
          <Btn onClick={() => setAsks(true)}>Remove it now</Btn>
          {asks && <Remove of={of} close={() => setAsks(false)} again={again} />}
        </>
      )}
    </section>
  );
}

export function Certificate({ of }: { of: RecordingFull }) {
  return (
    <section class="certificate" aria-labelledby="certificate">
      <h2 id="certificate">Certificate of removal</h2>
      <p class="gap-3">Its key is destroyed: no copy of its sound, its film or the presenter's pointer on this server can be read. This certificate is an entry of the site's log, whose hash chain covers it.</p>
      <dl>
        <div><dt>Removed</dt><dd>{longDate(of.removed_us)}, {clock(of.removed_us)}</dd></div>
        <div><dt>By</dt><dd>{removedBy(of)}</dd></div>
        <div><dt>Why</dt><dd>{removedWhy(of)}</dd></div>
        <div><dt>Case</dt><dd>{of.name}</dd></div>
        <div><dt>Recording</dt><dd class="num">{of.recording}</dd></div>
        <div><dt>Began</dt><dd>{longDate(of.began_us)}, {clock(of.began_us)}</dd></div>
        <div><dt>Length</dt><dd>{position(of.duration_ms)}</dd></div>
        {of.sha256 && <div><dt>SHA-256</dt><dd class="num digest">{of.sha256}</dd></div>}
      </dl>
    </section>
  );
}
