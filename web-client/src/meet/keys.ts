/** Single keys of the room. They never act in text, can be switched off, and Space belongs to buttons too. */
import { useEffect } from 'preact/hooks';
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

/** `talk` is Space held; null when Space means something else on this screen. */
export function useKeys(map: KeyMap, talk: ((on: boolean) => void) | null): void {
  useEffect(() => {
    let talking = false;
    const down = (e: KeyboardEvent): void => {
      if (e.ctrlKey || e.metaKey || e.altKey || inText(e.target) || dialogOpen()) return;
      const named = e.key.length > 1;
      if (!named && !prefs.value.keys) return;
      if (e.key === ' ' && onControl(e.target)) return; // a focused button keeps its own Space
      if (e.key === ' ' && talk) {
        e.preventDefault();
        if (!e.repeat) talk((talking = true));
        return;
      }
      const act = map[e.key.length === 1 ? e.key.toLowerCase() : e.key];
      if (!act || e.repeat) return;
      e.preventDefault();
      act();
    };
    const up = (e: KeyboardEvent): void => {
      if (e.key === ' ' && talking) talk?.((talking = false));
    };
    const blur = (): void => {
      if (talking) talk?.((talking = false)); // a window that lost the key never leaves a microphone open
    };
    addEventListener('keydown', down);
    addEventListener('keyup', up);
    addEventListener('blur', blur);
    return () => {
      removeEventListener('keydown', down);
      removeEventListener('keyup', up);
      removeEventListener('blur', blur);
    };
  });
}
