import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { call, said } from '../api/client';
import type { Joined } from '../protocol/generated/protocol';
import { Go } from '../ui/controls';
import { Fault, Slow } from '../ui/notices';
import { usePage } from './page';
import { loadMe } from './session';

/** A sign-in link of the demonstration: the token stands in the fragment, so no log and no referrer carries it. */
export default function DemoLink() {
  const [, go] = useLocation();
  const [fault, setFault] = useState('');
  usePage(fault ? 'This link does not work' : undefined);
  useEffect(() => {
    const token = location.hash.slice(1);
    history.replaceState(null, '', location.pathname);
    call<Joined>('POST', '/api/session/demo', { body: { token } })
      .then(loadMe)
      .then(() => go('/today', { replace: true }))
      .catch((error: unknown) => setFault(said(error)));
  }, []);
  return (
    <main class="page narrow" id="main">
      {fault ? <Fault title="This link does not work" text={fault}><Go main href="/signin">Sign in</Go></Fault> : <Slow what="Signing in" />}
    </main>
  );
}
