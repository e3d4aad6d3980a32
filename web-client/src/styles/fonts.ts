import next from './fonts/atkinson-hyperlegible-next.woff2?url';
import serif from './fonts/source-serif-4.woff2?url';

/*
 * `font-display: optional` in the sense of the design: no word waits for a face. A face that already lies in the cache
 * is put in at the start; otherwise it is fetched once the first picture stands, with low priority, and not at all on a
 * link that is known to be slow. (Chromium drops an optional @font-face that is named after the first paint, so the
 * faces are added through the Font Loading API.)
 */
const FACES = [
  { family: 'Atkinson Hyperlegible Next', url: next, weight: '200 800' },
  { family: 'Source Serif 4', url: serif, weight: '200 900' },
] as const;

interface Connection {
  saveData?: boolean;
  effectiveType?: string;
}

function slowLink(): boolean {
  const connection = (navigator as { connection?: Connection }).connection;
  return connection?.saveData === true || /2g/.test(connection?.effectiveType ?? '');
}

const HERE = 'faces-here';

/** Names the very files that were fetched before: a new build has other ones. */
function remembered(): boolean {
  try {
    return localStorage.getItem(HERE) === next + serif;
  } catch {
    return false;
  }
}

async function add(init: RequestInit): Promise<void> {
  const loaded = await Promise.all(
    FACES.map(async ({ family, url, weight }) => {
      const answer = await fetch(url, init);
      if (!answer.ok) throw new Error(String(answer.status));
      return new FontFace(family, await answer.arrayBuffer(), { weight }).load();
    }),
  );
  for (const face of loaded) document.fonts.add(face);
  localStorage.setItem(HERE, next + serif);
}

function start(): void {
  // A failed fetch leaves the system's faces.
  if (!slowLink()) void add({ priority: 'low' } as RequestInit).catch(() => undefined);
}

function afterFirstPicture(): void {
  const idle = () => ('requestIdleCallback' in window ? requestIdleCallback(start, { timeout: 2000 }) : setTimeout(start, 300));
  if (document.readyState === 'complete') idle();
  else addEventListener('load', idle, { once: true });
}

export function loadFonts(): void {
  if (typeof FontFace === 'undefined') return;
  if (remembered()) add({ cache: 'force-cache' }).catch(() => undefined);
  else afterFirstPicture();
}
