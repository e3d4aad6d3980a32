/** Fields of the plan in words. Comes with the plan, after sound. */
import fields from '../../../protocols/record/plan-fields.json';
import { type Plan, lineField, value } from './plan';
import { day } from './words';

function definition(id: string): { label: string; options?: string[]; labels?: string[] } | undefined {
  const part = /^line\.[^.]+\.(.+)$/.exec(id)?.[1];
  return part ? fields.line_parts.find((p) => p.id === part) : fields.fields.find((f) => f.id === id);
}

export function fieldLabel(id: string): string {
  return definition(id)?.label ?? id;
}

/** Label of a choice of the plan. */
export function choiceLabel(field: string, option: string): string {
  const f = definition(field);
  const i = f?.options?.indexOf(option) ?? -1;
  return (i >= 0 && f?.labels?.[i]) || option;
}

/** A finished field, as a sentence; nothing for an empty one. */
export function fieldSentence(p: Plan, field: string): string {
  const text = value(p, field).trim();
  if (!text) return '';
  const m = /^line\.([^.]+)\./.exec(field);
  if (!m?.[1]) return `${fieldLabel(field)}: ${choiceLabel(field, text)}`;
  const line = m[1];
  const n = p.lines.indexOf(line) + 1;
  if (n === 0) return '';
  const owner = value(p, lineField(line, 'owner'));
  const due = value(p, lineField(line, 'due'));
  return [`Line ${n}: ${value(p, lineField(line, 'what'))}`, owner, due && `by ${day(due)}`].filter(Boolean).join(', ');
}
