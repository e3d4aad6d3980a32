import { usePage } from '../app/page';
import type { CaseFull } from '../protocol/generated/protocol';
import { Go, State } from '../ui/controls';
import { isoLong } from '../ui/time';
import { ageSex } from '../ui/words';
import { DIAGNOSIS_KINDS, ECOGS, QUESTION_KINDS, URGENCIES, toIntake } from './intake';
import { documentWords } from './documentWords';
import { RecordingList } from '../recordings/List';
import { Gate } from './Gate';

function Said({ word, text }: { word: string; text: string }) {
  return text.trim() === '' ? null : <section class="said"><h2>{word}</h2><p class="signed">{text}</p></section>;
}

const word = <K,>(list: readonly (readonly [K, string])[], key: K) => list.find(([it]) => it === key)?.[1] ?? '';

/** The intake for those who may read it: everything that was written, nothing that can be pressed. */
export function ReadOnlyIntake({ full }: { full: CaseFull }) {
  const { record } = full;
  usePage(record.name);
  return (
    <>
      <div class="lead">
        <div>
          <h1>{[record.name, ageSex(record.birth_date, record.sex, Date.now() * 1000)].filter(Boolean).join(', ')}</h1>
          <p>Born {isoLong(record.birth_date)}. Record number {record.local_id}{record.site && `, ${record.site}`}. Referred by {record.referrer_name}. Opening this case is logged.</p>
        </div>
        {full.plans.length > 0 && <div class="acts"><Go href={`/cases/${full.case}`}>Back to the record</Go></div>}
      </div>
      <div class="cols two">
        <div class="doc-like">
          <Said word={`Question, ${word(QUESTION_KINDS, record.question_kind).toLowerCase()}`} text={record.question} />
          <Said word={`Diagnosis, ${word(DIAGNOSIS_KINDS, record.diagnosis_kind).toLowerCase()}`} text={[record.diagnosis, record.diagnosis_code].filter(Boolean).join(', ')} />
          <Said word={['Stage', record.stage_system].filter(Boolean).join(', ')} text={record.stage} />
          <Said word="Biomarkers" text={record.biomarkers} />
          <Said word="Treatment so far" text={record.history} />
          <Said word="Other illnesses and organ function" text={record.comorbidity} />
          <Said word="ECOG" text={word(ECOGS, record.ecog)} />
          <Said word="What matters to the patient" text={record.wishes} />
          <Said word="Not available" text={record.not_available} />
          <Said word="How soon" text={word(URGENCIES, record.urgency)} />
          {full.sealed ? <p class="note">The referring physician’s own plan is sealed until the board has spoken.</p> : <Said word="Plan of the referring physician" text={record.referring_plan} />}
          <section class="said">
            <h2>Pictures and papers</h2>
            {full.documents.length === 0 && <p class="note">No file.</p>}
            <ul class="lines">{full.documents.map((card) => <li key={card.document}><span>{card.title}</span><State tone={documentWords(card).tone}>{documentWords(card).word}</State></li>)}</ul>
          </section>
          <RecordingList of={full.case} />
        </div>
        <Gate full={full} intake={toIntake(record)} dirty={false} />
      </div>
    </>
  );
}
