/** The read-back wording, line by line and verbatim; only the setting of a line is derived from its look. */
export interface WordLine {
  n: number; // as the server counts
  text: string;
  look: 'title' | 'head' | 'item' | 'own' | 'text' | 'gap';
}

/** How much of a line is its label, as "Decision: "; 0 for none. It is set smaller, the words stay as they are. */
export function labelLength(l: WordLine): number {
  const m = l.look === 'text' ? /^[^:.]{2,60}: /.exec(l.text) : null;
  return m ? m[0].length : 0;
}

function lookOf(text: string, first: boolean): WordLine['look'] {
  if (text.trim() === '') return 'gap';
  if (first) return 'title';
  if (/^\s*\d+[.)]\s/.test(text)) return 'item';
  if (/^\s{2,}/.test(text)) return 'own';
  return text.length < 60 && /:$/.test(text.trim()) ? 'head' : 'text';
}

/** The server counts all lines, or only those with words: `lines` of the event says which. */
export function wordLines(wording: string, lines: number): WordLine[] {
  const all = wording.replace(/\n$/, '').split('\n');
  const gapsCount = all.length === lines || wording.split('\n').length === lines; // with or without the end of the last
  let n = 0;
  return all.map((text, i) => {
    const look = lookOf(text, i === 0);
    const line = { n: gapsCount ? i : look === 'gap' ? -1 : n, text, look };
    if (look !== 'gap') n += 1;
    return line;
  });
}

/** The next line with words after `n`, in either direction; stays where there is none. */
export function stepLine(all: WordLine[], n: number, by: 1 | -1): number {
  const said = all.filter((l) => l.look !== 'gap').map((l) => l.n);
  const at = said.indexOf(n);
  if (at < 0) return said[0] ?? 0;
  return said[at + by] ?? n;
}

export function isLast(all: WordLine[], n: number): boolean {
  const said = all.filter((l) => l.look !== 'gap');
  return said.length > 0 && said[said.length - 1]?.n === n;
}
