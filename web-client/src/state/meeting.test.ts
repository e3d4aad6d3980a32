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
