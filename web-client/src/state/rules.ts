/** What is missing before signing, by the one list server and client share. */
import fields from '../../../protocols/record/plan-fields.json';
import list from '../../../protocols/record/sign-rules.json';
import { type Plan, lineField, value } from './plan';

export interface Rule {
  id: string;
  label: string;
  needs: string;
  field?: string;
  fields?: string[];
  policy?: boolean;
  message: string;
}

export const rules = list.rules as Rule[];
const therapy: string[] = fields.line_parts.find((p) => p.id === 'kind')?.therapy ?? [];

function filled(p: Plan, field: string): boolean {
  return value(p, field).trim() !== '';
}

export function lineComplete(p: Plan, line: string): boolean {
  const has = (part: string): boolean => filled(p, lineField(line, part));
  if (!has('what') || !has('kind') || !has('owner') || !has('due')) return false;
  return !therapy.includes(value(p, lineField(line, 'kind'))) || has('intent');
}

export type ElementWord = 'discussed' | 'not_applicable' | 'not_discussed';

/** An element's text: one of three words, then maybe a colon and a remark. */
export function element(text: string): { word: ElementWord | ''; remark: string } {
  const m = /^(discussed|not_applicable|not_discussed)(?::\s*([\s\S]*))?$/.exec(text.trim());
  return m ? { word: m[1] as ElementWord, remark: m[2] ?? '' } : { word: '', remark: text };
}

export function elementText(word: ElementWord, remark: string): string {
  return remark.trim() ? `${word}: ${remark.trim()}` : word;
}

export function met(rule: Rule, p: Plan): boolean {
  switch (rule.needs) {
    case 'field': return filled(p, rule.field ?? '');
    case 'fields': return (rule.fields ?? []).every((f) => filled(p, f));
    case 'lines': return p.lines.length > 0 || filled(p, 'no_lines');
    case 'line_parts': return p.lines.every((l) => lineComplete(p, l));
    case 'reasons_if_dissent': {
      const dissent = p.dissents.some((d) => d.in_note) || value(p, 'decision') === 'majority_with_dissent';
      return !dissent || filled(p, 'reasons');
    }
    case 'element': return element(value(p, rule.field ?? '')).word !== '';
    default: return false; // a rule this client does not know is never called met
  }
}

export function missing(p: Plan): Rule[] {
  return rules.filter((r) => !met(r, p));
}
