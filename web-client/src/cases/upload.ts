import { ApiError, call } from '../api/client';
import { limits, type DocumentCard, type Upload } from '../protocol/generated/protocol';

/**
 * A file on its way to a case: begun once, sent in pieces of at most 8 MB, each at the offset the server has. After a
 * cut the server is asked where it stands and the rest follows; nothing is sent twice but the piece that was cut.
 */
export interface UploadCalls {
  begin(file: { title: string; bytes: number }): Promise<Upload>;
  piece(document: string, offset: number, bytes: Blob, abort: AbortSignal): Promise<Upload>;
  where(document: string): Promise<number>;
  finish(document: string): Promise<DocumentCard>;
  /** Waits before the next try; resolves early when the browser says it is online. */
  pause(ms: number): Promise<void>;
}

export const PIECE = limits.upload_piece_bytes;
const PAUSES_MS = [250, 500, 1000, 1000, 2000, 5000, 10_000];

export interface UploadStep {
  /** Bytes the server confirmed. */
  sent: number;
  /** False while the link is cut and the next try waits. */
  moving: boolean;
}

export interface Resumable {
  document: string;
  received: number;
}

/** Only a missing link and a busy server are worth another try; a refusal stays one. */
function comesBack(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}

export async function sendFile(
  file: File,
  title: string,
  from: Resumable | undefined,
  calls: UploadCalls,
  step: (it: UploadStep) => void,
  abort: AbortSignal,
): Promise<DocumentCard> {
  let cuts = 0;
  const again = async <T>(what: () => Promise<T>, sent: number): Promise<T> => {
    for (;;) {
      try {
        const answer = await what();
        cuts = 0;
        return answer;
      } catch (error) {
        if (abort.aborted || !comesBack(error)) throw error;
        step({ sent, moving: false });
        await calls.pause(PAUSES_MS[Math.min(cuts, PAUSES_MS.length - 1)] ?? 1000);
        cuts += 1;
      }
    }
  };
  const document = from?.document ?? (await again(() => calls.begin({ title, bytes: file.size }), 0)).document;
  let sent = from?.received ?? 0;
  step({ sent, moving: true });
  while (sent < file.size) {
    const at = sent;
    try {
      sent = (await calls.piece(document, at, file.slice(at, at + PIECE), abort)).offset;
      cuts = 0;
    } catch (error) {
      // 409: the server stands elsewhere than we thought; it knows better.
      const elsewhere = error instanceof ApiError && error.status === 409;
      if (abort.aborted || !(elsewhere || comesBack(error))) throw error;
      if (!elsewhere) {
        step({ sent: at, moving: false });
        await calls.pause(PAUSES_MS[Math.min(cuts, PAUSES_MS.length - 1)] ?? 1000);
      }
      cuts += 1;
      sent = await again(() => calls.where(document), at);
      if (elsewhere && sent === at && cuts > PAUSES_MS.length) throw error;
    }
    step({ sent, moving: true });
  }
  return again(() => calls.finish(document), sent);
}

/** Why a file cannot be sent, said before the first byte leaves; empty where it can. */
export function refusal(file: Pick<File, 'name' | 'size' | 'type'>): string {
  if (file.size === 0) return 'The file is empty.';
  if (file.size > limits.upload_file_bytes) return 'The file is larger than 200 MB.';
  if (!/\.(pdf|jpe?g|png)$/i.test(file.name) && !/^(application\/pdf|image\/(jpeg|png))$/.test(file.type)) {
    return 'Only PDF, JPEG and PNG can be shown. Export the slides as PDF.';
  }
  return '';
}

/** A begun upload of this same file, found by title and length, so that choosing it again goes on where it was cut. */
export function resumable(file: Pick<File, 'name' | 'size'>, documents: readonly DocumentCard[]): Resumable | undefined {
  const card = documents.find((it) => it.state === 'uploading' && it.title === titleOf(file.name) && it.bytes === file.size);
  return card && { document: card.document, received: card.received };
}

/** A title people can read: the name without its ending. */
export function titleOf(name: string): string {
  return (name.replace(/\.[^.]+$/, '').replace(/[_]+/g, ' ').trim() || 'Document').slice(0, 200);
}

export function browserCalls(caseId: string): UploadCalls {
  return {
    begin: (body) => call<Upload>('POST', `/api/cases/${caseId}/documents`, { body }),
    piece: (document, offset, bytes, signal) => call<Upload>('PUT', `/api/documents/${document}/content?offset=${offset}`, { bytes, signal }),
    where: async (document) => (await call<DocumentCard>('GET', `/api/documents/${document}`)).received,
    finish: (document) => call<DocumentCard>('POST', `/api/documents/${document}/finish`),
    pause: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(done, ms);
        function done() {
          clearTimeout(timer);
          removeEventListener('online', done);
          resolve();
        }
        addEventListener('online', done);
      }),
  };
}
