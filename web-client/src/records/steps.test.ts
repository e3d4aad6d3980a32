import { expect, test } from 'vitest';
import type { CaseFull } from '../protocol/generated/protocol';
import { stepsOf } from './steps';

const HOUR = 3600e6;
const item = (id: string, starts_us: number, started_us: number, state: CaseFull['items'][number]['state']): CaseFull['items'][number] =>
  ({ meeting: `m-${id}`, item: id, board_name: 'Thoracic board', starts_us, started_us, state });
const signed = (signed_us: number): CaseFull['plans'][number] =>
  ({ plan: 'p', version: 1, state: 'signed', signed_us, signer_name: 'Dr. Solheim', board_name: 'Thoracic board', digest: '' });
const words = (full: Partial<CaseFull>): string[] => stepsOf(full as CaseFull, undefined).map((s) => s.word);

test('a case heard before its meeting was planned to begin was discussed before it was signed', () => {
  expect(words({ items: [item('a', 10 * HOUR, 8 * HOUR, 'signed')], plans: [signed(9 * HOUR)] })).toEqual(['Discussed', 'Signed']);
});

test('what is only listed stands where it is planned, and an item of older records too', () => {
  expect(words({ items: [item('later', 20 * HOUR, 0, 'planned'), item('old', 1 * HOUR, 0, 'left_open')], plans: [signed(9 * HOUR)] }))
    .toEqual(['Left open', 'Signed', 'Listed for Thoracic board']);
});
