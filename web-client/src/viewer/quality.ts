/** The quality word, from tiles that are really here. */
export type Quality = 'none' | 'preview' | 'sharpening' | 'sharp';

export interface Loaded {
  any: boolean; // something of this page is drawn
  best: number; // finest level drawn in the view
  wanted: number; // level that matches the screen's pixels
  full: boolean; // every tile of the view is drawn at its wanted level
}

export function quality(l: Loaded): Quality {
  if (!l.any) return 'none';
  if (l.full) return 'sharp';
  return l.best > 0 && l.best >= l.wanted - 1 ? 'sharpening' : 'preview';
}

export function qualityWord(q: Quality): string {
  switch (q) {
    case 'none': return 'No picture yet';
    case 'preview': return 'Preview';
    case 'sharpening': return 'Sharpening';
    case 'sharp': return 'Sharp';
  }
}

/** For the beat. */
export function beatPicture(q: Quality): 'none' | 'coarse' | 'sharp' {
  return q === 'none' ? 'none' : q === 'sharp' ? 'sharp' : 'coarse';
}
