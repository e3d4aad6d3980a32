import type { Intake } from '../cases/intake';

/** Unsaved intake, kept in this tab only: sessionStorage, erased when the server has it and at sign-out. */
export interface Draft {
  base: number;
  intake: Intake;
  /** ms since 1970 */
  at: number;
}

const PREFIX = 'draft.case.';

function key(person: string, id: string): string {
  return `${PREFIX}${person}.${id}`;
}

export function keepDraft(person: string, id: string, draft: Draft): boolean {
  try {
    sessionStorage.setItem(key(person, id), JSON.stringify(draft));
    return true;
  } catch {
    // Storage is full or switched off: the page says that nothing is kept.
    return false;
  }
}

export function readDraft(person: string, id: string): Draft | undefined {
  try {
    const text = sessionStorage.getItem(key(person, id));
    if (!text) return undefined;
    const draft = JSON.parse(text) as Partial<Draft>;
    return draft.intake && typeof draft.base === 'number' && typeof draft.at === 'number' ? (draft as Draft) : undefined;
  } catch {
    return undefined;
  }
}

export function dropDraft(person: string, id: string): void {
  sessionStorage.removeItem(key(person, id));
}

/** Drafts of another person that used this tab before are erased: only the own ones may be found again. */
export function dropOthers(person: string): void {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX) && !name.startsWith(`${PREFIX}${person}.`)) sessionStorage.removeItem(name);
  }
}

/** All that lies in this tab's storage, to be put back after a lock that empties it. */
export function copyOfTab(): [string, string][] {
  return Object.keys(sessionStorage).map((name) => [name, sessionStorage.getItem(name) ?? '']);
}
