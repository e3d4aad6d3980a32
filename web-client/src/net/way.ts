/**
 * Which way sound goes: by UDP, or, where a network lets no UDP through, over the web connection. Pure: facts with
 * their time in, the next state out. UDP is the better way, so it goes on being tried and is gone back to.
 */
export interface Way {
  by: 'none' | 'udp' | 'web';
  heardMs: number; // when UDP last brought a packet; before the first: when it was asked for
  ever: boolean; // it brought one
  steadyMs: number; // since when it comes without a break; 0: it does not
  trusted: boolean; // false: the server does not get what we send by it
  web: 'off' | 'wanted' | 'up';
  falls: number; // how often UDP was left of late
  backMs: number; // when it was gone back to
}

export type Fact =
  | { is: 'asked'; at: number } // a new UDP connection is begun
  | { is: 'woke'; at: number } // the device stood still: old times mean nothing
  | { is: 'look'; at: number; came: boolean } // several times a second: did UDP bring packets?
  | { is: 'unheard'; at: number } // we send by UDP, and the server says that nothing comes
  | { is: 'web'; at: number; up: boolean };

export const JOIN_MS = 2000; // without a first packet
export const STOP_MS = 900; // the server sends one each 400 ms even in silence: two in a row are missing
const STEADY_MS = 1000;
const STEADY_MAX_MS = 30000;
const OVERLAP_MS = 2000; // the web connection is kept so long after going back
const FORGIVEN_MS = 60000;

export const noWay: Way = { by: 'none', heardMs: 0, ever: false, steadyMs: 0, trusted: true, web: 'off', falls: 0, backMs: 0 };

const dead = (w: Way, at: number): boolean => at - w.heardMs > (w.ever ? STOP_MS : JOIN_MS);

/** A link that comes and goes is believed later each time. */
const steadyFor = (falls: number): number => Math.min(STEADY_MS * 2 ** Math.max(0, falls - 1), STEADY_MAX_MS);

function look(was: Way, at: number, came: boolean): Way {
  const w = { ...was };
  if (came) {
    w.heardMs = at;
    w.ever = true;
    w.steadyMs ||= at;
  } else if (at - w.heardMs > STOP_MS) {
    w.steadyMs = 0;
  }
  if (w.by === 'udp' && w.falls && at - w.backMs > FORGIVEN_MS) w.falls = 0;
  return choose(w, at);
}

function choose(w: Way, at: number): Way {
  const gone = dead(w, at);
  const good = w.trusted && w.steadyMs > 0;
  if ((gone || !w.trusted) && w.web === 'off') w.web = 'wanted';
  if (w.by === 'web') {
    if (good && at - w.steadyMs >= steadyFor(w.falls)) {
      w.by = 'udp';
      w.backMs = at;
    }
  } else if ((gone || !w.trusted) && w.web === 'up') {
    if (w.by === 'udp' || w.ever) w.falls += 1;
    w.by = 'web';
  } else if (w.by === 'udp' && gone) {
    w.by = 'none';
  } else if (w.by === 'none' && good) {
    w.by = 'udp';
    w.backMs = at;
  }
  if (w.by === 'udp' && w.web !== 'off' && good && at - Math.max(w.backMs, w.steadyMs) > OVERLAP_MS) w.web = 'off';
  return w;
}

export function next(was: Way, f: Fact): Way {
  switch (f.is) {
    case 'asked': return { ...was, heardMs: f.at, ever: false, steadyMs: 0, trusted: true, by: was.by === 'web' ? 'web' : 'none' };
    case 'woke': return { ...was, heardMs: f.at };
    case 'look': return look(was, f.at, f.came);
    case 'unheard': return choose({ ...was, trusted: false, steadyMs: 0 }, f.at);
    case 'web': return choose({ ...was, web: f.up ? 'up' : 'wanted', by: !f.up && was.by === 'web' ? 'none' : was.by }, f.at);
  }
}
