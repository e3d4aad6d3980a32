import type { DocumentCard } from '../protocol/generated/protocol';
import { bytesWord, count } from '../ui/words';
import type { StateTone } from '../ui/controls';

export interface DocumentWords {
  tone: StateTone;
  word: string;
  /** A true length, where one is known. */
  done?: number;
  total?: number;
}

/** What is true of a file on the server, in a word or two. */
export function documentWords(card: DocumentCard): DocumentWords {
  switch (card.state) {
    case 'uploading':
      return { tone: 'now', word: `${bytesWord(card.received)} of ${bytesWord(card.bytes)} here`, done: card.received, total: card.bytes };
    case 'waiting':
      return { tone: 'info', word: 'waits to be drawn' };
    case 'rendering':
      return card.pages.length > 0
        ? { tone: 'now', word: `drawing, ${card.pages_done} of ${card.pages.length} pages`, done: card.pages_done, total: card.pages.length }
        : { tone: 'now', word: card.pages_done > 0 ? `drawing, ${count(card.pages_done, 'page')} done` : 'being drawn' };
    case 'ready':
      return { tone: 'ok', word: card.kind === 'image' ? 'ready' : `ready, ${count(card.pages.length, 'page')}` };
    case 'partly':
      return { tone: 'stop', word: `partly, ${count(card.pages.length, 'page')} can be shown` };
    case 'failed':
      return { tone: 'stop', word: 'cannot be shown' };
  }
}

/** True while the server is still working on it, so the page asks again. */
export function isMoving(card: DocumentCard): boolean {
  return card.state === 'waiting' || card.state === 'rendering';
}
