import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Btn } from './controls';

/** One line across the page: a trouble or a fact of the whole page. */
export function Banner({ tone, children, acts }: { tone?: 'stop' | 'now' | 'info'; children: ComponentChildren; acts?: ComponentChildren }) {
  return (
    <div class={`banner ${tone ?? ''}`}>
      <div>{children}</div>
      {acts && <div class="acts">{acts}</div>}
    </div>
  );
}

/** A page that could not be shown: what, and one or two ways out. */
export function Fault({ title, text, again, children }: { title: string; text: string; again?: () => void; children?: ComponentChildren }) {
  return (
    <div class="blank" role="alert">
      <h1>{title}</h1>
      <p>{text}</p>
      <div class="acts">
        {again && <Btn main onClick={again}>Load again</Btn>}
        {children}
      </div>
    </div>
  );
}

/** Nothing for the first second, then words: a page that answers at once must not flash. */
export function Slow({ what = 'Loading' }: { what?: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 1000);
    return () => clearTimeout(timer);
  }, []);
  return <p class="note slow" role="status">{late ? `${what}, the link is slow.` : ''}</p>;
}

/** A native modal dialog: focus stays inside, Esc closes. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={box} class="dialog" aria-labelledby="dialog-title" onCancel={(event) => { event.preventDefault(); close(); }}>
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
