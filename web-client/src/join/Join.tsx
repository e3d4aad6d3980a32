import './join.css';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { ApiError, call, said } from '../api/client';
import { announce } from '../app/announce';
import { Mark } from '../app/Frame';
import { usePage } from '../app/page';
import { loadMe } from '../app/session';
import type { InvitationView, Joined } from '../protocol/generated/protocol';
import { Btn, Icon } from '../ui/controls';
import { Calendar, LogIn, MapPin, ShieldCheck, UserRound } from '../ui/icons';
import { Fault, Slow } from '../ui/notices';
import { clock, distance, weekDate } from '../ui/time';
import { capital, count, specialtyWord } from '../ui/words';
import { DeviceCheck } from './DeviceCheck';
import { EARLY_US, openingOf, type Opening } from './opening';

/** The token stands in the fragment: it reaches no log and no referrer, and leaves the address line at once. */
function takeToken(): string {
  const token = location.hash.slice(1);
  const kept = (history.state as { token?: string } | null)?.token;
  if (token) history.replaceState({ token }, '', location.pathname);
  return token || kept || '';
}

function useNow(): number {
  const [now, setNow] = useState(Date.now() * 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() * 1000), 10_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function when(view: InvitationView, now: number): string {
  const day = capital(weekDate(view.starts_us));
  if (view.state === 'closed') return `${day}, ended`;
  return `${day}, ${now >= view.starts_us ? `started ${clock(view.starts_us)}` : `${clock(view.starts_us)}, ${distance(view.starts_us, now)}`}`;
}

function Waiting({ opening, view }: { opening: Opening; view: InvitationView }) {
  switch (opening) {
    case 'too_early':
      return <p><b>The room opens at {clock(view.starts_us - EARLY_US)}.</b> This page waits and lets you in then. You can check your device meanwhile.</p>;
    case 'closed':
      return <p><b>This meeting is over.</b> On the device you joined with, the signed plan of your case can be opened for 12 hours.</p>;
    case 'elsewhere':
      return <p><b>This link was opened on another device.</b> It holds your seat. The coordinator of the board can free it; then press Try again.</p>;
    case 'open':
      return <p>{view.items === 0 ? 'No case is named in this invitation: ask the coordinator.' : `You hear ${count(view.items, 'case')}, and nothing about other patients.`} You enter muted.</p>;
  }
}

function Page({ view, token, again }: { view: InvitationView; token: string; again: () => void }) {
  usePage(view.board_name);
  const now = useNow();
  const [, go] = useLocation();
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const opening = openingOf(view, now);
  useEffect(() => {
    if (opening === 'open') announce('The room is open. Join, muted.');
    if (opening !== 'too_early') return;
    const timer = setInterval(again, 60_000);
    return () => clearInterval(timer);
  }, [opening]);

  const enter = async (to: (joined: Joined) => string) => {
    setBusy(true);
    setFault('');
    try {
      const joined = await call<Joined>('POST', '/api/invitations/exchange', { body: { token } });
      await loadMe();
      go(to(joined), { replace: true });
    } catch (error) {
      setFault(said(error));
      if (error instanceof ApiError && error.status === 409) again();
    } finally {
      setBusy(false);
    }
  };

  return (
    <main id="main" class="join">
      <div class="left">
        <Mark />
        <h1>{view.board_name}</h1>
        <div class="facts">
          <span><Icon of={Calendar} />{when(view, now)}</span>
          <span><Icon of={UserRound} />{view.name}{view.specialty && `, ${specialtyWord(view.specialty).toLowerCase()}`}</span>
          {view.site && <span><Icon of={MapPin} />{view.site}</span>}
        </div>
        <Waiting opening={opening} view={view} />
        <div class="go">
          {opening === 'closed' ? (
            <Btn onClick={() => void enter(() => '/today')} disabled={busy}>Open the plan of your case</Btn>
          ) : opening === 'elsewhere' ? (
            <Btn onClick={again}>Try again</Btn>
          ) : (
            <Btn main icon={LogIn} disabled={busy || opening === 'too_early'} onClick={() => void enter((joined) => `/meet/${joined.meeting}`)}>
              {opening === 'too_early' ? `Join, from ${clock(view.starts_us - EARLY_US)}` : 'Join, muted'}
            </Btn>
          )}
          {fault && <p class="fault" role="alert">{fault}</p>}
        </div>
        <p class="note join-note">
          <Icon of={ShieldCheck} /> {view.recorded ? <>This meeting <b>may be recorded</b>. You are told before, and asked.</> : <>This meeting is <b>not recorded</b>. What is said is not kept; only the signed plan is filed.</>} By joining you say you may hear {view.items === 1 ? 'this case' : 'these cases'}. Not {view.name}? Close this page and ask for your own link.
        </p>
      </div>
      <section class="right" aria-labelledby="device">
        <div class="head"><h2 id="device">Your device, checked while you read</h2></div>
        <DeviceCheck />
        <p class="note gap-4">Nothing here is needed to hear. Without a microphone you can still join and listen. No camera is used.</p>
      </section>
    </main>
  );
}

function Denied({ error, again }: { error: unknown; again: () => void }) {
  const reached = error instanceof ApiError && error.status !== 0 && error.status < 500;
  const title = reached ? 'This link does not open a meeting' : 'The meeting is not reached';
  usePage(title);
  return (
    <main id="main" class="page narrow">
      <Mark />
      <Fault title={title} text={reached ? `${said(error)} Ask the person who sent it for a new one.` : said(error)} {...(reached ? {} : { again })} />
    </main>
  );
}

/** Join from an invitation: reading changes nothing, Join exchanges the link and binds this device. */
export default function Join() {
  const [token] = useState(takeToken);
  const [view, setView] = useState<InvitationView | undefined>();
  const [error, setError] = useState<unknown>();
  const again = () => {
    setError(undefined);
    call<InvitationView>('POST', '/api/invitations/preview', { body: { token } }).then(setView, setError);
  };
  useEffect(again, []);
  if (error !== undefined && !view) return <Denied error={error} again={again} />;
  if (!view) return <main id="main" class="page narrow"><Slow what="Opening the invitation" /></main>;
  return <Page view={view} token={token} again={again} />;
}
