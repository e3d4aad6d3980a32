import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/client';
import type { DocumentCard } from '../protocol/generated/protocol';
import { PIECE, refusal, resumable, sendFile, titleOf, type UploadCalls, type UploadStep } from './upload';

const cut = () => new ApiError(0, 'unreached', 'No connection.');

/** A server that keeps what reached it, and a link that can be cut before or after a piece arrived. */
class FakeServer implements UploadCalls {
  received = 0;
  begun = 0;
  finished = 0;
  pieces: { offset: number; length: number }[] = [];
  pauses = 0;
  plan: ('lost' | 'arrived_unheard' | 'refused' | undefined)[] = [];
  whereFails = 0;

  begin = () => {
    this.begun += 1;
    return Promise.resolve({ document: 'd1', offset: 0 });
  };
  piece = (_document: string, offset: number, bytes: Blob) => {
    this.pieces.push({ offset, length: bytes.size });
    const fate = this.plan.shift();
    if (fate === 'lost') return Promise.reject(cut());
    if (fate === 'refused') return Promise.reject(new ApiError(413, 'limit', 'Too large.'));
    if (offset !== this.received) return Promise.reject(new ApiError(409, 'stale', 'offset'));
    this.received += bytes.size;
    return fate === 'arrived_unheard' ? Promise.reject(cut()) : Promise.resolve({ document: 'd1', offset: this.received });
  };
  where = () => (this.whereFails-- > 0 ? Promise.reject(cut()) : Promise.resolve(this.received));
  finish = () => {
    this.finished += 1;
    return Promise.resolve({ document: 'd1', state: 'waiting' } as DocumentCard);
  };
  pause = () => {
    this.pauses += 1;
    return Promise.resolve();
  };
}

const file = (bytes: number) => new File([new Uint8Array(bytes)], 'deck.pdf', { type: 'application/pdf' });
const run = (server: FakeServer, it: File, from?: { document: string; received: number }, steps: UploadStep[] = []) =>
  sendFile(it, 'deck', from, server, (step) => steps.push(step), new AbortController().signal);

describe('an upload', () => {
  it('goes in pieces of at most 8 MB and finishes once', async () => {
    const server = new FakeServer();
    await run(server, file(PIECE * 2 + 5));
    expect(server.pieces.map((it) => it.length)).toEqual([PIECE, PIECE, 5]);
    expect([server.received, server.begun, server.finished]).toEqual([PIECE * 2 + 5, 1, 1]);
  });

  it('goes on after a cut from where the server stands', async () => {
    const server = new FakeServer();
    server.plan = [undefined, 'lost', 'lost', undefined];
    server.whereFails = 2;
    const steps: UploadStep[] = [];
    await run(server, file(PIECE + 9), undefined, steps);
    expect(server.received).toBe(PIECE + 9);
    expect(server.begun).toBe(1);
    expect(steps.some((it) => !it.moving)).toBe(true);
    expect(steps[steps.length - 1]).toEqual({ sent: PIECE + 9, moving: true });
  });

  it('does not send a piece twice that arrived without being heard of', async () => {
    const server = new FakeServer();
    server.plan = ['arrived_unheard'];
    await run(server, file(PIECE + 1));
    expect(server.pieces.map((it) => it.offset)).toEqual([0, PIECE]);
    expect(server.received).toBe(PIECE + 1);
  });

  it('takes the offset of the server where the two disagree', async () => {
    const server = new FakeServer();
    server.received = 4;
    await run(server, file(10), { document: 'd1', received: 2 });
    expect(server.pieces).toEqual([{ offset: 2, length: 8 }, { offset: 4, length: 6 }]);
    expect(server.begun).toBe(0);
  });

  it('gives up at a refusal and says why', async () => {
    const server = new FakeServer();
    server.plan = ['refused'];
    await expect(run(server, file(10))).rejects.toThrow('Too large.');
    expect(server.finished).toBe(0);
  });

  it('stops when the person stops it', async () => {
    const server = new FakeServer();
    server.plan = ['lost'];
    const abort = new AbortController();
    server.pause = () => Promise.resolve(abort.abort());
    server.whereFails = 1;
    await expect(sendFile(file(10), 'deck', undefined, server, () => undefined, abort.signal)).rejects.toThrow();
  });
});

describe('choosing a file', () => {
  it('refuses before the first byte what could not be shown', () => {
    expect(refusal({ name: 'a.pdf', size: 0, type: 'application/pdf' })).not.toBe('');
    expect(refusal({ name: 'a.pdf', size: 200 * 1024 * 1024, type: 'application/pdf' })).toBe('');
    expect(refusal({ name: 'a.pdf', size: 200 * 1024 * 1024 + 1, type: 'application/pdf' })).not.toBe('');
    expect(refusal({ name: 'slides.pptx', size: 9, type: '' })).toContain('PDF');
  });

  it('finds the begun upload of the same file only', () => {
    const card = { document: 'd9', title: 'my deck', state: 'uploading', bytes: 10, received: 4 } as DocumentCard;
    expect(resumable({ name: 'my_deck.pdf', size: 10 }, [card])).toEqual({ document: 'd9', received: 4 });
    expect(resumable({ name: 'my_deck.pdf', size: 11 }, [card])).toBeUndefined();
    expect(resumable({ name: 'my_deck.pdf', size: 10 }, [{ ...card, state: 'ready' }])).toBeUndefined();
    expect(titleOf('.pdf')).toBe('Document');
  });
});
