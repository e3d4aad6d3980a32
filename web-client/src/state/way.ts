/** How the own sound travels, in words with consequences. Pure. */
import type { LaneLink } from '../protocol/generated/protocol';

const SENT: Record<LaneLink['rung'], string> = {
  clear: 'full sound',
  paired: 'full sound in larger packets',
  joined: 'full sound in larger packets',
  fec: 'sound that repairs single losses',
  careful: 'lean sound, every piece twice, until more is known of the link',
  red: 'every piece of sound twice, since packets get lost',
  again: 'every packet twice, since packets get lost',
  lean: 'lean sound, since the link is full',
  lean_red: 'lean sound with repeats, since the link is full and loses',
  lean_again: 'lean sound, twice, since the link is full and loses',
  survival: 'the least that can be understood, since the link is nearly shut',
};

export interface WayLine { what: string; is: string }

export function wayLines(d: LaneLink): WayLine[] {
  const up = d.lost_up === 0 ? 'nothing is lost' : d.made_up === 0 ? `${d.lost_up} % is lost and repaired` : `${d.lost_up} % is lost, ${d.made_up} % of your voice is missing`;
  return [
    { what: 'To you', is: `${d.lost_down === 0 ? 'nothing is lost' : `${d.lost_down} % is lost`}; you are sent ${SENT[d.rung]}` },
    { what: 'From you', is: up },
    { what: 'There and back', is: d.rtt === 0 ? 'not measured yet' : `${d.rtt} ms` },
    { what: 'Unsteady by', is: `${d.jitter_down} ms to you, ${d.jitter_up} ms from you; your packets wait ${d.delay_up} ms` },
  ];
}
