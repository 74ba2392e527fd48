import { useState } from 'preact/hooks';
import { retryFractal } from '../api/client.ts';
import { showNotice } from '../state/notice.ts';
import { RetryIcon } from './icons.tsx';

/** Has a failed fractal drawn again. What becomes of it, the page learns from events. */
export function Retry({ uuid }: { uuid: string }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  const retry = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    await retryFractal(uuid).then(() => showNotice('Drawing it again.'), setFailure);
    setBusy(false);
  };
  return (
    <>
      <button type="button" class="button" aria-busy={busy} disabled={busy} onClick={retry}>
        <RetryIcon />
        Retry
      </button>
      {failure && (
        <p role="alert" class="reason">
          {failure.message}
        </p>
      )}
    </>
  );
}
