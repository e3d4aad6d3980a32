import { expect, test } from 'vitest';
import { beatMic, noSound, ownSound, soundWords, wayWords, type SoundFacts } from './own-sound';

const up: SoundFacts = { ...noSound, link: 'up', device: 'live' };
const is = (f: Partial<SoundFacts>) => ownSound({ ...up, ...f }).is;

test('everybody arrives muted, without being asked for the microphone', () => {
  expect(ownSound(noSound).is).toBe('muted');
});

test('on is said only when the server receives and the count is the proof', () => {
  expect(is({ wanted: true })).toBe('opening');
  const on = ownSound({ ...up, wanted: true, receiving: true, heardBy: 16, couldHear: 17 });
  expect(on).toEqual({ is: 'on', heardBy: 16, couldHear: 17 });
  expect(soundWords(on, String).title).toBe('You are on, heard by 16');
});

test('six seconds of digital silence, or two of nothing received, is not heard', () => {
  expect(is({ wanted: true, receiving: true, silentMs: 5900 })).toBe('on');
  expect(ownSound({ ...up, wanted: true, receiving: true, silentMs: 6000 })).toMatchObject({ is: 'not_heard', why: 'silent' });
  expect(is({ wanted: true, notReceivedMs: 1900 })).toBe('opening');
  expect(ownSound({ ...up, wanted: true, notReceivedMs: 2000 })).toMatchObject({ is: 'not_heard', why: 'not_received' });
  expect(ownSound({ ...up, wanted: true, link: 'no_way' })).toMatchObject({ is: 'not_heard', why: 'no_link' });
  expect(ownSound({ ...up, wanted: true, receiving: true, couldHear: 3, notReceivedMs: 6000 })).toMatchObject({ is: 'not_heard', why: 'nobody' });
});

test('voice while muted is shown after half a second', () => {
  expect(is({ voiceMs: 400 })).toBe('muted');
  expect(is({ voiceMs: 500 })).toBe('talking_muted');
});

test('the chair who muted is named, until the person presses again', () => {
  expect(ownSound({ ...up, mutedBy: 'Dr Solheim', mutedUs: 7 })).toEqual({ is: 'muted_by', name: 'Dr Solheim', atUs: 7 });
  expect(is({ mutedBy: 'Dr Solheim', wanted: true, receiving: true })).toBe('on');
});

test('blocked, absent and observers have words of their own, and the beat says the same', () => {
  expect(is({ device: 'blocked', wanted: true })).toBe('blocked');
  expect(ownSound({ ...up, device: 'absent' })).toMatchObject({ is: 'listening', why: 'absent' });
  expect(ownSound({ ...up, mayTalk: false })).toMatchObject({ is: 'listening', why: 'observer' });
  expect(beatMic({ ...up, device: 'blocked' })).toBe('blocked');
  expect(beatMic({ ...up, device: 'absent' })).toBe('none');
  expect(beatMic(up)).toBe('muted');
  expect(beatMic({ ...up, wanted: true, opening: true })).toBe('muted');
  expect(beatMic({ ...up, wanted: true })).toBe('on');
});

test('the way of sound is said when it changes to or from the web connection, and nothing is claimed of none', () => {
  expect(wayWords('none', 'web')).toBe('Sound goes over the web connection; a little later than usual.');
  expect(wayWords('udp', 'web')).toMatch(/web connection/);
  expect(wayWords('web', 'udp')).toBe('Sound goes the usual way again.');
  expect(wayWords('none', 'udp')).toBe('');
  expect(wayWords('web', 'web')).toBe('');
  expect(wayWords('web', 'none')).toBe('');
});
