import { signal } from '@preact/signals';
import type { Problem } from '../protocol/generated/protocol';

/** Why a call failed. `status` 0: the server was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string = '',
  ) {
    super(message);
  }
}

/** When the server was last not reached, in ms since 1970; 0 while it answers. */
export const lostSince = signal(0);

/** Set by the first 401 after a sign-in: the frame shows the way back. */
export const signedOut = signal(false);

const SENTENCES: Record<number, string> = {
  0: 'No connection to the server. What you typed is kept.',
  403: 'You may not do this. The coordinator of the board can.',
  404: 'This is not shared with you, or it does not exist.',
  409: 'Somebody saved a newer version meanwhile.',
  413: 'This is larger than allowed.',
  429: 'Too many tries. Wait a minute, then go on.',
};

function sentence(status: number): string {
  return SENTENCES[status] ?? 'The server could not answer. Nothing was changed.';
}

async function problem(answer: Response): Promise<ApiError> {
  try {
    const body = (await answer.json()) as Partial<Problem>;
    return new ApiError(answer.status, body.error ?? '', body.message || sentence(answer.status), body.field ?? '');
  } catch {
    return new ApiError(answer.status, '', sentence(answer.status));
  }
}

/** Notes that the server answered or did not, so that one line on the page can say it. */
function reached(yes: boolean): void {
  if (yes) lostSince.value = 0;
  else if (lostSince.value === 0) lostSince.value = Date.now();
}

export interface CallOptions {
  body?: unknown;
  /** Raw bytes instead of JSON. */
  bytes?: Blob;
  signal?: AbortSignal;
}

async function send(method: string, path: string, options: CallOptions): Promise<Response> {
  const init: RequestInit = { method, credentials: 'same-origin', headers: { Accept: 'application/json' } };
  if (options.signal) init.signal = options.signal;
  if (options.bytes) {
    init.body = options.bytes;
    init.headers = { ...init.headers, 'Content-Type': 'application/octet-stream' };
  } else if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { ...init.headers, 'Content-Type': 'application/json' };
  }
  try {
    const answer = await fetch(path, init);
    reached(true);
    return answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    reached(false);
    throw new ApiError(0, 'unreached', sentence(0));
  }
}

/** One call of the HTTP interface. Throws `ApiError` with a sentence for a person. */
export async function call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options: CallOptions = {}): Promise<T> {
  const answer = await send(method, path, options);
  if (!answer.ok) {
    const error = await problem(answer);
    if (error.status === 401) signedOut.value = true;
    throw error;
  }
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

/** The answer as text: exported plans and the words of a page. */
export async function text(path: string): Promise<string> {
  const answer = await send('GET', path, {});
  if (!answer.ok) throw await problem(answer);
  return answer.text();
}

/** The sentence of whatever was thrown. */
export function said(error: unknown): string {
  return error instanceof ApiError ? error.message : 'Something failed on this device. Load the page again; what you typed is kept.';
}
