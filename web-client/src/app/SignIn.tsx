import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { call, said } from '../api/client';
import { Btn, Field } from '../ui/controls';
import { announce } from './announce';
import { usePage } from './page';
import { homeOf } from './roles';
import { loadMe, takeIdleNote } from './session';
import type { Joined } from '../protocol/generated/protocol';

/** Only addresses of our own are followed after the sign-in. */
export function safeThen(search: string): string {
  const then = new URLSearchParams(search).get('then') ?? '';
  return /^\/[a-z][\w/-]*$/i.test(then) && !then.startsWith('/signin') ? then : '';
}

export default function SignIn() {
  usePage('Sign in');
  const [, go] = useLocation();
  const [idle] = useState(takeIdleNote);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (!email.includes('@') || !password) {
      setFault(email.includes('@') ? 'The password is missing.' : 'The e-mail needs an @, for example name@clinic.org.');
      return;
    }
    setBusy(true);
    setFault('');
    try {
      const joined = await call<Joined>('POST', '/api/session/password', { body: { email, password } });
      const person = await loadMe();
      if (person) go(safeThen(location.search) || homeOf(person, joined.meeting), { replace: true });
    } catch (error) {
      setFault(said(error));
      announce(said(error), 'urgent');
    } finally {
      setBusy(false);
    }
  };

  return (
    <main class="page narrow" id="main">
      <h1>Sign in</h1>
      {idle && <p class="banner now">You were signed out after 15 minutes. Your draft is kept.</p>}
      <form class="stack-4" onSubmit={submit} noValidate>
        <Field label="E-mail" id="email">
          {(ids) => <input {...ids} type="email" autocomplete="username" value={email} onInput={(e) => setEmail(e.currentTarget.value)} />}
        </Field>
        <Field label="Password" id="password" fault={fault || undefined}>
          {(ids) => <input {...ids} type="password" autocomplete="current-password" value={password} onInput={(e) => setPassword(e.currentTarget.value)} />}
        </Field>
        <Btn main type="submit" disabled={busy}>Sign in</Btn>
      </form>
      <p class="note">An invitation needs no password: open its link. Without either, ask the coordinator of your board.</p>
    </main>
  );
}
