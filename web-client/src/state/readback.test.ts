import { expect, test } from 'vitest';
import type { EventData } from '../protocol/generated/protocol';
import { START, writer } from './log.fixture';
import { foldReadBack, leftS, noReadBack, stage, type ReadBack } from './readback';

const begun: EventData = {
  k: 'readback.begun',
  d: { digest: 'd1', text: '{}', wording: 'a\nb', lines: 2, quorum_met: true, missing: [], attendance: [], pictures: [], referring_plan: '', proposed: [] },
};

function fold(...events: [EventData, number][]): ReadBack {
  const w = writer('case');
  return events.map(([e, at]) => w(e, at)).reduce(foldReadBack, noReadBack);
}

test('the window counts from the time of its event, and only the server ends it', () => {
  const r = fold([begun, 0], [{ k: 'readback.window', d: { running: true, left_s: 20 } }, 10]);
  expect(stage(r)).toBe('running');
  expect(leftS(r, START + 16e6)).toBe(14);
  expect(leftS(r, START + 60e6)).toBe(0);
  expect(stage(r)).toBe('running');
  const over = foldReadBack(r, writer('case')({ k: 'readback.window', d: { running: false, left_s: 0 } }, 30));
  expect(stage(over)).toBe('over');
});

test('an objection stops the clock where it stood', () => {
  const r = fold([begun, 0], [{ k: 'readback.window', d: { running: true, left_s: 20 } }, 10], [{ k: 'readback.objected', d: { seat: 's', name: 'S', kind: 'correct', text: 'x' } }, 15]);
  expect(stage(r)).toBe('stopped');
  expect(leftS(r, START + 999e6)).toBe(15);
});

test('an acknowledgement of another text counts for nothing', () => {
  const r = fold([begun, 0], [{ k: 'readback.acked', d: { seat: 'a', digest: 'other' } }, 1], [{ k: 'readback.acked', d: { seat: 'b', digest: 'd1' } }, 1], [{ k: 'readback.acked', d: { seat: 'b', digest: 'd1' } }, 2]);
  expect(r.acked).toEqual(['b']);
});

test('only the signature of this draft ends its read back', () => {
  const w = writer('case');
  const start = [w({ k: 'plan.begun', d: { plan: 'p2', version: 2, supersedes: 'p1', meeting: '', item: '', question: '', question_by: '' } }), w(begun)].reduce(foldReadBack, noReadBack);
  const sign = (plan: string): EventData => ({
    k: 'plan.signed', d: { plan, version: 1, case: '', meeting: '', item: '', digest: '', text: '', signature: '', key: '', signer: '', signer_name: '' },
  });
  expect(foldReadBack(start, w(sign('p1'))).text).not.toBeNull();
  expect(foldReadBack(start, w(sign('p2'))).text).toBeNull();
});

test('back to discussion unlocks and keeps what was objected; a new read back starts clean', () => {
  const end = fold([begun, 0], [{ k: 'readback.objected', d: { seat: 's', name: 'S', kind: 'not_ready', text: '' } }, 1], [{ k: 'readback.ended', d: { by: 's', name: 'S' } }, 2]);
  expect(end.text).toBeNull();
  expect(end.objections).toHaveLength(1);
  expect(foldReadBack(end, writer('case')(begun)).objections).toEqual([]);
});
