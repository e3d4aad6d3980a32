/** Documents of the running item, the page on screen, its region, and what was shown. */
import type { Document, LogEvent } from '../protocol/generated/protocol';

/** In 1/10000 of the page's width, both ways. */
export interface Region {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Shown {
  document: string;
  page: number;
}

export interface Picture {
  documents: Document[];
  shown: Shown | null;
  region: Region | null; // null: the whole page
  settledN: number; // event number of the last region or page; an older one never wins
  seen: string[]; // "document/page" of all that was on screen
  last: Shown | null; // what was on screen last, also while it is hidden
}

export const noPicture: Picture = { documents: [], shown: null, region: null, settledN: 0, seen: [], last: null };

export function pageKey(document: string, page: number): string {
  return `${document}/${page}`;
}

function withDocument(list: Document[], d: Document): Document[] {
  return list.some((x) => x.document === d.document) ? list.map((x) => (x.document === d.document ? d : x)) : [...list, d];
}

export function foldPicture(p: Picture, e: LogEvent): Picture {
  switch (e.k) {
    case 'item.started':
      return { ...noPicture, documents: e.d.documents, settledN: e.n };
    case 'page.hidden':
      return { ...p, shown: null, region: null, settledN: e.n };
    case 'item.undone':
      return { ...noPicture, documents: e.d.documents, settledN: e.n };
    case 'item.ended':
      return { ...noPicture, settledN: e.n };
    case 'document.shared':
      return { ...p, documents: withDocument(p.documents, e.d.document) };
    case 'page.shown': {
      if (e.n < p.settledN) return p;
      const key = pageKey(e.d.document, e.d.page);
      return {
        ...p, shown: { document: e.d.document, page: e.d.page }, last: { document: e.d.document, page: e.d.page }, region: null, settledN: e.n,
        seen: p.seen.includes(key) ? p.seen : [...p.seen, key],
      };
    }
    case 'view.settled':
      if (e.n < p.settledN) return p; // a replayed older view must never win
      return { ...p, region: { x: e.d.x, y: e.d.y, w: e.d.w, h: e.d.h }, settledN: e.n };
    default:
      return p;
  }
}

export interface PageRef {
  document: Document;
  page: number; // from 1
}

/** All pages that can be shown, in order. */
export function pages(p: Picture): PageRef[] {
  return p.documents.flatMap((document) => document.pages.map((_, i) => ({ document, page: i + 1 })));
}

/** The page `step` places after the one on screen, if there is one. */
export function pageAt(p: Picture, step: number): PageRef | undefined {
  const all = pages(p);
  const shown = p.shown;
  const at = shown ? all.findIndex((x) => x.document.document === shown.document && x.page === shown.page) : -1;
  return all[at < 0 ? 0 : at + step];
}
