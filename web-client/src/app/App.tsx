import { useEffect } from 'preact/hooks';
import { Redirect, Route, Switch } from 'wouter-preact';
import { LiveRegions } from './announce';
import { Frame } from './Frame';
import { lazy } from './lazy';
import { NotHere } from './NotHere';
import { walkRegions } from './page';

const SignIn = lazy(() => import('./SignIn'));
const DemoLink = lazy(() => import('./DemoLink'));
const Room = lazy<{ meeting: string }>(() => import('../meet/Room'));

/** The room and the sign-in pages stand alone; everything else is framed by the top line. */
export function App() {
  useEffect(() => {
    addEventListener('keydown', walkRegions);
    return () => removeEventListener('keydown', walkRegions);
  }, []);
  return (
    <>
      <Switch>
        <Route path="/"><Redirect to="/today" replace /></Route>
        <Route path="/signin"><SignIn /></Route>
        <Route path="/in"><DemoLink /></Route>
        <Route path="/meet/:meeting">{(p) => <Room meeting={p.meeting} />}</Route>
        <Route><Frame><NotHere /></Frame></Route>
      </Switch>
      <LiveRegions />
    </>
  );
}
