import { signal } from '@preact/signals';
import { ApiError, call, signedOut } from '../api/client';
import type { Me } from '../protocol/generated/protocol';
import { copyOfTab, dropOthers } from './drafts';

/** Who is signed in; null: nobody; undefined: not known yet. */
export const me = signal<Me | null | undefined>(undefined);

/** Asks who is signed in. Throws when the server is not reached. */
export async function loadMe(): Promise<Me | null> {
  try {
    me.value = await call<Me>('GET', '/api/me');
    dropOthers(me.value.person);
    signedOut.value = false;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    me.value = null;
    signedOut.value = false;
  }
  return me.value ?? null;
}

async function endSession(): Promise<void> {
  try {
    await call<void>('DELETE', '/api/session');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
}

/** Ends the session here and on the server; drafts of this tab go with it. */
export async function signOut(): Promise<void> {
  await endSession();
  sessionStorage.clear();
  me.value = null;
  signedOut.value = false;
}

/**
 * Locks after 15 quiet minutes. The server's answer empties the storage of this site (Clear-Site-Data), so the drafts
 * are put back: the same person goes on with them after the next sign-in, another one does not get to see them.
 */
export async function lock(): Promise<void> {
  const kept = copyOfTab();
  // Not reached: the page is locked all the same; the server's own clock ends the session there.
  await endSession().catch(() => undefined);
  for (const [name, value] of kept) sessionStorage.setItem(name, value);
  sessionStorage.setItem(IDLE_NOTE, '1');
  me.value = null;
}

const IDLE_NOTE = 'signed-out-idle';

/** True once after a lock: the sign-in page says why it is there. */
export function takeIdleNote(): boolean {
  const idle = sessionStorage.getItem(IDLE_NOTE) === '1';
  sessionStorage.removeItem(IDLE_NOTE);
  return idle;
}
