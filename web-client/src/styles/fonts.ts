import next from './fonts/atkinson-hyperlegible-next.woff2?url';
import serif from './fonts/source-serif-4.woff2?url';

/**
 * Fetches the faces once the page stands, then names them. `optional` gives a face 100 ms after it is first used,
 * so it is named only when its bytes already lie in the cache. A failed fetch leaves the system's faces.
 */
export async function loadFonts(): Promise<void> {
  try {
    await Promise.all([fetch(next), fetch(serif)].map(async (answer) => (await answer).arrayBuffer()));
    await import('./fonts.css');
  } catch {
    // Offline: the fall-back faces of tokens.css serve.
  }
}

/** Calls `loadFonts` when the first picture stands and the browser is idle. */
export function fontsAfterFirstPicture(): void {
  const start = () => void loadFonts();
  const idle = () => ('requestIdleCallback' in window ? requestIdleCallback(start, { timeout: 2000 }) : setTimeout(start, 300));
  if (document.readyState === 'complete') idle();
  else addEventListener('load', idle, { once: true });
}
