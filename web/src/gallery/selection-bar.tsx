import { useState } from 'preact/hooks';
import { deleteFractal, type Fractal, retryFractal } from '../api/client.ts';
import { formatCount } from '../format.ts';
import { Confirm } from '../parts/confirm.tsx';
import { DownloadIcon, RetryIcon, StopIcon, TrashIcon } from '../parts/icons.tsx';
import { showNotice } from '../state/notice.ts';
import { mayChangeIt } from '../state/session.ts';
import { useShortcuts } from '../state/shortcuts.ts';
import { download } from './download.ts';
import { forEach } from './for-each.ts';
import { clear, drop, selection } from './selection.ts';

/** What can be done with those that are selected. */
export function SelectionBar() {
  const [isAsking, setAsking] = useState(false);
  const [word, setWord] = useState<string | null>(null);
  const all = [...selection.value.values()];
  const mine = all.filter(mayChangeIt);
  const failed = mine.filter(({ state }) => state === 'failed');
  const done = all.filter(({ state }) => state === 'done');
  const isBusy = word !== null;
  const during = async (work: (say: (text: string) => void) => Promise<string>): Promise<void> => {
    if (isBusy) return;
    setWord('Working');
    await work(setWord).then(showNotice, (error: Error) => showNotice(error.message));
    setWord(null);
  };
  const retry = (): Promise<void> =>
    during(async (say) => {
      const retried = await forEach(
        failed,
        ({ uuid }) => retryFractal(uuid),
        (n) => say(`Drawing again ${n} of ${failed.length}`),
      );
      drop(retried.map(({ uuid }) => uuid));
      return sentence(retried, failed.length, 'drawn again');
    });
  const save = (): Promise<void> => during((say) => download(done, say));
  useShortcuts('Those that are selected', [
    { keys: ['d'], shown: 'D', meaning: 'download them', run: () => when(done, save) },
    { keys: ['r'], shown: 'R', meaning: 'draw the failed again', run: () => when(failed, retry) },
    {
      keys: ['Delete'],
      shown: 'Delete',
      meaning: 'delete them, after a question',
      run: () => when(mine, () => setAsking(true)),
    },
  ]);
  if (all.length === 0) return null;
  return (
    <section class="selection-bar" aria-label="Selection">
      <p role="status">{word ?? `${formatCount(all.length)} selected`}</p>
      <div class="actions">
        {done.length > 0 && (
          <button type="button" class="button quiet" disabled={isBusy} onClick={save}>
            <DownloadIcon />
            <span>Download{done.length < all.length && ` ${formatCount(done.length)}`}</span>
          </button>
        )}
        {failed.length > 0 && (
          <button type="button" class="button quiet" disabled={isBusy} onClick={retry}>
            <RetryIcon />
            <span>Retry {formatCount(failed.length)}</span>
          </button>
        )}
        {mine.length > 0 && (
          <button type="button" class="button quiet" disabled={isBusy} onClick={() => setAsking(true)}>
            <TrashIcon />
            <span>Delete{mine.length < all.length && ` ${formatCount(mine.length)}`}</span>
          </button>
        )}
        <button type="button" class="button quiet" onClick={clear}>
          <StopIcon />
          <span>None</span>
        </button>
      </div>
      {isAsking && <ConfirmDelete fractals={mine} close={() => setAsking(false)} />}
    </section>
  );
}

/** @returns whether there was anything to do */
function when(fractals: readonly Fractal[], act: () => unknown): boolean {
  if (fractals.length > 0) act();
  return fractals.length > 0;
}

function ConfirmDelete({ fractals, close }: { fractals: readonly Fractal[]; close: () => void }) {
  const [count] = useState(fractals.length);
  const [doing] = useState(fractals);
  const [gone, setGone] = useState(0);
  const run = async (): Promise<void> => {
    const deleted = await forEach(doing, ({ uuid }) => deleteFractal(uuid), setGone);
    drop(deleted.map(({ uuid }) => uuid));
    close();
    showNotice(sentence(deleted, count, 'deleted'));
  };
  const many = count === 1 ? 'this fractal' : `these ${formatCount(count)} fractals`;
  return (
    <Confirm
      title={`Delete ${many}?`}
      action={gone > 0 ? `${formatCount(gone)} of ${formatCount(count)}` : 'Delete'}
      run={run}
      close={close}
    >
      {count === 1 ? 'Its picture and its entry are' : 'Their pictures and their entries are'} gone for everybody, and cannot be
      brought back.
    </Confirm>
  );
}

function sentence(did: readonly Fractal[], of: number, what: string): string {
  if (did.length === of) return `${of === 1 ? 'One is' : `${formatCount(of)} are`} ${what}.`;
  return `${formatCount(did.length)} of ${formatCount(of)} are ${what}; the service refused the others.`;
}
