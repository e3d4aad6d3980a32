/**
 * One plan field while a person writes it. The text is sent after a pause, made against the version
 * it was begun on; a refused text is never thrown away, it stands beside the other until the person
 * chooses (decision 11).
 */
export const PAUSE_MS = 400;
export const LEAST_GAP_MS = 500; // at most two a second

export interface Edit {
  field: string;
  base: number; // version the text is made against
  text: string;
  phase: 'clean' | 'typing' | 'sending' | 'unsent' | 'refused';
  sent: string; // what is under way
  sentBase: number; // the version it was made against
  again: boolean; // typed on while one was under way
  fault: string; // the server's words
}

export function begin(field: string, value: string, version: number): Edit {
  return { field, base: version, text: value, phase: 'clean', sent: '', sentBase: version, again: false, fault: '' };
}

export function type(e: Edit, text: string): Edit {
  if (e.phase === 'sending') return { ...e, text, again: text !== e.sent };
  if (e.phase === 'refused') return { ...e, text }; // the choice is still to be made
  return { ...e, text, phase: 'typing', fault: '' };
}

export function send(e: Edit): Edit {
  return { ...e, phase: 'sending', sent: e.text, sentBase: e.base, again: false, fault: '' };
}

/** The server took it; its new version is the next base. The event may have come before this answer, and counts once. */
export function accepted(e: Edit, version: number): Edit {
  const base = Math.max(e.sentBase + 1, version);
  return { ...e, base, phase: e.again ? 'typing' : 'clean', sent: '', again: false, fault: '' };
}

/** Refused, or somebody else took the field: the own text stays. */
export function refused(e: Edit, fault: string): Edit {
  return { ...e, phase: 'refused', sent: '', again: false, fault };
}

/** The link was lost: kept on this device, sent by itself later. */
export function unsent(e: Edit): Edit {
  return { ...e, phase: 'unsent', sent: '', again: false };
}

/** Keep mine: made anew against what is there now. */
export function keep(e: Edit, version: number): Edit {
  return { ...e, base: version, phase: 'typing', fault: '' };
}

/** A saved text of somebody arrives. It replaces only what the person has not touched. */
export function arrived(e: Edit, value: string, version: number, own: boolean): Edit {
  if (version <= e.base) return e;
  if (own) return { ...e, base: version };
  if (e.phase === 'clean') return { ...e, base: version, text: value };
  if (value === e.text) return { ...e, base: version, phase: 'clean', sent: '', again: false, fault: '' };
  return e.phase === 'sending' ? e : refused(e, ''); // a reply decides what is under way
}

/** Milliseconds to wait before sending: the pause after the last key, and the gap since the last send. */
export function waitMs(nowMs: number, lastSentMs: number): number {
  return Math.max(PAUSE_MS, lastSentMs + LEAST_GAP_MS - nowMs);
}

/** After coming back: may an unsent text go by itself, or must the person choose? */
export function resume(e: Edit, version: number): Edit {
  if (e.phase !== 'unsent' && e.phase !== 'typing') return e;
  return version === e.base ? { ...e, phase: 'typing' } : refused(e, '');
}

export function isOpen(e: Edit): boolean {
  return e.phase !== 'clean';
}
