/** Single keys of the room. They never act in text, can be switched off, and Space belongs to buttons too. */
import { useEffect, useRef } from 'preact/hooks';
import { prefs } from './prefs';

export type KeyMap = Record<string, (() => void) | undefined>;

export function inText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function onControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, summary, [role="button"]') !== null;
}

function dialogOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

// When a text was typed last. A field can vanish under the hand (the chair takes it, read back begins); what is
// still being typed is then no command: it would unmute, raise a hand or object.
let typedMs = -Infinity;
const STILL_TYPING_MS = 4000; // a slow hand, a busy device

/** True for a key that belongs to a text, or to one that is gone while it was being typed. */
function belongsToText(e: KeyboardEvent): boolean {
  if (inText(e.target)) {
    // Tab and Escape leave it on purpose, and so does Enter where it sends a line.
    const leaves = e.key === 'Tab' || e.key === 'Escape' || (e.key === 'Enter' && e.target instanceof HTMLInputElement);
    typedMs = leaves ? -Infinity : performance.now();
    return true;
  }
  if (performance.now() - typedMs > STILL_TYPING_MS) return false;
  typedMs = performance.now();
  // Nor does its Space scroll the room out of the window, or press what has the focus now.
  if (e.key.length === 1 && !e.ctrlKey && !e.metaKey && !e.altKey) e.preventDefault();
  return true;
}

function leftByPointer(): void {
  typedMs = -Infinity;
}

/** `talk` is Space held; null when Space means something else on this screen. */
export function useKeys(map: KeyMap, talk: ((on: boolean) => void) | null): void {
  const latest = useRef({ map, talk });
  latest.current = { map, talk };
  // Listeners live as long as the screen: a redraw between press and release must never leave a microphone open.
  useEffect(() => listen(() => latest.current), []);
}

/** Listens until the returned function is called, which also ends a held Space. */
export function listen(now: () => { map: KeyMap; talk: ((on: boolean) => void) | null }): () => void {
  let release: (() => void) | null = null;
  const end = (): void => {
    release?.();
    release = null;
  };
  const down = (e: KeyboardEvent): void => {
    if (belongsToText(e) || e.ctrlKey || e.metaKey || e.altKey || dialogOpen()) return;
    const { map, talk } = now();
    if (e.key.length === 1 && !prefs.value.keys) return;
    if (e.key === ' ' && onControl(e.target)) return; // a focused button keeps its own Space
    if (e.key === ' ' && talk) {
      e.preventDefault();
      if (e.repeat || release) return;
      talk(true);
      release = () => talk(false);
      return;
    }
    const act = map[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (!act || e.repeat) return;
    e.preventDefault();
    act();
  };
  const up = (e: KeyboardEvent): void => {
    if (e.key === ' ') end();
  };
  addEventListener('keydown', down);
  addEventListener('keyup', up);
  addEventListener('pointerdown', leftByPointer);
  addEventListener('blur', end); // a window that lost the key never hears its release
  return () => {
    end();
    removeEventListener('keydown', down);
    removeEventListener('keyup', up);
    removeEventListener('pointerdown', leftByPointer);
    removeEventListener('blur', end);
  };
}
