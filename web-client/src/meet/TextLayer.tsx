/** The page's own text, hidden, for screen readers. Asked for after the picture: sound and tiles go first. */
import { useEffect, useState } from 'preact/hooks';
import { useRoom } from './context';

export function TextLayer({ document, page, kind }: { document: string; page: number; kind: 'pdf' | 'image' }) {
  const room = useRoom();
  const [text, setText] = useState('');
  const ready = room.quality.value !== 'none';
  useEffect(() => {
    setText('');
    if (kind !== 'pdf' || !ready) return;
    const stop = new AbortController();
    fetch(`/api/documents/${document}/text/${page}`, { credentials: 'same-origin', signal: stop.signal })
      .then((r) => (r.ok ? r.text() : ''))
      .then(setText, () => undefined); // without it the title still names the page
    return () => stop.abort();
  }, [document, page, kind, ready]);
  if (!text.trim()) return null;
  return (
    <div class="hide pagetext" role="group" aria-label={`Text of page ${page}`}>
      {text.split(/\n\s*\n|\f/).filter((t) => t.trim()).map((t, i) => <p key={i}>{t.trim()}</p>)}
    </div>
  );
}
