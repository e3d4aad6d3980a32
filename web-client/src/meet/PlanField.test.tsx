import { computed, signal } from '@preact/signals';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Reply } from '../net/socket';
import { noPlan } from '../state/plan';
import { emptyRoom } from '../state/room';
import { RoomProvider } from './context';
import type { Room } from './control';
import { Edits } from './editing';
import { PlanField } from './PlanField';

const fields = [{ id: 'reasons', label: 'Reasons', kind: 'text' }, { id: 'options', label: 'Options not chosen', kind: 'text' }];

/** A room that is only what the fields of the plan look at. */
function room(reply: (k: string) => Reply = () => ({ ok: true })) {
  const state = signal({ ...emptyRoom, plan: { ...noPlan, plan: 'p1' } });
  const set = (field: string, value: string, seat: string, name: string): void => {
    const version = (state.value.plan.fields[field]?.version ?? 0) + 1;
    state.value = { ...state.value, plan: { ...state.value.plan, fields: { ...state.value.plan.fields, [field]: { value, version, seat, name, atUs: 0 } } } };
    edits.planChanged(state.value.plan);
  };
  const writes = (field: string, seat: string, name: string): void => {
    state.value = { ...state.value, plan: { ...state.value.plan, writers: seat ? { [field]: { seat, name, atUs: 0 } } : {} } };
    edits.planChanged(state.value.plan);
  };
  const edits: Edits = new Edits({ ask: (k) => Promise.resolve(reply(k)), plan: () => state.value.plan, seat: () => 'me', place: 'kept' });
  const it = { state, edits, you: signal({ seat: 'me', role: 'coordinator' }), isChair: computed(() => false), notWritingUs: signal(0) };
  return { it: it as unknown as Room, set, writes, edits };
}

let root: HTMLElement;

beforeEach(() => {
  sessionStorage.clear();
  document.body.innerHTML = '<div></div>';
  root = document.body.firstElementChild as HTMLElement;
});

const draw = (it: Room): Promise<void> => act(() => render(<RoomProvider value={it}>{fields.map((f) => <PlanField key={f.id} field={f} />)}</RoomProvider>, root));
const editor = (id: string): HTMLTextAreaElement | null => root.querySelector(`#plan-${id}`);
const press = (name: string): HTMLButtonElement => [...root.querySelectorAll('button')].find((b) => b.textContent?.replace(/\s+/g, ' ').trim() === name)!;

test('a text that came back stands beside the one that was saved, for as long as the choice is open', async () => {
  const { it, set, writes } = room();
  await draw(it);
  await act(() => press('Write Options not chosen').click());
  const box = editor('options')!;
  await act(() => {
    box.value = 'Definitive';
    box.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await act(() => writes('options', 'chair', 'Dr. Frank Fictor')); // the chair takes it,
  await act(() => set('options', 'Surgery first', 'chair', 'Dr. Frank Fictor')); // writes,
  await act(() => writes('options', '', '')); // and is done
  expect(root.textContent).toContain('Yours: Definitive');
  expect(root.textContent).toContain('Theirs: Surgery first');
  await act(() => press('Take theirs').click());
  expect(root.textContent).not.toContain('Yours:');
  expect(editor('options'), 'it opened itself again').toBeNull();
  expect(root.textContent).toContain('Surgery first');
});

test('a field opens without a connection', async () => {
  const { it } = room(() => ({ ok: false, error: 'closed' }));
  await draw(it);
  await act(() => press('Write Reasons').click());
  expect(document.activeElement).toBe(editor('reasons'));
});

test('nothing moves between press and release: the field that loses its focus closes after the click', async () => {
  vi.useFakeTimers();
  const { it } = room();
  await draw(it);
  await act(() => press('Write Reasons').click());
  const other = press('Write Options not chosen');
  await act(async () => {
    other.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
    editor('reasons')!.dispatchEvent(new FocusEvent('blur'));
    await vi.advanceTimersByTimeAsync(120); // a press of a person
  });
  expect(editor('reasons')).not.toBeNull();
  await act(async () => {
    other.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
    other.click();
    await vi.advanceTimersByTimeAsync(1);
  });
  expect(editor('reasons')).toBeNull();
  expect(editor('options')).not.toBeNull();
  vi.useRealTimers();
});
