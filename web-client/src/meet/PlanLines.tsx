/** The recommendations: what, who, by when, where. Read as text; one line at a time is opened to write. */
import { ArrowDown, ArrowUp, Check, PenLine, Plus, Trash2 } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import defs from '../../../protocols/record/plan-fields.json';
import { limits } from '../protocol/generated/protocol';
import { lineField, value } from '../state/plan';
import { lineComplete } from '../state/rules';
import { day, shortName } from '../state/words';
import { choiceLabel } from '../state/labels';
import { Icon } from '../ui/controls';
import { useRoom } from './context';
import { Editor, Refused, useMayWrite, type FieldDef } from './PlanField';

const therapy: string[] = defs.line_parts.find((p) => p.id === 'kind')?.therapy ?? [];

function useLineWriter(line: string): string {
  const room = useRoom();
  const own = room.you.value?.seat;
  const w = Object.entries(room.state.value.plan.writers).find(([f, x]) => f.startsWith(`line.${line}.`) && x.seat !== own);
  return w?.[1].name ?? '';
}

/** Who, by when, where; or what is still empty. */
export function ownerWords(get: (part: string) => string): string {
  const intent = get('intent') && choiceLabel('line.x.intent', get('intent')).toLowerCase();
  const out = [get('owner'), get('due') && `by ${day(get('due'))}`, get('where') && `at ${get('where')}`, intent, get('waits_for') && `waits for ${get('waits_for')}`];
  const empty = [!get('owner') && 'who', !get('due') && 'when', !get('kind') && 'kind', therapy.includes(get('kind')) && !get('intent') && 'intent'].filter(Boolean);
  return [...out, empty.length > 0 && `still empty: ${empty.join(', ')}`].filter(Boolean).join(' · ');
}

function LineEditor({ line, done }: { line: string; done: () => void }) {
  const room = useRoom();
  const plan = room.state.value.plan;
  const at = plan.lines.indexOf(line);
  const isTherapy = therapy.includes(value(plan, lineField(line, 'kind')));
  const move = (to: number) => () => void room.press('plan.line_move', { line, to });
  return (
    <div class="lineedit">
      {defs.line_parts.filter((p) => p.id !== 'intent' || isTherapy || value(plan, lineField(line, 'intent'))).map((p) => {
        const def: FieldDef = { ...p, id: lineField(line, p.id) };
        const id = `line-${line}-${p.id}`;
        const wide = p.id === 'what' || p.id === 'waits_for';
        return (
          <div key={p.id} class={wide ? 'wide' : ''}>
            <label for={id}>{p.label}</label>
            <Editor field={def} id={id} focus={p.id === 'what'} />
            <Refused field={def} kind={p.kind} covered={p.kind !== 'choice'} />
          </div>
        );
      })}
      <div class="acts wide">
        <button type="button" class="btn small main" onClick={done}><Icon of={Check} /> Done</button>
        <button type="button" class="btn small" disabled={at === 0} onClick={move(at - 1)}><Icon of={ArrowUp} /> Earlier</button>
        <button type="button" class="btn small" disabled={at === plan.lines.length - 1} onClick={move(at + 1)}><Icon of={ArrowDown} /> Later</button>
        <button type="button" class="btn small" onClick={() => void room.press('plan.line_remove', { line })}><Icon of={Trash2} /> Remove line</button>
      </div>
    </div>
  );
}

function Line({ line, open, setOpen }: { line: string; open: boolean; setOpen: (on: boolean) => void }) {
  const room = useRoom();
  const may = useMayWrite();
  const writer = useLineWriter(line);
  const plan = room.state.value.plan;
  const get = (part: string): string => value(plan, lineField(line, part));
  if (open && may) return <li><LineEditor line={line} done={() => setOpen(false)} /></li>;
  return (
    <li>
      <span>{get('what') || <span class="quiet">Empty line</span>}{writer && <span class="caret">&#8203;</span>}</span>
      <span class={`own${lineComplete(plan, line) ? '' : ' lacks'}`}>{get('kind') && `${choiceLabel('line.x.kind', get('kind'))} · `}{ownerWords(get)}{writer && ` · ${shortName(writer)} writes`}</span>
      {may && (!writer || room.isChair.value) && (
        <button type="button" class="btn small plain" onClick={() => setOpen(true)}><Icon of={PenLine} /> Change<span class="hide"> line {plan.lines.indexOf(line) + 1}</span></button>
      )}
    </li>
  );
}

export function PlanLines() {
  const room = useRoom();
  const may = useMayWrite();
  const plan = room.state.value.plan;
  const [open, setOpen] = useState('');
  const [adding, setAdding] = useState<string[] | null>(null);
  useEffect(() => {
    const made = adding && plan.lines.find((l) => !adding.includes(l));
    if (made) {
      setOpen(made); // the line just asked for opens for writing
      setAdding(null);
    }
  }, [plan.lines, adding]);
  const add = (): void => {
    setAdding(plan.lines);
    void room.press('plan.line_add', {}).then((ok) => !ok && setAdding(null));
  };
  return (
    <section>
      <h3 id="plan-lines-l"><span>Recommendation</span></h3>
      <ol class="recs signed">{plan.lines.map((l) => <Line key={l} line={l} open={open === l} setOpen={(on) => setOpen(on ? l : '')} />)}</ol>
      {may && plan.lines.length < limits.plan_lines && <button type="button" class="btn small" onClick={add}><Icon of={Plus} /> Add a recommendation</button>}
    </section>
  );
}
