import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { ApiError, call, said } from '../api/client';
import { announce } from '../app/announce';
import { dropDraft, keepDraft, readDraft } from '../app/drafts';
import { me } from '../app/session';
import type { CaseFull, Made } from '../protocol/generated/protocol';
import { emptyIntake, faultsOf, fieldOfProblem, toIntake, toRecord, type Fault, type Intake } from './intake';

/** After this pause a case that exists already saves itself, if nothing in it is wrong. */
const SAVE_AFTER_MS = 4000;

export type Saving = 'saved' | 'changed' | 'saving' | 'failed';

export function isoToday(): string {
  return new Date().toISOString().slice(0, 10);
}

/** The form's text and where it is kept: in this tab until the server has it. */
export function useIntake(full: CaseFull | undefined, again: () => Promise<void>) {
  const person = me.value;
  const who = person?.person ?? '';
  const id = full?.case ?? 'new';
  const [, go] = useLocation();
  const [draft] = useState(() => readDraft(who, id));
  const [intake, setIntake] = useState<Intake>(() => draft?.intake ?? (full ? toIntake(full.record) : emptyIntake(person ?? { person: '', name: '', site: '' })));
  const [base, setBase] = useState(draft?.base ?? full?.version ?? 0);
  const [saving, setSaving] = useState<Saving>(draft ? 'changed' : 'saved');
  const [savedAt, setSavedAt] = useState(0);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<Fault | undefined>();
  const [trouble, setTrouble] = useState('');
  const [stale, setStale] = useState<CaseFull | undefined>();
  const [kept, setKept] = useState(true);
  const latest = useRef({ intake, base, n: 0 });
  latest.current.intake = intake;
  latest.current.base = base;

  const faults = [...faultsOf(intake, isoToday()), ...(refused ? [refused] : [])];

  const change = (part: Partial<Intake>) => {
    const next = { ...latest.current.intake, ...part };
    latest.current.intake = next;
    latest.current.n += 1;
    setIntake(next);
    setSaving('changed');
    setRefused(undefined);
    setKept(keepDraft(who, id, { base: latest.current.base, intake: next, at: Date.now() }));
  };

  const refuse = (error: unknown) => {
    if (error instanceof ApiError && error.status === 409) {
      call<CaseFull>('GET', `/api/cases/${id}`).then(setStale, (thrown: unknown) => setTrouble(said(thrown)));
    } else if (error instanceof ApiError && error.field) {
      setRefused({ field: fieldOfProblem(error.field), text: error.message });
    } else setTrouble(said(error));
    setSaving('failed');
  };

  /** Returns the id of the saved case, or undefined where it could not be saved. */
  const save = async (version = latest.current.base): Promise<string | undefined> => {
    const n = latest.current.n;
    setSaving('saving');
    setTrouble('');
    try {
      const body = { base: version, record: toRecord(latest.current.intake) };
      const made = await call<Made>(full ? 'PUT' : 'POST', full ? `/api/cases/${id}` : '/api/cases', { body });
      setBase(made.version);
      latest.current.base = made.version;
      setStale(undefined);
      setSavedAt(Date.now());
      // Typed on while it was under way: that part is not saved yet and stays in the tab.
      const same = n === latest.current.n;
      setSaving(same ? 'saved' : 'changed');
      if (same) dropDraft(who, id);
      if (!full) {
        dropDraft(who, 'new');
        announce('Case saved.');
        go(`/cases/${made.id}`, { replace: true });
      } else await again();
      return made.id;
    } catch (error) {
      refuse(error);
      return undefined;
    }
  };

  useEffect(() => {
    if (!full || saving !== 'changed' || faults.length > 0 || stale) return;
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [intake, saving, stale]);

  useEffect(() => {
    if (saving === 'saved' || kept) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [saving, kept]);

  const theirs = () => {
    if (!stale) return;
    const taken = toIntake(stale.record);
    setIntake(taken);
    latest.current.intake = taken;
    setBase(stale.version);
    setSaving('saved');
    setStale(undefined);
    dropDraft(who, id);
    void again();
  };
  const mine = () => stale && void save(stale.version);

  return {
    intake, change, save, saving, savedAt, faults, stale, theirs, mine, trouble, kept,
    restored: draft?.at ?? 0,
    left: (field: string) => setTouched(new Set([...touched, field])),
    shown: (field: string) => touched.has(field),
    showAll: () => setTouched(new Set(faults.map((it) => it.field))),
  };
}

export type IntakeForm = ReturnType<typeof useIntake>;
