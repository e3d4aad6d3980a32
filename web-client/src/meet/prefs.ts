/** What a person chose for the room on this device. */
import { signal } from '@preact/signals';

export interface Prefs {
  heard: 'all' | 'needed' | 'none'; // how much a screen reader says
  keys: boolean; // single keys
  theme: 'reading' | 'day';
}

const KEY = 'room-prefs';
const first: Prefs = { heard: 'needed', keys: true, theme: 'reading' };

function load(): Prefs {
  try {
    return { ...first, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>) };
  } catch {
    return first; // a damaged or forbidden storage costs only the choice
  }
}

export const prefs = signal<Prefs>(load());

export function setPrefs(p: Partial<Prefs>): void {
  prefs.value = { ...prefs.value, ...p };
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs.value));
  } catch {
    // Private windows may refuse; the choice holds until the page is closed.
  }
}
