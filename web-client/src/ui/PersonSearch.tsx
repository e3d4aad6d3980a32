import { useEffect, useState } from 'preact/hooks';
import { call, said } from '../api/client';
import type { People, Person } from '../protocol/generated/protocol';
import { Field } from './controls';
import { specialtyWord } from './words';

const PAUSE_MS = 250;

/** Finds a person of this site by name; the list is plain buttons, so every keyboard and reader can use it. */
export function PersonSearch({ label, id, hint, chosen }: { label: string; id: string; hint?: string; chosen: (person: Person) => void }) {
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Person[] | undefined>();
  const [fault, setFault] = useState('');
  useEffect(() => {
    const q = words.trim();
    setFault('');
    if (q.length < 2) return setFound(undefined);
    const abort = new AbortController();
    const timer = setTimeout(() => {
      call<People>('GET', `/api/people?q=${encodeURIComponent(q)}`, { signal: abort.signal }).then(
        (answer) => setFound(answer.people),
        (error: unknown) => { if (!abort.signal.aborted) setFault(said(error)); },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [words]);
  return (
    <div>
      <Field label={label} id={id} hint={hint} fault={fault || undefined}>
        {(ids) => <input {...ids} type="search" autocomplete="off" maxLength={60} value={words} onInput={(e) => setWords(e.currentTarget.value)} />}
      </Field>
      <p class="hide" role="status">{found && `${found.length} found`}</p>
      {found && found.length === 0 && <p class="note">Nobody here has this name.</p>}
      {found && found.length > 0 && (
        <div class="found" role="group" aria-label="People found">
          {found.map((person) => (
            <button key={person.person} type="button" onClick={() => { chosen(person); setWords(''); }}>
              <b>{person.name}</b> <span class="note">{specialtyWord(person.specialty)}, {person.site}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
