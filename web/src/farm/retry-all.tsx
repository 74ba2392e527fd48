import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Refusal, retryFractal } from '../api/client.ts';
import { listInState } from '../api/farm.ts';
import { formatCount } from '../format.ts';
import { RetryIcon } from '../parts/icons.tsx';
import { showNotice } from '../state/notice.ts';

const PAGE = 50;
const AT_A_TIME = 4;
const BUSY = [429, 503];
const REST_MS = 2_000;

/** Retries one; waits while the service is busy. @returns whether it is drawn again */
async function retryPatiently(uuid: string, stop: AbortSignal): Promise<boolean> {
  while (!stop.aborted) {
    try {
      await retryFractal(uuid);
      return true;
    } catch (error) {
      // Somebody else was faster, or it is gone: nothing is left to do.
      if (error instanceof Refusal && !BUSY.includes(error.status)) return false;
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
  }
  return false;
}

/** Retries all there are at this moment, the newest first. @param onRetried told how many so far */
async function retryAll(mine: boolean, stop: AbortSignal, onRetried: (retried: number) => void): Promise<number> {
  let retried = 0;
  for (let cursor: string | null | undefined; cursor !== null && !stop.aborted; ) {
    // Of what is retried meanwhile the cursor knows nothing: it goes on below the last.
    const page = await listInState('failed', PAGE, { ...(cursor && { cursor }), ...(mine && { owner: 'me' }) });
    const waiting = page.objects.map(({ uuid }) => uuid);
    const work = async (): Promise<void> => {
      for (let uuid = waiting.shift(); uuid !== undefined && !stop.aborted; uuid = waiting.shift()) {
        if (await retryPatiently(uuid, stop)) onRetried(++retried);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    cursor = page.next_cursor;
  }
  return retried;
}

/** Has all failed fractals drawn again, or all of one's own. Leaving the page stops it; what was retried stays so. */
export function RetryAll({ mine, onRetried }: { mine: boolean; onRetried: () => void }) {
  const running = useSignal<AbortController | null>(null);
  const retried = useSignal(0);
  const trouble = useSignal<string | null>(null);
  useEffect(() => () => running.peek()?.abort(), []);
  const run = async (): Promise<void> => {
    const stop = new AbortController();
    running.value = stop;
    retried.value = 0;
    trouble.value = null;
    try {
      const all = await retryAll(mine, stop.signal, (n) => {
        retried.value = n;
      });
      showNotice(`Drawing ${formatCount(all)} again.`);
    } catch (error) {
      trouble.value = (error as Error).message;
    }
    running.value = null;
    onRetried();
  };
  return (
    <div class="retry-all">
      {trouble.value !== null && (
        <p role="alert" class="field-error">
          {trouble.value}
        </p>
      )}
      {running.value ? (
        <button type="button" class="button quiet" onClick={() => running.value?.abort()}>
          Stop, {formatCount(retried.value)} retried
        </button>
      ) : (
        <button type="button" class="button quiet" onClick={run}>
          <RetryIcon />
          {mine ? 'Retry all of mine' : 'Retry all'}
        </button>
      )}
    </div>
  );
}
