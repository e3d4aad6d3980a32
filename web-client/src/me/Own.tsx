/** The own page: who is signed in, the PIN that signs, the password. */
import { useState } from 'preact/hooks';
import { call, said } from '../api/client';
import { announce } from '../app/announce';
import { usePage } from '../app/page';
import { roleWord } from '../app/roles';
import { loadMe, me } from '../app/session';
import { Btn, Field, State } from '../ui/controls';
import { specialtyWord } from '../ui/words';
import { passwordFault, pinFault } from './secrets';

type Kind = 'pin' | 'password';

interface Words {
  title: string;
  what: string; // "PIN"
  old: string;
  hint: string;
}

/** Old, new, new again. What was typed is forgotten as soon as it was answered. */
function SecretForm({ kind, words, digits }: { kind: Kind; words: Words; digits?: boolean }) {
  const [old, setOld] = useState('');
  const [secret, setSecret] = useState('');
  const [again, setAgain] = useState('');
  const [fault, setFault] = useState('');
  const [oldFault, setOldFault] = useState('');
  const [done, setDone] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const wrong = kind === 'pin' ? pinFault(secret, again) : passwordFault(secret, again);
    setFault(wrong);
    setOldFault('');
    setDone(false);
    if (wrong) return announce(wrong, 'urgent');
    setBusy(true);
    try {
      await call<void>('PUT', '/api/me/secret', { body: { kind, old, secret } });
      setSecret('');
      setAgain('');
      setDone(true);
      announce(`${words.what} changed.`);
      await loadMe();
    } catch (error) {
      setOldFault(said(error));
      announce(said(error), 'urgent');
    } finally {
      setOld('');
      setBusy(false);
    }
  };
  const digit = digits ? { inputMode: 'numeric' as const } : {};
  return (
    <section aria-labelledby={`${kind}-h`}>
      <div class="head"><h2 id={`${kind}-h`}>{words.title}</h2></div>
      <form class="stack-4 gap-3" onSubmit={submit} noValidate>
        <p class="note">{words.hint}</p>
        <Field label={words.old} id={`${kind}-old`} fault={oldFault || undefined}>
          {(ids) => <input {...ids} {...digit} type="password" autocomplete={kind === 'pin' ? 'off' : 'current-password'} maxLength={200} value={old} onInput={(e) => setOld(e.currentTarget.value)} />}
        </Field>
        <Field label={`New ${words.what}`} id={`${kind}-new`} fault={fault || undefined}>
          {(ids) => <input {...ids} {...digit} type="password" autocomplete="new-password" maxLength={200} value={secret} onInput={(e) => setSecret(e.currentTarget.value)} />}
        </Field>
        <Field label={`New ${words.what} once more`} id={`${kind}-again`}>
          {(ids) => <input {...ids} {...digit} type="password" autocomplete="new-password" maxLength={200} value={again} onInput={(e) => setAgain(e.currentTarget.value)} />}
        </Field>
        <div class="acts"><Btn main type="submit" disabled={busy}>Change {words.what}</Btn>{done && <State tone="ok">Changed</State>}</div>
      </form>
    </section>
  );
}

export default function Own() {
  usePage('Your page');
  const person = me.value;
  if (!person) return null;
  const pin: Words = {
    title: 'PIN for signing', what: 'PIN', old: person.has_pin ? 'Your present PIN' : 'Your password, if you have one',
    hint: `${person.has_pin ? 'You sign plans with it.' : 'You have none yet; without it you cannot sign a plan.'} 4 to 12 digits. Five wrong tries, and you wait a minute.`,
  };
  const password: Words = {
    title: 'Password', what: 'password', old: 'Your present password; your PIN if you have none yet',
    hint: 'You sign in with it. At least 10 characters.',
  };
  return (
    <>
      <div class="lead"><div>
        <h1>{person.name}</h1>
        <p>{specialtyWord(person.specialty)}, {person.site}. {person.boards.map((board) => `${board.name}: ${roleWord(board.role)}`).join('. ')}</p>
      </div></div>
      <div class="cols two even">
        <SecretForm kind="pin" words={pin} digits />
        <SecretForm kind="password" words={password} />
      </div>
    </>
  );
}
