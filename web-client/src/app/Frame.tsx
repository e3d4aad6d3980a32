import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { lostSince, said, signedOut } from '../api/client';
import { Btn, Go } from '../ui/controls';
import { Search } from '../ui/icons';
import { Banner, Fault, Slow } from '../ui/notices';
import { clock } from '../ui/time';
import { IdleLock } from './IdleLock';
import { deskWord } from './roles';
import { loadMe, me, signOut } from './session';
import { announce } from './announce';

const PLACES = [
  { href: '/today', word: 'Today' },
  { href: '/cases', word: 'Cases' },
  { href: '/boards', word: 'Boards' },
  { href: '/records', word: 'Records' },
];

export function Mark() {
  return (
    <Link class="mark" href="/today">
      <svg viewBox="0 0 24 24" aria-hidden="true" fill="currentColor">
        <circle cx="12" cy="3.6" r="2.6" /><circle cx="20.4" cy="9.6" r="2.6" /><circle cx="17.2" cy="19.4" r="2.6" />
        <circle cx="6.8" cy="19.4" r="2.6" /><circle cx="3.6" cy="9.6" r="1.8" fill="none" stroke="currentColor" stroke-width="1.5" />
      </svg>
      Consilium
    </Link>
  );
}

function Top() {
  const [path, go] = useLocation();
  const [fault, setFault] = useState('');
  const person = me.value;
  const leave = () => signOut().then(() => go('/signin'), (error: unknown) => setFault(said(error)));
  const places = person?.guest ? PLACES.slice(0, 1) : PLACES;
  const word = person ? deskWord(person) : '';
  return (
    <header class="top">
      <Mark />
      <nav aria-label="Main">
        {places.map((place) => (
          <Link key={place.href} href={place.href} aria-current={path.startsWith(place.href) ? 'page' : undefined}>{place.word}</Link>
        ))}
      </nav>
      <div class="who">
        {!person?.guest && <Go plain small icon={Search} href="/records">Find a case <kbd>/</kbd></Go>}
        {person?.guest ? <span class="name">{person.name}</span> : <Link class="name" href="/me" aria-current={path === '/me' ? 'page' : undefined}>{person?.name}{word && ` · ${word}`}</Link>}
        <Btn plain small onClick={leave}>Sign out</Btn>
      </div>
      {fault && <p class="fault" role="alert">{fault}</p>}
    </header>
  );
}

/** Says since when the server is not reached; typing goes on. */
function LostLine() {
  const since = lostSince.value;
  useEffect(() => {
    if (since) announce('No connection. What you type is kept.', 'urgent');
  }, [since]);
  useEffect(() => {
    if (!since) return;
    const again = () => void loadMe().catch(() => undefined);
    const timer = setInterval(again, 5000);
    addEventListener('online', again);
    return () => {
      clearInterval(timer);
      removeEventListener('online', again);
    };
  }, [since]);
  if (!since) return null;
  return <Banner tone="now">No connection since {clock(since * 1000)}. What is on the page stays, what you type is kept in this tab.</Banner>;
}

function SignedOutLine() {
  if (!signedOut.value || !me.value) return null;
  const back = `/signin?then=${encodeURIComponent(location.pathname)}`;
  return <Banner tone="now" acts={<Go main small href={back}>Sign in</Go>}>You were signed out. What you typed is kept in this tab.</Banner>;
}

function findKey(go: (to: string) => void) {
  return (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable) return;
    event.preventDefault();
    go('/records');
  };
}

/** The page around every screen but the room: skip link, top line, lines of trouble, main part. */
export function Frame({ children }: { children: ComponentChildren }) {
  const [path, go] = useLocation();
  const [fault, setFault] = useState('');
  const known = me.value;
  const load = () => {
    setFault('');
    loadMe().catch((error: unknown) => setFault(said(error)));
  };
  useEffect(() => {
    if (known === undefined) load();
  }, [known]);
  useEffect(() => {
    if (known === null) go(`/signin?then=${encodeURIComponent(path)}`, { replace: true });
  }, [known]);
  useEffect(() => {
    const key = findKey(go);
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, [go]);
  if (!known) {
    return <main class="page" id="main">{fault ? <Fault title="Consilium is not reached" text={fault} again={load} /> : <Slow />}</main>;
  }
  return (
    <>
      <a class="skip" href="#main">Skip to the main part</a>
      <Top />
      <LostLine />
      <SignedOutLine />
      <main id="main" class="page" tabIndex={-1}>{children}</main>
      {known.demo && <footer class="foot">Demonstration: every person, case and figure is invented.</footer>}
      <IdleLock />
    </>
  );
}
