import { expect, test } from 'vitest';
import { LEAST_GAP_MS, PAUSE_MS, accepted, arrived, begin, isOpen, keep, refused, resume, send, type, unsent, waitMs } from './edits';

test('typed, paused, sent, acknowledged: then nothing waits', () => {
  let e = send(type(begin('reasons', 'a', 3), 'ab'));
  expect(e).toMatchObject({ phase: 'sending', sent: 'ab', base: 3 });
  e = accepted(e, 4);
  expect(e).toMatchObject({ phase: 'clean', base: 4 });
  expect(isOpen(e)).toBe(false);
});

test('what is typed while a text is under way goes next, against the new version', () => {
  const e = accepted(type(send(type(begin('reasons', '', 0), 'a')), 'ab'), 0);
  expect(e).toMatchObject({ phase: 'typing', text: 'ab', base: 1 });
});

test('the own event counts once, whether it comes before the answer or after it', () => {
  const sent = send(type(begin('reasons', '', 0), 'a'));
  const before = accepted(arrived(sent, 'a', 1, true), 1);
  const after = arrived(accepted(sent, 0), 'a', 1, true);
  expect(before).toMatchObject({ phase: 'clean', base: 1 });
  expect(after).toMatchObject({ phase: 'clean', base: 1 });
});

test('a refused text stays with its author until the choice', () => {
  let e = refused(send(type(begin('reasons', 'a', 1), 'mine')), '');
  e = arrived(e, 'theirs', 2, false);
  expect(e).toMatchObject({ phase: 'refused', text: 'mine' });
  e = type(e, 'mine, better');
  expect(e.phase).toBe('refused');
  expect(keep(e, 2)).toMatchObject({ phase: 'typing', base: 2, text: 'mine, better' });
});

test('a text of another replaces only what was not touched', () => {
  expect(arrived(begin('reasons', 'a', 1), 'b', 2, false)).toMatchObject({ text: 'b', phase: 'clean', base: 2 });
  expect(arrived(type(begin('reasons', 'a', 1), 'mine'), 'b', 2, false)).toMatchObject({ text: 'mine', phase: 'refused' });
  expect(arrived(type(begin('reasons', 'a', 1), 'b'), 'b', 2, false)).toMatchObject({ phase: 'clean', base: 2 });
});

test('while a text is under way only the reply decides', () => {
  const e = send(type(begin('reasons', 'a', 1), 'mine'));
  expect(arrived(e, 'theirs', 2, false).phase).toBe('sending');
  expect(arrived(e, 'mine', 2, true)).toMatchObject({ phase: 'sending', base: 2 });
});

test('after a loss a text goes by itself only if nobody wrote meanwhile', () => {
  const kept = unsent(send(type(begin('reasons', 'a', 1), 'mine')));
  expect(resume(kept, 1).phase).toBe('typing');
  expect(resume(kept, 2).phase).toBe('refused');
  expect(resume(begin('reasons', 'a', 1), 5).phase).toBe('clean');
});

test('a pause after the last key, and never more than two a second', () => {
  expect(waitMs(10_000, 0)).toBe(PAUSE_MS);
  expect(waitMs(10_000, 9_990)).toBe(LEAST_GAP_MS - 10);
});
