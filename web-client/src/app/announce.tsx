import { signal } from '@preact/signals';

const polite = signal('');
const urgent = signal('');

/** Says a sentence to screen readers once. `urgent` interrupts: faults and lost connections only. */
export function announce(sentence: string, level: 'polite' | 'urgent' = 'polite'): void {
  const region = level === 'urgent' ? urgent : polite;
  region.value = '';
  // A live region speaks a change; the same words twice need an empty moment between.
  setTimeout(() => {
    region.value = sentence;
  }, 60);
}

export function LiveRegions() {
  return (
    <>
      <div class="hide" role="status" aria-live="polite">{polite}</div>
      <div class="hide" role="alert" aria-live="assertive">{urgent}</div>
    </>
  );
}
