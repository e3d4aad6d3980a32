/** A film of the recording, made by the server while this page is open or not. */
import { useEffect, useState } from 'preact/hooks';
import { call, said } from '../api/client';
import { announce } from '../app/announce';
import type { Film as FilmState, RecordingFull } from '../protocol/generated/protocol';
import { Btn, Progress } from '../ui/controls';
import { clock, longDate } from '../ui/time';
import { count } from '../ui/words';

const runs = (f: FilmState): boolean => f.state === 'waiting' || f.state === 'making';

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / 1e5) / 10} MB`;
}

function Words({ film }: { film: FilmState }) {
  switch (film.state) {
    case 'none': return <p>One file with the sound, the pages, the pointer and the names of who speaks. It plays anywhere, so whoever has it has what was said about this patient. That it is made and taken is logged.</p>;
    case 'waiting': return <p role="status">It waits: {count(film.ahead, 'film')} before it. You may leave this page.</p>;
    case 'making': return <><p role="status">It is being made. You may leave this page.</p><Progress label="How much of the film is made" done={film.percent} total={100} /><p class="note num">{film.percent} %</p></>;
    case 'ready': return <p role="status">It is ready. It stays here, sealed, until {longDate(film.until_us)}, {clock(film.until_us)}; then it is removed.</p>;
    case 'failed': return <p role="alert"><b>It could not be made.</b> The recording is not touched, and nothing of the film was kept. Try again; if it fails again, the administrator finds why in the server's log.</p>;
    case 'interrupted': return <p role="alert"><b>It was not finished: the server was stopped.</b> The recording is not touched, and nothing of the film was kept. Make it again.</p>;
  }
}

export function Film({ of }: { of: RecordingFull }) {
  const [film, setFilm] = useState(of.film);
  const [fault, setFault] = useState('');
  const path = `/api/recordings/${of.recording}/film`;
  useEffect(() => {
    if (!runs(film)) return undefined;
    const timer = setTimeout(() => void (async () => {
      try {
        const next = await call<FilmState>('GET', path);
        if (next.state === 'ready') announce('The film is ready.');
        setFilm(next);
      } catch {
        setFilm({ ...film }); // asked again: the state is the server's
      }
    })(), 1000);
    return () => clearTimeout(timer);
  }, [film]);
  const press = (method: 'POST' | 'DELETE') => async (): Promise<void> => {
    setFault('');
    try {
      const next = await call<FilmState | undefined>(method, path);
      setFilm(next ?? { ...film, state: 'none' });
    } catch (error) {
      setFault(said(error));
    }
  };
  return (
    <section aria-labelledby="film">
      <div class="head"><h2 id="film">Film</h2></div>
      <div class="stack-4 gap-3">
        <Words film={film} />
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="acts">
          {film.state === 'ready' && <a class="btn main" href={`${path}.webm`} download>Take the film, {size(film.bytes)}</a>}
          {runs(film) ? <Btn onClick={press('DELETE')}>Stop making it</Btn>
            : film.state === 'ready' ? <Btn onClick={press('DELETE')}>Remove the film</Btn>
              : <Btn onClick={press('POST')}>Make a film</Btn>}
        </div>
      </div>
    </section>
  );
}
