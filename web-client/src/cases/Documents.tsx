import { useEffect, useRef, useState } from 'preact/hooks';
import { call, said } from '../api/client';
import { announce } from '../app/announce';
import type { CaseFull, DocumentCard } from '../protocol/generated/protocol';
import { Btn, Progress, State } from '../ui/controls';
import { Upload } from '../ui/icons';
import { Dialog } from '../ui/notices';
import { bytesWord } from '../ui/words';
import { documentWords, isMoving } from './documentWords';
import { browserCalls, refusal, resumable, sendFile, titleOf } from './upload';

const ASK_MS = 2000;

/** One file leaving this device. */
interface Leaving {
  key: string;
  file: File;
  title: string;
  sent: number;
  moving: boolean;
  fault: string;
  abort: AbortController;
}

/** Sends files one after the other: on a slow link two at once only make both late. */
function useUploads(again: () => Promise<void>) {
  const [leaving, setLeaving] = useState<Leaving[]>([]);
  const chain = useRef(Promise.resolve());
  const put = (key: string, part: Partial<Leaving>) => setLeaving((all) => all.map((it) => (it.key === key ? { ...it, ...part } : it)));
  const drop = (key: string) => setLeaving((all) => all.filter((it) => it.key !== key));

  const send = (caseId: string, file: File, documents: readonly DocumentCard[]) => {
    const key = `${file.name}.${file.size}.${Date.now()}.${Math.random()}`;
    const fault = refusal(file);
    const item: Leaving = { key, file, title: titleOf(file.name), sent: 0, moving: true, fault, abort: new AbortController() };
    setLeaving((all) => [...all, item]);
    if (fault) return;
    chain.current = chain.current.then(async () => {
      if (item.abort.signal.aborted) return;
      try {
        await sendFile(file, item.title, resumable(file, documents), browserCalls(caseId), (step) => put(key, step), item.abort.signal);
        announce(`${item.title} arrived.`);
        drop(key);
      } catch (error) {
        if (!item.abort.signal.aborted) put(key, { fault: said(error), moving: false });
      }
      await again();
    });
  };
  useEffect(() => () => leaving.forEach((it) => it.abort.abort()), []);
  return { leaving, send, stop: (it: Leaving) => { it.abort.abort(); drop(it.key); void again(); } };
}

/** Asks for the state of files the server still works on, and only for those. */
function useStates(documents: readonly DocumentCard[], again: () => Promise<void>): readonly DocumentCard[] {
  const [now, setNow] = useState<ReadonlyMap<string, DocumentCard>>(new Map());
  const shown = documents.map((it) => now.get(it.document) ?? it);
  const moving = shown.filter(isMoving).map((it) => it.document).join(' ');
  useEffect(() => setNow(new Map()), [documents]);
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => {
      for (const id of moving.split(' ')) {
        call<DocumentCard>('GET', `/api/documents/${id}`).then(
          (card) => {
            setNow((map) => new Map(map).set(id, card));
            if (isMoving(card)) return;
            announce(`${card.title}: ${documentWords(card).word}.`);
            void again();
          },
          () => undefined,
        );
      }
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [moving]);
  return shown;
}

function DocumentRow({ card, number, remove }: { card: DocumentCard; number: number; remove: (card: DocumentCard) => void }) {
  const { tone, word, done, total } = documentWords(card);
  return (
    <tr>
      <td><b>{card.title}</b><br /><span class="note">{card.kind === 'pdf' ? 'PDF' : card.kind === 'image' ? 'Picture' : 'File'}, {bytesWord(card.bytes)}</span></td>
      <td data-l="State">
        <State tone={tone}>{word}</State>
        {done !== undefined && total !== undefined && <Progress done={done} total={total} label={`${card.title}: ${word}`} />}
        {card.message && <p class="note">{card.message}</p>}
        {card.state === 'uploading' && <p class="note">Choose the same file again: it goes on from here.</p>}
      </td>
      <td class="r" data-l="Shown">{card.state === 'ready' || card.state === 'partly' ? `as ${number}` : 'not yet'}</td>
      <td class="r"><Btn small onClick={() => remove(card)} aria-label={`Take out ${card.title}`}>Take out</Btn></td>
    </tr>
  );
}

function LeavingRow({ item, stop }: { item: Leaving; stop: (it: Leaving) => void }) {
  return (
    <tr>
      <td><b>{item.title}</b><br /><span class="note">{bytesWord(item.file.size)}</span></td>
      <td data-l="State">
        {item.fault ? (
          <State tone="stop">{item.fault}</State>
        ) : (
          <>
            <State tone="now">{item.moving ? '' : 'Link cut, goes on by itself. '}{bytesWord(item.sent)} of {bytesWord(item.file.size)} sent</State>
            <Progress done={item.sent} total={item.file.size} label={`${item.title} on its way`} />
          </>
        )}
      </td>
      <td class="r" data-l="Shown">not yet</td>
      <td class="r"><Btn small onClick={() => stop(item)} aria-label={`Stop sending ${item.title}`}>{item.fault ? 'Close' : 'Stop'}</Btn></td>
    </tr>
  );
}

function Drop({ take }: { take: (files: File[]) => void }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div
      class={`drop gap-4${over ? ' over' : ''}`}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => { event.preventDefault(); setOver(false); take([...(event.dataTransfer?.files ?? [])]); }}
    >
      <span><b>Drop files here</b> <span class="hint">PDF, JPEG and PNG, up to 200 MB each. Large files go on after a cut.</span></span>
      <input ref={input} id="files" type="file" multiple accept=".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png" aria-label="Choose files" tabIndex={-1} onChange={(event) => { take([...(event.currentTarget.files ?? [])]); event.currentTarget.value = ''; }} />
      <Btn icon={Upload} onClick={() => input.current?.click()}>Choose files</Btn>
    </div>
  );
}

interface DocumentsProps {
  full: CaseFull | undefined;
  saveFirst: () => Promise<string | undefined>;
  again: () => Promise<void>;
}

export function Documents({ full, saveFirst, again }: DocumentsProps) {
  const documents = useStates(full?.documents ?? [], again);
  const { leaving, send, stop } = useUploads(again);
  const [going, setGoing] = useState<DocumentCard | undefined>();
  const [fault, setFault] = useState('');
  const shown = documents.filter((card) => !leaving.some((it) => it.title === card.title && card.state === 'uploading'));

  const take = async (files: File[]) => {
    if (files.length === 0) return;
    if (full) return files.forEach((file) => send(full.case, file, documents));
    // A file belongs to a case: the case is saved first; its page then takes the files.
    handOver.files = files;
    if ((await saveFirst()) === undefined) {
      handOver.files = [];
      setFault('Save the case first; then choose the files again.');
    }
  };
  useEffect(() => {
    if (!full || handOver.files.length === 0) return;
    const files = handOver.files;
    handOver.files = [];
    files.forEach((file) => send(full.case, file, full.documents));
  }, []);
  const remove = async (card: DocumentCard) => {
    setGoing(undefined);
    try {
      await call<void>('DELETE', `/api/documents/${card.document}`);
      await again();
    } catch (error) {
      setFault(said(error));
    }
  };

  return (
    <section id="mat">
      <h2>Pictures and papers</h2>
      {shown.length + leaving.length > 0 ? (
        <table class="table fold">
          <thead><tr><th scope="col">What</th><th scope="col">State</th><th scope="col" class="r">Shown</th><th scope="col"><span class="hide">Change</span></th></tr></thead>
          <tbody>
            {shown.map((card, at) => <DocumentRow key={card.document} card={card} number={at + 1} remove={setGoing} />)}
            {leaving.map((item) => <LeavingRow key={item.key} item={item} stop={stop} />)}
          </tbody>
        </table>
      ) : (
        <p class="note">No file yet. Reports and pictures are shown in the room from here.</p>
      )}
      {fault && <p class="fault" role="alert">{fault}</p>}
      <Drop take={(files) => void take(files)} />
      {going && (
        <Dialog title={`Take out ${going.title}?`} close={() => setGoing(undefined)}>
          <p>It can no longer be shown for this case. Its bytes stay in the archive until the time of keeping ends.</p>
          <div class="acts"><Btn main onClick={() => void remove(going)}>Take it out</Btn><Btn onClick={() => setGoing(undefined)}>Leave it</Btn></div>
        </Dialog>
      )}
    </section>
  );
}

/** Files chosen on the page of a new case, taken up by the page of the saved one. */
const handOver: { files: File[] } = { files: [] };

