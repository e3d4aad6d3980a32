import { useEffect, useState } from 'preact/hooks';
import { Btn } from '../ui/controls';
import { Dialog } from '../ui/notices';
import { announce } from './announce';
import { idleAfter, minutesLeft } from './idle';
import { lock } from './session';

const SIGNS = ['keydown', 'pointerdown', 'touchstart', 'wheel'] as const;

/**
 * Warns at 13 and locks at 15 quiet minutes. Locking ends the session on the server but keeps the drafts of this tab,
 * so that the same person goes on after the next sign-in. The room has no such lock: it is mounted outside the frame.
 */
export function IdleLock() {
  const [quiet, setQuiet] = useState(0);
  useEffect(() => {
    let last = Date.now();
    const sign = () => {
      last = Date.now();
      setQuiet(0);
    };
    const timer = setInterval(() => setQuiet(Date.now() - last), 5000);
    for (const name of SIGNS) addEventListener(name, sign, { passive: true });
    return () => {
      clearInterval(timer);
      for (const name of SIGNS) removeEventListener(name, sign);
    };
  }, []);
  const state = idleAfter(quiet);
  useEffect(() => {
    if (state === 'warned') announce('Nothing was pressed for 13 minutes. You are signed out in 2 minutes.', 'urgent');
    if (state === 'locked') void lock();
  }, [state]);
  if (state !== 'warned') return null;
  return (
    <Dialog title="Still there?" close={() => setQuiet(0)}>
      <p>Nothing was pressed for 13 minutes. You are signed out in {minutesLeft(quiet)} min. What you typed is kept.</p>
      <div class="acts"><Btn main onClick={() => setQuiet(0)}>Stay signed in</Btn></div>
    </Dialog>
  );
}
