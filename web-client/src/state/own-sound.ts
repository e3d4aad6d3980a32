/**
 * The state of the own microphone, from what is measured: the server's word that it receives us and
 * how many confirmed, the level on this device, and what the browser said. Nothing is assumed.
 */
export interface SoundFacts {
  link: 'none' | 'asking' | 'connecting' | 'up' | 'no_way' | 'refused' | 'full' | 'gone';
  way: 'none' | 'udp' | 'web'; // by which sound goes; none: not known, or none
  noCodec: boolean; // this browser cannot use the web connection for sound
  wanted: boolean; // the person pressed the microphone
  opening: boolean; // the browser is asked for it now
  device: 'unasked' | 'live' | 'blocked' | 'absent' | 'busy';
  mutedBy: string; // name of the chair who muted; empty: own doing
  mutedUs: number;
  mayTalk: boolean; // false: an observer
  voiceMs: number; // voice on this device without a break
  silentMs: number; // digital silence while on
  receiving: boolean; // the server gets packets of us
  notReceivedMs: number; // on, and the server says it gets nothing
  heardBy: number;
  couldHear: number;
}

export type OwnSound =
  | { is: 'on'; heardBy: number; couldHear: number }
  | { is: 'opening' }
  | { is: 'muted' }
  | { is: 'muted_by'; name: string; atUs: number }
  | { is: 'talking_muted' }
  | { is: 'not_heard'; why: 'silent' | 'not_received' | 'nobody' | 'no_link' }
  | { is: 'blocked' }
  | { is: 'listening'; why: 'absent' | 'busy' | 'observer' };

export const VOICE_MS = 500;
export const SILENT_MS = 6000;
export const NOT_RECEIVED_MS = 2000; // then it is said, and another way is tried

export const noSound: SoundFacts = {
  link: 'none', way: 'none', noCodec: false, wanted: false, opening: false, device: 'unasked', mutedBy: '', mutedUs: 0, mayTalk: true,
  voiceMs: 0, silentMs: 0, receiving: false, notReceivedMs: 0, heardBy: 0, couldHear: 0,
};

export function ownSound(f: SoundFacts): OwnSound {
  if (!f.mayTalk) return { is: 'listening', why: 'observer' };
  if (f.device === 'blocked') return { is: 'blocked' };
  if (f.device === 'absent' || f.device === 'busy') return { is: 'listening', why: f.device };
  if (f.opening) return { is: 'opening' };
  if (!f.wanted) {
    if (f.voiceMs >= VOICE_MS) return { is: 'talking_muted' };
    return f.mutedBy ? { is: 'muted_by', name: f.mutedBy, atUs: f.mutedUs } : { is: 'muted' };
  }
  if (f.link !== 'up') return { is: 'not_heard', why: 'no_link' };
  if (f.silentMs >= SILENT_MS) return { is: 'not_heard', why: 'silent' };
  if (!f.receiving) return f.notReceivedMs >= NOT_RECEIVED_MS ? { is: 'not_heard', why: 'not_received' } : { is: 'opening' };
  if (f.couldHear > 0 && f.heardBy === 0 && f.notReceivedMs >= SILENT_MS) return { is: 'not_heard', why: 'nobody' };
  return { is: 'on', heardBy: f.heardBy, couldHear: f.couldHear };
}

/** What the beat says of the microphone. */
export function beatMic(f: SoundFacts): 'on' | 'muted' | 'blocked' | 'none' {
  if (f.device === 'blocked') return 'blocked';
  if (f.device === 'absent' || f.device === 'busy' || !f.mayTalk) return 'none';
  return f.wanted && !f.opening ? 'on' : 'muted';
}

/** Words on the large control: what is, and what to do. */
export function soundWords(o: OwnSound, time: (us: number) => string): { title: string; hint: string } {
  switch (o.is) {
    case 'on':
      return {
        title: o.couldHear === 0 ? 'You are on, nobody else is here' : `You are on, heard by ${o.heardBy}`,
        hint: o.heardBy < o.couldHear ? `${o.couldHear - o.heardBy} not confirmed. M to mute` : 'Click or press M to mute',
      };
    case 'opening': return { title: 'Opening your microphone', hint: 'Not heard yet' };
    case 'muted': return { title: 'You are muted', hint: 'M to speak, or hold Space' };
    case 'muted_by': return { title: `Muted by ${o.name} at ${time(o.atUs)}`, hint: 'M to speak, or hold Space' };
    case 'talking_muted': return { title: 'You are talking, nobody hears you', hint: 'You are muted. Press M.' };
    case 'not_heard':
      return {
        title: 'You are not heard',
        hint: o.why === 'silent' ? 'No sound from this microphone. Choose another.'
          : o.why === 'no_link' ? 'Your sound has no way at the moment. Press M to mute.'
          : o.why === 'nobody' ? 'Nobody has confirmed your sound yet.' : 'Your sound does not arrive. Another way is tried.',
      };
    case 'blocked': return { title: 'The browser blocks the microphone', hint: 'You hear everything. Show me the switch' };
    case 'listening':
      return {
        title: 'You are listening only',
        hint: o.why === 'absent' ? 'No microphone found. Plug one in, then press' : o.why === 'busy' ? 'Another program has the microphone. Press to try' : 'Observers listen',
      };
  }
}

export const WEB_WAY = 'Sound goes over the web connection; a little later than usual';

/** What is said when the way of sound changes. Empty: nothing that a person would notice. */
export function wayWords(was: SoundFacts['way'], now: SoundFacts['way']): string {
  if (now === 'web' && was !== 'web') return `${WEB_WAY}.`;
  return now === 'udp' && was === 'web' ? 'Sound goes the usual way again.' : '';
}
