import { beforeEach, expect, test, vi } from 'vitest';
import type { Reply } from '../net/socket';
import { type Plan, noPlan } from '../state/plan';
import { Edits } from './editing';

interface Asked {
  k: string;
  d: Record<string, unknown>;
}

function room(answers: Record<string, Reply> = {}) {
  const asked: Asked[] = [];
  const at = { plan: { ...noPlan, plan: 'p1' } as Plan };
  const edits = new Edits({
    ask: (k, d) => {
      asked.push({ k, d: d as Record<string, unknown> });
      const r = answers[k] ?? { ok: true };
      if (k === 'plan.set' && r.ok) saved(at, (d as { field: string }).field, (d as { value: string }).value, 'me');
      return Promise.resolve(r);
    },
    plan: () => at.plan, seat: () => 'me', place: 'kept',
  });
  return { edits, asked, at, answers };
}

function saved(at: { plan: Plan }, field: string, value: string, seat: string): void {
  const version = (at.plan.fields[field]?.version ?? 0) + 1;
  at.plan = { ...at.plan, fields: { ...at.plan.fields, [field]: { value, version, seat, name: seat, atUs: 0 } } };
}

beforeEach(() => sessionStorage.clear());

test('leaving a field sends what is typed, then gives it free and forgets it', async () => {
  const { edits, asked } = room();
  edits.start('reasons');
  edits.typed('reasons', 'Because.');
  expect(sessionStorage.getItem('kept:p1')).toContain('Because.');
  await edits.leave('reasons');
  expect(asked.map((a) => a.k)).toEqual(['plan.take', 'plan.set', 'plan.drop']);
  expect(asked[1]?.d).toEqual({ field: 'reasons', base: 0, value: 'Because.' });
  expect(edits.open.value).toEqual({});
  expect(sessionStorage.getItem('kept:p1')).toBeNull();
});

test('a pause in typing sends once', async () => {
  vi.useFakeTimers();
  const { edits, asked } = room();
  edits.start('reasons');
  for (const t of ['a', 'ab', 'abc']) edits.typed('reasons', t);
  await vi.advanceTimersByTimeAsync(600);
  expect(asked.filter((a) => a.k === 'plan.set').map((a) => a.d['value'])).toEqual(['abc']);
  vi.useRealTimers();
});

test('a stale text stays beside the other until it is kept or dropped', async () => {
  const { edits, at, answers } = room({ 'plan.set': { ok: false, error: 'stale', message: 'changed' } });
  edits.start('reasons');
  edits.typed('reasons', 'mine');
  saved(at, 'reasons', 'theirs', 'other');
  await edits.leave('reasons');
  expect(edits.open.value['reasons']).toMatchObject({ phase: 'refused', text: 'mine' });
  answers['plan.set'] = { ok: true };
  edits.keep('reasons');
  await vi.waitFor(() => expect(at.plan.fields['reasons']?.value).toBe('mine'));
});

test('without a link the text waits in this tab and goes by itself afterwards', async () => {
  const lost = room({ 'plan.set': { ok: false, error: 'closed' }, 'plan.take': { ok: false, error: 'closed' } });
  lost.edits.start('reasons');
  lost.edits.typed('reasons', 'kept');
  expect(await lost.edits.flushAll()).toBe(false);
  expect(lost.edits.open.value['reasons']?.phase).toBe('unsent');

  const reloaded = room();
  reloaded.edits.resume(reloaded.at.plan);
  await vi.waitFor(() => expect(reloaded.at.plan.fields['reasons']?.value).toBe('kept'));
  await vi.waitFor(() => expect(sessionStorage.getItem('kept:p1')).toBeNull());
});

test('a text for one patient never lands in the plan of the next, and comes back with its own', async () => {
  const { edits, asked, at, answers } = room({ 'plan.set': { ok: false, error: 'closed' } });
  edits.start('reasons');
  edits.typed('reasons', 'of the first patient');
  await edits.flushAll();
  const first = at.plan;
  at.plan = { ...noPlan, plan: 'p2' };
  edits.planChanged(at.plan);
  edits.resume(at.plan);
  expect(edits.open.value).toEqual({});
  answers['plan.set'] = { ok: true };
  at.plan = first;
  edits.resume(at.plan);
  await vi.waitFor(() => expect(at.plan.fields['reasons']?.value).toBe('of the first patient'));
  expect(asked.filter((a) => a.k === 'plan.set')).toHaveLength(2);
});

test('the chair takes a field: what was typed stands beside it', () => {
  const { edits, at } = room();
  edits.start('reasons');
  edits.typed('reasons', 'half a sen');
  at.plan = { ...at.plan, writers: { reasons: { seat: 'chair', name: 'Dr. Solheim', atUs: 0 } } };
  edits.planChanged(at.plan);
  expect(edits.open.value['reasons']).toMatchObject({ phase: 'refused', text: 'half a sen' });
});

/** A room whose answers come when the test says so. */
function slow() {
  const asked: { k: string; done: (r: Reply) => void }[] = [];
  const at = { plan: { ...noPlan, plan: 'p1' } as Plan };
  const edits = new Edits({
    ask: (k) => new Promise<Reply>((done) => asked.push({ k, done })), plan: () => at.plan, seat: () => 'me', place: 'kept',
  });
  const answer = async (k: string, r: Reply): Promise<void> => {
    const i = asked.findIndex((a) => a.k === k);
    if (r.ok && k === 'plan.set') saved(at, 'reasons', 'Because.', 'me');
    asked.splice(i, 1)[0]?.done(r);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { edits, answer, kinds: () => asked.map((a) => a.k) };
}

test('a field left while its text is under way is given free when the answer comes', async () => {
  vi.useFakeTimers();
  const { edits, answer, kinds } = slow();
  edits.start('reasons');
  edits.typed('reasons', 'Because.');
  await vi.advanceTimersByTimeAsync(600); // the pause: it goes
  void edits.leave('reasons'); // and the person with it, before the answer
  await vi.advanceTimersByTimeAsync(0);
  expect(kinds()).not.toContain('plan.drop');
  await answer('plan.set', { ok: true });
  expect(kinds()).toContain('plan.drop');
  expect(edits.open.value).toEqual({});
  vi.useRealTimers();
});

test('who comes back before the answer keeps the field', async () => {
  vi.useFakeTimers();
  const { edits, answer, kinds } = slow();
  edits.start('reasons');
  edits.typed('reasons', 'Because.');
  void edits.leave('reasons');
  edits.start('reasons');
  await answer('plan.set', { ok: true });
  expect(kinds()).not.toContain('plan.drop');
  expect(edits.open.value['reasons']?.phase).toBe('clean');
  vi.useRealTimers();
});

test('a busy server gets the text again by itself, and the field is free then', async () => {
  vi.useFakeTimers();
  const { edits, answer, kinds } = slow();
  edits.start('reasons');
  edits.typed('reasons', 'Because.');
  void edits.leave('reasons');
  await answer('plan.set', { ok: false, error: 'again' });
  expect(edits.open.value['reasons']?.phase).toBe('unsent');
  await vi.advanceTimersByTimeAsync(1000);
  expect(kinds()).toContain('plan.set');
  await answer('plan.set', { ok: true });
  expect(kinds()).toContain('plan.drop');
  vi.useRealTimers();
});
