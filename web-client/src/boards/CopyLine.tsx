import { useState } from 'preact/hooks';
import { announce } from '../app/announce';
import { Btn } from '../ui/controls';
import { Copy } from '../ui/icons';

/** A text to be taken elsewhere: selected by a touch, copied by a press. */
export function CopyLine({ name, text, main }: { name: string; text: string; main?: boolean }) {
  const [copied, setCopied] = useState(false);
  const [fault, setFault] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce('Copied.');
    } catch {
      setFault('The browser did not let the page copy. Select the text and copy it yourself.');
    }
  };
  return (
    <>
      <input type="text" readOnly value={text} aria-label={name} onFocus={(e) => e.currentTarget.select()} />
      <Btn main={main} icon={Copy} onClick={copy} aria-label={main ? undefined : `Copy: ${name}`}>{copied ? 'Copied' : 'Copy'}</Btn>
      {fault && <p class="fault" role="alert">{fault}</p>}
    </>
  );
}
