import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, call, lostSince, said, signedOut } from './client';

const answer = (status: number, body?: unknown) =>
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(body === undefined ? null : JSON.stringify(body), { status }));

describe('a call', () => {
  beforeEach(() => {
    lostSince.value = 0;
    signedOut.value = false;
  });

  it('gives the answer, and nothing for 204', async () => {
    answer(200, { id: '1' });
    expect(await call('GET', '/api/x')).toEqual({ id: '1' });
    answer(204);
    expect(await call('DELETE', '/api/x')).toBeUndefined();
  });

  it('throws the sentence and the field of the server', async () => {
    answer(400, { error: 'parse', message: 'Stage needs a prefix.', field: 'record.stage' });
    await expect(call('PUT', '/api/x', { body: {} })).rejects.toMatchObject({ status: 400, field: 'record.stage', message: 'Stage needs a prefix.' });
  });

  it('has words of its own where the server gave none', async () => {
    answer(502);
    const error = await call('GET', '/api/x').catch((thrown: unknown) => thrown);
    expect(said(error)).toContain('Nothing was changed');
  });

  it('notes since when the server is not reached, and that it is back', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('failed'));
    await expect(call('GET', '/api/x')).rejects.toBeInstanceOf(ApiError);
    const since = lostSince.value;
    expect(since).toBeGreaterThan(0);
    await expect(call('GET', '/api/x')).rejects.toMatchObject({ status: 0 });
    expect(lostSince.value).toBe(since);
    answer(200, {});
    await call('GET', '/api/x');
    expect(lostSince.value).toBe(0);
  });

  it('notes that the person was signed out', async () => {
    answer(401, { error: 'denied', message: 'Sign in.' });
    await expect(call('GET', '/api/x')).rejects.toMatchObject({ status: 401 });
    expect(signedOut.value).toBe(true);
  });
});
