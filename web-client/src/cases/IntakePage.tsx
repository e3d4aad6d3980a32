import './cases.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Btn, Go } from '../ui/controls';
import { Banner } from '../ui/notices';
import { clock } from '../ui/time';
import { ageSex } from '../ui/words';
import { announce } from '../app/announce';
import { usePage } from '../app/page';
import { lostSince } from '../api/client';
import type { CaseFull } from '../protocol/generated/protocol';
import { RecordingList } from '../recordings/List';
import { Documents } from './Documents';
import { Gate } from './Gate';
import { faultsTitle, type Fault } from './intake';
import { DiagnosisPart, FoldedParts, OwnPlanPart, PersonPart, QuestionPart, WhoPart } from './parts';
import { ReadOnlyIntake } from './ReadOnly';
import { useIntake, type IntakeForm } from './useIntake';

function Summary({ faults, asked }: { faults: readonly Fault[]; asked: number }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (asked > 0) box.current?.focus();
  }, [asked]);
  if (asked === 0 || faults.length === 0) return null;
  return (
    <div class="summary" role="alert" tabIndex={-1} aria-labelledby="sumh" ref={box}>
      <h2 id="sumh">{faultsTitle(faults.length)}</h2>
      <ul>
        {faults.map((fault) => (
          <li key={fault.field}>
            <a href={`#${fault.field}`} onClick={(event) => { event.preventDefault(); document.getElementById(fault.field)?.focus(); }}>{fault.text}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Where the text is right now. Nothing is called saved that the server has not said it has. */
function SavedLine({ form, isNew }: { form: IntakeForm; isNew: boolean }) {
  const at = clock((form.savedAt || Date.now()) * 1000);
  const notKept = !form.kept && ' This browser keeps no draft: do not close the page.';
  switch (form.saving) {
    case 'saving':
      return <>Being saved.</>;
    case 'saved':
      return isNew ? <>Nothing is saved yet.</> : <>{form.savedAt ? `Saved ${at}.` : 'Saved.'} You can leave and come back on any device.</>;
    case 'failed':
      return <>Not saved. The text is kept in this tab.{notKept}</>;
    case 'changed':
      return <>{lostSince.value ? 'No connection: kept in this tab, sent when you are back.' : isNew ? 'Kept in this tab until you save the case.' : form.faults.length > 0 ? 'Not saved yet: something is to correct. Kept in this tab.' : 'Not saved yet, kept in this tab. It saves itself.'}{notKept}</>;
  }
}

const PARTS = [
  ['q', 'Question', ['question']], ['who', 'The patient', ['name', 'birth_date', 'local_id']],
  ['dx', 'Diagnosis, stage', ['diagnosis', 'stage_t', 'stage_n', 'stage_m', 'stage_rest']], ['bm', 'Biomarkers, history', []],
  ['pt', 'The person', ['wishes']], ['mat', 'Pictures, papers', []], ['rp', 'Your own plan', []],
] as const;

function Contents({ form }: { form: IntakeForm }) {
  return (
    <nav class="toc" aria-label="Parts of the case">
      {PARTS.map(([id, word, fields]) => {
        const wrong = form.faults.filter((it) => (fields as readonly string[]).includes(it.field) && form.shown(it.field)).length;
        return <a key={id} href={`#${id}`}>{word} {wrong > 0 && <span class="is stop">{wrong === 1 ? '1 fault' : `${wrong} faults`}</span>}</a>;
      })}
    </nav>
  );
}

function Form({ full, again }: { full: CaseFull | undefined; again: () => Promise<void> }) {
  const form = useIntake(full, again);
  const [asked, setAsked] = useState(0);
  const { intake } = form;
  const isNew = full === undefined;
  const title = isNew ? 'New case' : [intake.name || 'Case', ageSex(intake.birth_date, intake.sex, Date.now() * 1000)].filter(Boolean).join(', ');
  usePage(isNew ? 'New case' : full.record.name);

  const submit = async (): Promise<string | undefined> => {
    form.showAll();
    if (form.faults.length === 0) return form.save();
    setAsked(asked + 1);
    announce(faultsTitle(form.faults.length), 'urgent');
    return undefined;
  };
  const listed = full?.items.filter((it) => it.state === 'planned')[0];

  return (
    <>
      <div class="lead">
        <div>
          <h1>{title}</h1>
          <p>{listed && `Listed for ${listed.board_name}, ${clock(listed.starts_us)}. `}<SavedLine form={form} isNew={isNew} /></p>
        </div>
        <div class="acts">
          {full && full.plans.length > 0 && <Go href={`/cases/${full.case}`}>Back to the record</Go>}
          <Btn main disabled={form.saving === 'saving' || (!isNew && form.saving === 'saved')} onClick={() => void submit()}>{isNew ? 'Save the case' : form.saving === 'saved' ? 'Saved' : 'Save now'}</Btn>
        </div>
      </div>
      {form.restored > 0 && form.saving !== 'saved' && <Banner tone="info">This is your text from {clock(form.restored * 1000)}, kept in this tab. It is not saved yet.</Banner>}
      {form.stale && (
        <Banner tone="now" acts={<><Btn main small onClick={form.mine}>Keep yours</Btn><Btn small onClick={form.theirs}>Take the saved one</Btn></>}>
          Somebody saved version {form.stale.version} of this case meanwhile. Your text is still here, unsaved.
        </Banner>
      )}
      {form.trouble && <Banner tone="stop" acts={<Btn small onClick={() => void submit()}>Try again</Btn>}>{form.trouble}</Banner>}
      <div class="intake">
        <Contents form={form} />
        <form class="form" onSubmit={(event) => { event.preventDefault(); void submit(); }} noValidate>
          <Summary faults={form.faults} asked={asked} />
          <QuestionPart form={form} />
          <WhoPart form={form} />
          <DiagnosisPart form={form} />
          <FoldedParts form={form} />
          <PersonPart form={form} />
          <Documents full={full} saveFirst={submit} again={again} />
          {full && <RecordingList of={full.case} />}
          <OwnPlanPart form={form} sealed={full?.sealed ?? false} />
        </form>
        <Gate full={full} intake={intake} dirty={form.saving !== 'saved'} />
      </div>
    </>
  );
}

const none = () => Promise.resolve();

export function IntakePage({ full, again = none }: { full?: CaseFull; again?: () => Promise<void> }) {
  if (full && !full.may_edit) return <ReadOnlyIntake full={full} />;
  return <Form full={full} again={again} />;
}

