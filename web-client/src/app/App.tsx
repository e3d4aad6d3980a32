import { useEffect } from 'preact/hooks';
import { Redirect, Route, Switch } from 'wouter-preact';
import { LiveRegions } from './announce';
import { Frame } from './Frame';
import { lazy } from './lazy';
import { NotHere } from './NotHere';
import { walkRegions } from './page';

const Today = lazy(() => import('../today/Today'));
const SignIn = lazy(() => import('./SignIn'));
const DemoLink = lazy(() => import('./DemoLink'));
const Join = lazy(() => import('../join/Join'));
const Cases = lazy(() => import('../cases/Cases'));
const CasePage = lazy<{ id: string; intake?: boolean }>(() => import('../cases/CasePage'));
const Boards = lazy(() => import('../boards/Boards'));
const Board = lazy<{ id: string }>(() => import('../boards/Board'));
const Agenda = lazy<{ board: string; meeting: string }>(() => import('../boards/Agenda'));
const Own = lazy(() => import('../me/Own'));
const Records = lazy(() => import('../records/Records'));
const PlanPage = lazy<{ id: string }>(() => import('../plan/PlanPage'));
const Recording = lazy<{ id: string }>(() => import('../recordings/Recording'));
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
        <Route path="/j"><Join /></Route>
        <Route path="/meet/:meeting">{(p) => <Room meeting={p.meeting} />}</Route>
        <Route path="/today"><Frame><Today /></Frame></Route>
        <Route path="/cases"><Frame><Cases /></Frame></Route>
        <Route path="/cases/:id">{(p) => <Frame><CasePage key={p.id} id={p.id} /></Frame>}</Route>
        <Route path="/cases/:id/intake">{(p) => <Frame><CasePage key={p.id} id={p.id} intake /></Frame>}</Route>
        <Route path="/boards"><Frame><Boards /></Frame></Route>
        <Route path="/boards/:id">{(p) => <Frame><Board key={p.id} id={p.id} /></Frame>}</Route>
        <Route path="/boards/:id/meetings/:meeting">{(p) => <Frame><Agenda key={p.meeting} board={p.id} meeting={p.meeting} /></Frame>}</Route>
        <Route path="/me"><Frame><Own /></Frame></Route>
        <Route path="/records"><Frame><Records /></Frame></Route>
        <Route path="/plans/:id">{(p) => <Frame><PlanPage key={p.id} id={p.id} /></Frame>}</Route>
        <Route path="/recordings/:id">{(p) => <Frame><Recording key={p.id} id={p.id} /></Frame>}</Route>
        <Route><Frame><NotHere /></Frame></Route>
      </Switch>
      <LiveRegions />
    </>
  );
}
