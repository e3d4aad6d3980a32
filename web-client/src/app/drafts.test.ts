import { beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyIntake } from '../cases/intake';
import { copyOfTab, dropDraft, dropOthers, keepDraft, readDraft } from './drafts';
import { lock, me, signOut, takeIdleNote } from './session';

const draft = { base: 3, intake: { ...emptyIntake({ person: 'p1', name: 'A', site: '' }), question: 'Which?' }, at: 1 };

describe('drafts', () => {
  beforeEach(() => sessionStorage.clear());

  it('come back word for word, until the server has them', () => {
    expect(keepDraft('p1', 'new', draft)).toBe(true);
    expect(readDraft('p1', 'new')).toEqual(draft);
    dropDraft('p1', 'new');
    expect(readDraft('p1', 'new')).toBeUndefined();
  });

  it('are not shown to another person, whose sign-in erases them', () => {
    keepDraft('p1', 'c1', draft);
    keepDraft('p2', 'c1', draft);
    expect(readDraft('p3', 'c1')).toBeUndefined();
    dropOthers('p2');
    expect(readDraft('p1', 'c1')).toBeUndefined();
    expect(readDraft('p2', 'c1')).toEqual(draft);
  });

  it('are ignored where they cannot be read', () => {
    sessionStorage.setItem('draft.case.p1.new', '{"intake":');
    expect(readDraft('p1', 'new')).toBeUndefined();
    sessionStorage.setItem('draft.case.p1.new', '{}');
    expect(readDraft('p1', 'new')).toBeUndefined();
  });

  it('say so when nothing can be kept', () => {
    vi.stubGlobal('sessionStorage', { setItem: () => { throw new Error('full'); } });
    expect(keepDraft('p1', 'new', draft)).toBe(false);
    vi.unstubAllGlobals();
  });
});

describe('leaving', () => {
  const answers = (clears: boolean) =>
    vi.spyOn(globalThis, 'fetch').mockImplementation(() => {
      if (clears) sessionStorage.clear();
      return Promise.resolve(new Response(null, { status: 204 }));
    });
  beforeEach(() => sessionStorage.clear());

  it('erases all drafts at sign-out', async () => {
    answers(false);
    keepDraft('p1', 'new', draft);
    await signOut();
    expect(copyOfTab()).toEqual([]);
    expect(me.value).toBeNull();
  });

  it('keeps them through the idle lock, although the server clears the storage', async () => {
    answers(true);
    keepDraft('p1', 'new', draft);
    await lock();
    expect(readDraft('p1', 'new')).toEqual(draft);
    expect(takeIdleNote()).toBe(true);
    expect(takeIdleNote()).toBe(false);
  });
});
