import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, call, said } from '../api/client';
import { usePage } from '../app/page';
import { Go } from './controls';
import { Fault, Slow } from './notices';

export interface Loaded<T> {
  data: T | undefined;
  error: unknown;
  again: () => Promise<void>;
  set: (data: T) => void;
}

/** GETs an address; `again` reads it anew and leaves what is shown until the answer is here. */
export function useLoad<T>(path: string): Loaded<T> {
  const [data, set] = useState<T | undefined>();
  const [error, setError] = useState<unknown>();
  const again = useCallback(async () => {
    try {
      set(await call<T>('GET', path));
      setError(undefined);
    } catch (thrown) {
      setError(thrown);
    }
  }, [path]);
  useEffect(() => {
    void again();
  }, [again]);
  return { data, error, again, set };
}

/** Where a thing could not be shown: denied and absent are one answer, so that nothing is given away. */
export function NotShown({ error, what, again }: { error: unknown; what: string; again: () => void }) {
  const absent = error instanceof ApiError && (error.status === 404 || error.status === 403);
  const title = absent ? `This ${what} is not shared with you` : `This ${what} did not load`;
  usePage(title);
  if (absent) {
    return (
      <Fault title={title} text="Or it does not exist. The coordinator of its board can let you in.">
        <Go main href="/today">Open Today</Go>
      </Fault>
    );
  }
  return <Fault title={title} text={said(error)} again={again} />;
}

/** The three looks of a fetched page: words while waiting, why not, or the thing itself. */
export function Shown<T>({ of, what, children }: { of: Loaded<T>; what: string; children: (data: T) => ComponentChildren }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error !== undefined) return <NotShown error={of.error} what={what} again={() => void of.again()} />;
  return <Slow />;
}
