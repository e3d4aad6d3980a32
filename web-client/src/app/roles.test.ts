import { describe, expect, it } from 'vitest';
import type { MyBoard } from '../protocol/generated/protocol';
import { idleAfter, LOCK_MS, minutesLeft, WARN_MS } from './idle';
import { arranges, deskOf, homeOf } from './roles';
import { safeThen } from './SignIn';

const boards = (...roles: MyBoard['role'][]) => ({ boards: roles.map((role, at) => ({ board: String(at), name: 'x', role })) });

describe('the day by role', () => {
  it('coordinates before it chairs, and chairs before it treats', () => {
    expect(deskOf(boards('member', 'chair', 'coordinator'))).toBe('coordinator');
    expect(deskOf(boards('member', 'co_chair'))).toBe('chair');
    expect(deskOf(boards('member', 'observer'))).toBe('clinician');
    expect(deskOf(boards())).toBe('clinician');
  });

  it('lets coordinator and chairs arrange, nobody else', () => {
    expect((['chair', 'co_chair', 'coordinator'] as const).every(arranges)).toBe(true);
    expect((['scribe', 'member', 'observer', 'guest'] as const).some(arranges)).toBe(false);
  });

  it('leads guests to their meeting and others to the day', () => {
    expect(homeOf({ guest: true }, 'm1')).toBe('/meet/m1');
    expect(homeOf({ guest: true })).toBe('/today');
    expect(homeOf({ guest: false }, 'm1')).toBe('/today');
  });

  it('follows only addresses of this site after the sign-in', () => {
    expect(safeThen('?then=%2Fcases%2Fabc-1')).toBe('/cases/abc-1');
    for (const bad of ['?then=%2F%2Fevil.example', '?then=https%3A%2F%2Fevil.example', '?then=%2Fsignin', '?then=javascript%3Aalert(1)', '']) expect(safeThen(bad)).toBe('');
  });
});

describe('the idle lock', () => {
  it('warns at 13 and locks at 15 quiet minutes', () => {
    expect(idleAfter(WARN_MS - 1)).toBe('awake');
    expect(idleAfter(WARN_MS)).toBe('warned');
    expect(idleAfter(LOCK_MS - 1)).toBe('warned');
    expect(idleAfter(LOCK_MS)).toBe('locked');
    expect([minutesLeft(WARN_MS), minutesLeft(LOCK_MS - 1)]).toEqual([2, 1]);
  });
});
