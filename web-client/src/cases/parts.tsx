import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Person } from '../protocol/generated/protocol';
import { Btn, Field, Icon } from '../ui/controls';
import { ChevronDown, Lock, TriangleAlert } from '../ui/icons';
import { PersonSearch } from '../ui/PersonSearch';
import { deskOf } from '../app/roles';
import { me } from '../app/session';
import { DIAGNOSIS_KINDS, ECOGS, QUESTION_CHARS, QUESTION_KINDS, SEXES, URGENCIES, type Intake } from './intake';
import type { Axis } from './stage';
import type { IntakeForm } from './useIntake';

type TextKey = { [K in keyof Intake]: Intake[K] extends string ? K : never }[keyof Intake];

interface TextProps {
  form: IntakeForm;
  field: TextKey;
  label: string;
  hint?: string;
  rows?: number;
  max: number;
  signed?: boolean;
  type?: 'text' | 'date';
}

/** A text field: its fault is said once the field was left. */
function Text({ form, field, label, hint, rows, max, signed, type = 'text' }: TextProps) {
  const fault = form.shown(field) ? form.faults.find((it) => it.field === field)?.text : undefined;
  const set = (event: { currentTarget: { value: string } }) => form.change({ [field]: event.currentTarget.value });
  const common = { value: form.intake[field], maxLength: max, onInput: set, onBlur: () => form.left(field), autocomplete: 'off' as const };
  return (
    <Field label={label} id={field} hint={hint} fault={fault}>
      {(ids) => (rows ? <textarea {...ids} {...common} rows={rows} class={signed ? 'signed' : undefined} /> : <input {...ids} {...common} type={type} />)}
    </Field>
  );
}

function Choice<K extends string | number>({ id, label, value, options, set }: { id: string; label: string; value: K; options: readonly (readonly [K, string])[]; set: (value: K) => void }) {
  return (
    <Field label={label} id={id}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => { const found = options.find(([it]) => String(it) === event.currentTarget.value); if (found) set(found[0]); }}>
          {options.map(([it, word]) => <option key={it} value={it}>{word}</option>)}
        </select>
      )}
    </Field>
  );
}

export function QuestionPart({ form }: { form: IntakeForm }) {
  const used = form.intake.question.length;
  return (
    <section id="q">
      <h2>What do you want to know?</h2>
      <Text form={form} field="question" label="Your question to the board" hint={`One question the answer can be held against. ${used} of ${QUESTION_CHARS} characters.`} rows={3} max={QUESTION_CHARS} signed />
      <div class="grid2">
        <Choice id="question_kind" label="About" value={form.intake.question_kind} options={QUESTION_KINDS} set={(question_kind) => form.change({ question_kind })} />
        <Choice id="urgency" label="How soon" value={form.intake.urgency} options={URGENCIES} set={(urgency) => form.change({ urgency })} />
      </div>
    </section>
  );
}

/** A coordinator may write a case for the physician who asks. */
function Referrer({ form }: { form: IntakeForm }) {
  const [other, setOther] = useState(false);
  const person = me.value;
  const take = (found: Person) => {
    form.change({ referrer: found.person, referrer_name: found.name, site: found.site || form.intake.site });
    setOther(false);
  };
  const mayChoose = person !== null && person !== undefined && deskOf(person) !== 'clinician';
  return (
    <div class="field">
      <span class="label">Referred by</span>
      <span class="acts spread"><span>{form.intake.referrer_name || 'nobody yet'}</span>{mayChoose && !other && <Btn small onClick={() => setOther(true)}>Choose another</Btn>}</span>
      {other && <PersonSearch label="Find the referring physician" id="referrer" chosen={take} />}
    </div>
  );
}

export function WhoPart({ form }: { form: IntakeForm }) {
  return (
    <section id="who">
      <h2>The patient</h2>
      <div class="grid2">
        <Text form={form} field="name" label={form.intake.is_pseudonym ? 'Pseudonym' : 'Family name, given name'} max={120} />
        <Text form={form} field="birth_date" label="Birth date" type="date" max={10} />
        <Text form={form} field="local_id" label="Record number" max={64} />
        <Choice id="sex" label="Sex" value={form.intake.sex} options={SEXES} set={(sex) => form.change({ sex })} />
        <Text form={form} field="site" label="Clinic" max={160} />
        <Referrer form={form} />
      </div>
      <label class="tick"><input type="checkbox" checked={form.intake.is_pseudonym} onChange={(e) => form.change({ is_pseudonym: e.currentTarget.checked })} /> The name is a pseudonym</label>
    </section>
  );
}

const AXES: readonly [Axis, string][] = [['t', 'T'], ['n', 'N'], ['m', 'M']];

function StageFields({ form }: { form: IntakeForm }) {
  const faults = form.faults.filter((it) => it.field.startsWith('stage_') && form.shown(it.field));
  const set = (part: Partial<Intake['stage']>) => form.change({ stage: { ...form.intake.stage, ...part } });
  const wrong = (id: string) => faults.some((it) => it.field === id);
  const input = (id: string, label: string, value: string, put: (value: string) => void) => (
    <div class={`field${wrong(id) ? ' wrong' : ''}`} key={id}>
      <label for={id}>{label}</label>
      <input id={id} type="text" maxLength={id === 'stage_rest' ? 80 : 24} autocomplete="off" spellcheck={false} value={value} onInput={(e) => put(e.currentTarget.value)} onBlur={() => form.left(id)} aria-invalid={wrong(id) ? 'true' : undefined} aria-describedby={wrong(id) ? `${id}-fault` : undefined} />
    </div>
  );
  return (
    <>
      <div class="grid3">
        {AXES.map(([axis, label]) => input(`stage_${axis}`, label, form.intake.stage[axis], (value) => set({ [axis]: value })))}
        {input('stage_rest', 'Group, or other', form.intake.stage.rest, (rest) => set({ rest }))}
      </div>
      <div aria-live="polite">
        {faults.map((fault) => (
          <p class="fault stage-fault" id={`${fault.field}-fault`} key={fault.field}>
            <Icon of={TriangleAlert} />
            <span>
              {fault.text}{' '}
              {fault.repair && <Btn small onClick={() => { set({ [fault.field.slice(-1)]: fault.repair }); document.getElementById(fault.field)?.focus(); }}>Use {fault.repair}</Btn>}
            </span>
          </p>
        ))}
      </div>
    </>
  );
}

export function DiagnosisPart({ form }: { form: IntakeForm }) {
  return (
    <section id="dx">
      <h2>Diagnosis and stage</h2>
      <div class="grid2">
        <Text form={form} field="diagnosis" label="Diagnosis" max={200} />
        <Choice id="diagnosis_kind" label="Kind" value={form.intake.diagnosis_kind} options={DIAGNOSIS_KINDS} set={(diagnosis_kind) => form.change({ diagnosis_kind })} />
      </div>
      <StageFields form={form} />
      <div class="grid2">
        <Text form={form} field="stage_system" label="Staging system" hint="For example AJCC 9, FIGO 2023" max={60} />
        <Text form={form} field="diagnosis_code" label="ICD-10-CM code" hint="If at hand, for example C34.11" max={20} />
      </div>
    </section>
  );
}

function Fold({ id, title, said, children }: { id: string; title: string; said: string; children: ComponentChildren }) {
  // Closed where something is written: complete parts fold to one readable line.
  const [open] = useState(said === '');
  return (
    <details class="fold-part" id={id} open={open}>
      <summary><h2>{title}</h2><span class="note">{said || 'Nothing written yet'}</span><Icon of={ChevronDown} /></summary>
      <div class="inside">{children}</div>
    </details>
  );
}

function short(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > 110 ? `${line.slice(0, 108)} …` : line;
}

export function FoldedParts({ form }: { form: IntakeForm }) {
  const { intake } = form;
  return (
    <div class="folds" id="bm">
      <Fold id="biomarkers-part" title="Biomarkers" said={short(intake.biomarkers)}>
        <Text form={form} field="biomarkers" label="Results, and what is pending with its date" rows={3} max={1000} />
      </Fold>
      <Fold id="history-part" title="History" said={short([intake.history, intake.comorbidity].filter(Boolean).join(' · '))}>
        <Text form={form} field="history" label="Treatment so far" hint="What, when, with what result. Write “none” if there was none." rows={4} max={2000} />
        <Text form={form} field="comorbidity" label="Other illnesses and organ function" rows={3} max={1000} />
      </Fold>
    </div>
  );
}

export function PersonPart({ form }: { form: IntakeForm }) {
  return (
    <section id="pt">
      <h2>The person</h2>
      <div class="grid2">
        <Choice id="ecog" label="ECOG" value={form.intake.ecog} options={ECOGS} set={(ecog) => form.change({ ecog })} />
      </div>
      <Text form={form} field="wishes" label="What matters to the patient" hint="In their own words if you can. The board reads this before it decides." rows={3} max={1000} />
      <Text form={form} field="not_available" label="What is not available" hint="It is printed on the plan, so that nobody wonders." rows={2} max={500} />
    </section>
  );
}

export function OwnPlanPart({ form, sealed }: { form: IntakeForm; sealed: boolean }) {
  return (
    <section id="rp">
      <h2>Your own plan</h2>
      {sealed ? (
        <p><Icon of={Lock} /> Sealed: only who wrote it reads it until the board has spoken. It is opened when the plan is read back, to see whether the advice changes it.</p>
      ) : (
        <Text form={form} field="referring_plan" label="What you would do without the board" hint="Kept from the board until the plan is read back. Then it shows whether the advice changed something." rows={3} max={2000} />
      )}
    </section>
  );
}
