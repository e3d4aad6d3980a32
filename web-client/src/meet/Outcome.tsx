/** The outcome against the sealed plan of the referring clinician: proposed by the server, confirmed by a person. */
import { Check } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { AskPlanOutcome } from '../protocol/generated/protocol';
import { runningItem } from '../state/agenda';
import { address, outcomeLabels } from '../state/words';
import { Icon, State } from '../ui/controls';
import { useRoom } from './context';

type Kind = AskPlanOutcome['outcome'][number];

export function Outcome() {
  const room = useRoom();
  const s = room.state.value;
  const text = s.readback.text;
  const [picked, setPicked] = useState<Kind[] | null>(null);
  if (!text) return null;
  const item = runningItem(s.agenda);
  const done = s.plan.outcome;
  const may = room.isChair.value || (item !== undefined && item.referrer === room.you.value?.person);
  const now: Kind[] = picked ?? done?.outcome ?? text.proposed;
  const toggle = (k: Kind): void => setPicked(now.includes(k) ? now.filter((x) => x !== k) : [...now, k]);
  const confirm = (): void => void room.press('plan.outcome', { outcome: now }).then((ok) => ok && setPicked(null));
  return (
    <section class="outcome" aria-labelledby="outcome-h">
      <h2 id="outcome-h">Against the referring plan</h2>
      <p class="note">{text.referring_plan ? 'Sealed until now:' : 'No plan was sealed at referral.'}</p>
      {text.referring_plan && <blockquote class="signed">{text.referring_plan}</blockquote>}
      {may ? (
        <fieldset>
          <legend class="hide">Outcome</legend>
          {Object.entries(outcomeLabels).map(([k, label]) => (
            <label key={k} class="tick"><input type="checkbox" checked={now.includes(k as Kind)} onChange={() => toggle(k as Kind)} /> {label}{text.proposed.includes(k as Kind) && <span class="tiny"> proposed</span>}</label>
          ))}
          {(!done || picked) && <button type="button" class="btn small" disabled={now.length === 0} onClick={confirm}><Icon of={Check} /> Confirm outcome</button>}
        </fieldset>
      ) : <p>{now.map((k) => outcomeLabels[k]).join(', ')}{!done && <span class="tiny"> proposed, not confirmed</span>}</p>}
      {done && !picked && <State tone="ok" icon={Check}>Confirmed by {address(done.name)}</State>}
    </section>
  );
}
