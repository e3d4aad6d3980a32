import { expect, test } from 'vitest';
import { START, writer } from './log.fixture';
import { foldMeeting, noMeeting } from './meeting';

test('opened, the chair acting, closed', () => {
  const w = writer('meeting');
  const m = [
    w({ k: 'meeting.planned', d: { board: 'b', board_name: 'Thoracic board', starts_us: START, minutes: 60, timezone: 'UTC', required: [], objection_s: 15, members: [] } }),
    w({ k: 'meeting.opened', d: {} }, 5), w({ k: 'chair.acting', d: { seat: 'co' } }, 6), w({ k: 'meeting.closed', d: {} }, 9),
  ].reduce(foldMeeting, noMeeting);
  expect(m).toMatchObject({ boardName: 'Thoracic board', objectionS: 15, openedUs: START + 5e6, closedUs: START + 9e6, actingChair: 'co' });
});

test('the chair is offered, taken, and offered to nobody any more', () => {
  const w = writer('meeting');
  let m = [w({ k: 'chair.acting', d: { seat: 'c' } }), w({ k: 'chair.offered', d: { seat: 's' } })].reduce(foldMeeting, noMeeting);
  expect(m).toMatchObject({ actingChair: 'c', offered: 's' });
  expect(foldMeeting(m, w({ k: 'seat.left', d: { seat: 's' } })).offered).toBe('');
  expect(foldMeeting(m, w({ k: 'chair.offered', d: { seat: '00000000-0000-0000-0000-000000000000' } })).offered).toBe('');
  m = foldMeeting(m, w({ k: 'chair.handed', d: { seat: 's' } }));
  expect(m).toMatchObject({ actingChair: 's', offered: '' });
});

test('recorded only where the board allows it; an acknowledgement holds until it ends', () => {
  const w = writer('meeting');
  const frame = { board: 'b', board_name: 'B', starts_us: START, minutes: 60, timezone: 'UTC', required: [], objection_s: 15, members: [] };
  expect(foldMeeting(noMeeting, w({ k: 'meeting.planned', d: frame })).mayRecord).toBe(false);
  let m = [
    w({ k: 'meeting.planned', d: { ...frame, recording: 'allowed' } }), w({ k: 'recording.set', d: { state: 'on' } }),
    w({ k: 'recording.acknowledged', d: { seat: 'c' } }), w({ k: 'recording.set', d: { state: 'paused' } }),
  ].reduce(foldMeeting, noMeeting);
  expect(m).toMatchObject({ mayRecord: true, recording: 'paused', told: ['c'] });
  m = foldMeeting(m, w({ k: 'recording.set', d: { state: 'off' } }));
  expect(m).toMatchObject({ recording: 'off', told: [] });
  expect(foldMeeting(foldMeeting(m, w({ k: 'recording.set', d: { state: 'on' } })), w({ k: 'meeting.closed', d: {} })).recording).toBe('off');
});
