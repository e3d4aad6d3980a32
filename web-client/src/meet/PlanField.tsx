/** One field of the plan: text as saved, who writes, an editor for one writer, refused text kept beside it. */
import { PenLine, TriangleAlert } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { limits } from '../protocol/generated/protocol';
import type { ElementWord } from '../state/rules';
import { element, elementText } from '../state/rules';
import { clock, day, shortName } from '../state/words';
import { choiceLabel } from '../state/labels';
import { Icon, State } from '../ui/controls';
import { useRoom } from './context';
import { useSteady } from './press';

export interface FieldDef {
  id: string;
  label: string;
  kind: string;
  options?: string[];
  labels?: string[];
}

const WRITERS = ['chair', 'co_chair', 'coordinator', 'scribe'];

/** Who may write: the acting chair and the board's heads and scribe; the server has the last word. */
export function useMayWrite(): boolean {
  const room = useRoom();
  const s = room.state.value;
  const role = room.you.value?.role;
  return role !== undefined && (room.isChair.value || WRITERS.includes(role)) && s.plan.plan !== '' && !s.plan.signed && !s.readback.text && room.notWritingUs.value === 0;
}

export function useWriter(field: string): string {
  const room = useRoom();
  const w = room.state.value.plan.writers[field];
  return w && w.seat !== room.you.value?.seat ? w.name : '';
}

/** Keep yours, take theirs: nothing typed is thrown away unasked. `covered`: an editor hides the saved text, so it stands here. */
export function Refused({ field, kind, covered }: { field: FieldDef; kind?: string; covered: boolean }) {
  const room = useRoom();
  const e = room.edits.open.value[field.id];
  const now = room.state.value.plan.fields[field.id];
  if (!e || (e.phase !== 'refused' && e.phase !== 'unsent')) return null;
  if (e.phase === 'unsent') return <p class="tiny" role="status">Kept on this device, sent when you are back.</p>;
  return (
    <div class="refused" role="alert">
      <p class="fault"><Icon of={TriangleAlert} /><span>{e.fault || (now ? `${shortName(now.name)} changed this at ${clock(now.atUs)}.` : 'This was not taken.')}</span></p>
      {covered && now?.value && <p class="signed">Theirs: <span>{shownText(field, now.value)}</span></p>}
      {kind !== 'choice' && <p class="signed">Yours: {e.text}</p>}
      <div class="acts">
        <button type="button" class="btn small" onClick={() => room.edits.keep(field.id)}>Keep yours</button>
        <button type="button" class="btn small" onClick={() => room.edits.takeTheirs(field.id)}>{now?.value ? 'Take theirs' : 'Drop yours'}</button>
      </div>
    </div>
  );
}

/** The control itself, for a field of the plan or a part of a line. */
export function Editor({ field, id, focus, left }: { field: FieldDef; id: string; focus?: boolean; left?: () => void }) {
  const room = useRoom();
  const box = useRef<HTMLElement>(null);
  const saved = room.state.value.plan.fields[field.id]?.value ?? '';
  const e = room.edits.open.value[field.id];
  const text = e?.text ?? saved;
  useEffect(() => {
    if (focus) box.current?.focus();
  }, [focus]);
  const common = { id, 'data-field': field.id, maxLength: limits.plan_field_bytes };
  const enter = (): void => {
    if (!room.edits.open.value[field.id]) room.edits.start(field.id);
  };
  const type = (ev: Event): void => {
    enter();
    room.edits.typed(field.id, (ev.currentTarget as HTMLInputElement).value);
  };
  const leave = (): void => {
    void room.edits.leave(field.id);
    left?.();
  };
  if (field.kind === 'choice')
    return (
      <select id={id} ref={box as never} value={text} onChange={(ev) => void room.edits.choose(field.id, ev.currentTarget.value)}>
        <option value="">Choose</option>
        {field.options?.map((o) => <option key={o} value={o}>{choiceLabel(field.id, o)}</option>)}
      </select>
    );
  if (field.kind === 'date')
    return <input {...common} type="date" ref={box as never} value={text} onFocus={enter} onInput={type} onBlur={leave} />;
  const rows = Math.min(6, Math.max(1, Math.ceil(text.length / 38)));
  return <textarea {...common} class="signed" rows={rows} ref={box as never} value={text} onFocus={enter} onInput={type} onBlur={leave} />;
}

const WORDS: [ElementWord, string][] = [['discussed', 'Discussed'], ['not_applicable', 'Does not apply'], ['not_discussed', 'Not discussed']];

function ElementEditor({ field, id }: { field: FieldDef; id: string }) {
  const room = useRoom();
  const now = element(room.edits.open.value[field.id]?.text ?? room.state.value.plan.fields[field.id]?.value ?? '');
  const [remark, setRemark] = useState(now.remark);
  return (
    <div class="element" role="group" aria-labelledby={`${id}-l`}>
      {WORDS.map(([w, label]) => (
        <button key={w} type="button" class="btn small" aria-pressed={now.word === w} onClick={() => void room.edits.choose(field.id, elementText(w, remark))}>{label}</button>
      ))}
      {now.word && (
        <input type="text" aria-label={`${field.label}: remark`} placeholder="Remark" value={remark} onInput={(e) => setRemark(e.currentTarget.value)}
          onBlur={() => now.word && remark !== now.remark && void room.edits.choose(field.id, elementText(now.word, remark))} />
      )}
    </div>
  );
}

export function shownText(field: FieldDef, text: string): string {
  if (field.kind === 'date') return day(text);
  if (field.kind === 'element') {
    const e = element(text);
    const word = WORDS.find(([w]) => w === e.word)?.[1] ?? '';
    return e.remark ? `${word}: ${e.remark}` : word;
  }
  return field.kind === 'choice' ? choiceLabel(field.id, text) : text;
}

export function PlanField({ field }: { field: FieldDef }) {
  const room = useRoom();
  const may = useMayWrite();
  const writer = useWriter(field.id);
  const [writing, setWriting] = useState(false);
  const saved = room.state.value.plan.fields[field.id];
  const open = room.edits.open.value[field.id];
  const id = `plan-${field.id}`;
  // Taken by somebody else: not written here any more, or the field would open itself again when they leave it.
  useEffect(() => {
    if (writer) setWriting(false);
  }, [writer]);
  const canTake = writer !== '' && room.isChair.value;
  const simple = field.kind === 'choice' || field.kind === 'element' || field.kind === 'date';
  const editor = useSteady(may && !writer && (writing || simple || open !== undefined));
  return (
    <section class={`planfield${saved?.value ? '' : ' empty'}`}>
      <h3 id={`${id}-l`}>
        {editor && field.kind !== 'element' ? <label for={id}>{field.label}</label> : <span>{field.label}</span>}
        {writer ? <State tone="now" icon={PenLine}>{shortName(writer)} writes</State> : saved?.value ? <span>{shortName(saved.name)}, {clock(saved.atUs)}</span> : null}
      </h3>
      {editor
        ? field.kind === 'element' ? <ElementEditor field={field} id={id} /> : (
          <Editor key="editor" field={field} id={id} focus={writing} left={() => setWriting(false)} />
        )
        : (
          <div key="saved" class="saved">
            {saved?.value && <p class="signed">{shownText(field, saved.value)}{writer && <span class="caret">&#8203;</span>}</p>}
            {may && (!writer || canTake) && (
              <button type="button" class="btn small plain" onClick={() => { if (writer) room.edits.start(field.id); setWriting(true); }}>
                <Icon of={PenLine} /> {writer ? 'Take' : saved?.value ? 'Change' : 'Write'}<span class="hide"> {field.label}</span>
              </button>
            )}
          </div>
        )}
      <Refused field={field} kind={field.kind} covered={editor && field.kind !== 'choice'} />
    </section>
  );
}
