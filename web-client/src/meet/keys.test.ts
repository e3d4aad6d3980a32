import { afterEach, expect, test, vi } from 'vitest';
import { type KeyMap, listen } from './keys';
import { setPrefs } from './prefs';

let stop = (): void => undefined;
afterEach(() => {
  stop();
  setPrefs({ keys: true });
  document.body.innerHTML = '';
});

/** True if the browser would still do its own thing with the key: scroll, press. */
function key(type: 'keydown' | 'keyup', name: string, target: EventTarget = document.body): boolean {
  return target.dispatchEvent(new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true }));
}

function start(map: KeyMap = {}) {
  const talk = vi.fn();
  let latest = { map, talk: talk as (on: boolean) => void };
  stop = listen(() => latest);
  return { talk, redraw: () => (latest = { map, talk: vi.fn() }) };
}

test('Space held speaks and its release mutes, also when the screen was drawn anew meanwhile', () => {
  const { talk, redraw } = start();
  key('keydown', ' ');
  redraw();
  key('keyup', ' ');
  expect(talk.mock.calls).toEqual([[true], [false]]);
});

test('a window that loses the key, or a screen that goes, mutes', () => {
  const { talk } = start();
  key('keydown', ' ');
  window.dispatchEvent(new Event('blur'));
  expect(talk).toHaveBeenLastCalledWith(false);
  key('keydown', ' ');
  stop();
  expect(talk).toHaveBeenLastCalledWith(false);
});

test('single keys never act in text, and can be switched off', () => {
  const m = vi.fn();
  start({ m });
  const box = document.body.appendChild(document.createElement('textarea'));
  key('keydown', 'm', box);
  expect(m).not.toHaveBeenCalled();
  key('keydown', 'Tab', box);
  key('keydown', 'M');
  expect(m).toHaveBeenCalledTimes(1);
  setPrefs({ keys: false });
  key('keydown', 'm');
  expect(m).toHaveBeenCalledTimes(1);
});

test('a focused button keeps its own Space', () => {
  const { talk } = start();
  key('keydown', ' ', document.body.appendChild(document.createElement('button')));
  expect(talk).not.toHaveBeenCalled();
});

test('a field that vanishes under the hand turns no letter into a command', () => {
  const m = vi.fn();
  const { talk } = start({ m });
  const box = document.body.appendChild(document.createElement('textarea'));
  key('keydown', 'a', box);
  box.remove(); // the chair took it, or read back began
  for (const name of ['m', ' ', 'm']) expect(key('keydown', name), 'it would scroll the room away').toBe(false);
  expect(m).not.toHaveBeenCalled();
  expect(talk).not.toHaveBeenCalled();
  window.dispatchEvent(new Event('pointerdown')); // a hand on the mouse types no more
  key('keydown', 'm');
  expect(m).toHaveBeenCalledTimes(1);
});
