import { signal } from '@preact/signals';
import { ApiError, call, signedOut } from '../api/client';
import type { Me } from '../protocol/generated/protocol';

/** Who is signed in; null: nobody; undefined: not known yet. */
export const me = signal<Me | null | undefined>(undefined);

/** Asks who is signed in. Throws when the server is not reached. */
export async function loadMe(): Promise<Me | null> {
  try {
    me.value = await call<Me>('GET', '/api/me');
    signedOut.value = false;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    me.value = null;
    signedOut.value = false;
  }
  return me.value ?? null;
}

/** Ends the session here and on the server; drafts of this tab go with it. */
export async function signOut(): Promise<void> {
  try {
    await call<void>('DELETE', '/api/session');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
  sessionStorage.clear();
  me.value = null;
  signedOut.value = false;
}
