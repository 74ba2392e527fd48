import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { shareFractal } from '../api/client.ts';
import { copyText } from '../state/copy-text.ts';
import { Choice } from './choice.tsx';

const DAY_S = 86_400;
const SPANS = [
  { value: '1', label: 'Day' },
  { value: '7', label: 'Week' },
  { value: '30', label: 'Month' },
  { value: '365', label: 'Year' },
] as const;
const THINGS = [
  { value: 'page', label: 'This page' },
  { value: 'image', label: 'The picture alone' },
] as const;

/** Makes a link for somebody who has no token. */
export function Share({ uuid, close }: { uuid: string; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [what, setWhat] = useState<'page' | 'image'>('page');
  const [days, setDays] = useState<(typeof SPANS)[number]['value']>('7');
  const [link, setLink] = useState<string | null>(null);
  const [copied, setCopied] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const make = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const { url } = await shareFractal(uuid, { what, expires_in: Number(days) * DAY_S });
      const whole = `${location.origin}${url}`;
      setLink(whole);
      setCopied(await copyText(whole));
    } catch (error) {
      setFailure(error as Error);
    }
    setBusy(false);
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="share-title">
      <article>
        <h2 id="share-title">Share this fractal</h2>
        <p>Whoever has the link sees it without a token, and nothing else of the gallery.</p>
        <Choice legend="The link shows" name="what" value={what} options={THINGS} onChoose={setWhat} />
        <Choice legend="It is good for a" name="days" value={days} options={SPANS} onChoose={setDays} />
        {link !== null && (
          <div class="field" role="status">
            <label for="link">{copied ? 'Link, copied' : 'Link, to copy'}</label>
            <input id="link" type="text" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
          </div>
        )}
        {failure && (
          <p role="alert" class="field-error">
            {failure.message}
          </p>
        )}
        <p class="actions">
          <button type="button" class="button quiet" onClick={() => dialog.current?.close()}>
            Close
          </button>
          <button type="button" class="button" aria-busy={busy} disabled={busy} onClick={make}>
            {link === null ? 'Make a link' : 'Make another'}
          </button>
        </p>
      </article>
    </dialog>
  );
}
