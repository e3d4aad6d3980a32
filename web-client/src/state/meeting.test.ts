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
