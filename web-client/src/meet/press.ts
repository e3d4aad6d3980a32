/**
 * While a finger or a button is down, nothing under it may move. A field closes by losing its focus, and that
 * happens between press and release: the button that was pressed would slide away, and the press be lost.
 */
import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';

export const pressed = signal(false);

const down = (): void => {
  pressed.value = true;
};
// The click comes after the release, in the same turn or the next.
const up = (): void => void setTimeout(() => (pressed.value = false), 0);

addEventListener('pointerdown', down, true);
addEventListener('pointerup', up, true);
addEventListener('pointercancel', up, true);
addEventListener('blur', up);
addEventListener('pointermove', (e) => {
  if (pressed.peek() && e.buttons === 0) up(); // released outside the window
}, true);

/** The newest value, but none that came while something is pressed. */
export function useSteady<T>(now: T): T {
  const kept = useRef(now);
  if (!pressed.value) kept.current = now;
  return kept.current;
}
