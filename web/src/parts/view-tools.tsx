import { useState } from 'preact/hooks';
import { isFinal } from '../../../src/domain/states.ts';
import { cancelFractal, deleteFractal, type Fractal, pictureUrl } from '../api/client.ts';
import { filterOf } from '../gallery/filter.ts';
import { currentHint, explorePath, galleryPath, navigate, orderPath } from '../router.ts';
import { showNotice } from '../state/notice.ts';
import { mayChangeIt, mayOrder } from '../state/session.ts';
import { canBeWebp } from '../view/webp-limits.ts';
import { Confirm } from './confirm.tsx';
import { CompassIcon, DownloadIcon, EnlargeIcon, PlusIcon, ShareIcon, StopIcon, TrashIcon } from './icons.tsx';
import { Share } from './share.tsx';

/** What one can do with a fractal. */
export function ViewTools({ fractal }: { fractal: Fractal }) {
  const [asking, setAsking] = useState<'delete' | 'cancel' | 'share' | null>(null);
  const close = (): void => setAsking(null);
  const isMine = mayChangeIt(fractal);
  return (
    <div class="tools">
      {fractal.state === 'done' && (
        <>
          <a class="button" href={pictureUrl(fractal)} download={`${fractal.uuid}.png`}>
            <DownloadIcon />
            Download PNG
          </a>
          {canBeWebp(fractal) && <WebpButton fractal={fractal} />}
          <a class="button quiet" href={pictureUrl(fractal)} target="_blank" rel="noreferrer">
            <EnlargeIcon />
            Full size
          </a>
        </>
      )}
      <a class="button quiet" href={explorePath(fractal)}>
        <CompassIcon />
        Explore from here
      </a>
      {mayOrder.value && (
        <a class="button quiet" href={orderPath(fractal)}>
          <PlusIcon />
          Order it larger
        </a>
      )}
      {isMine && (
        <button type="button" class="button quiet" onClick={() => setAsking('share')}>
          <ShareIcon />
          Share
        </button>
      )}
      {isMine && !isFinal(fractal.state) && (
        <button type="button" class="button quiet" onClick={() => setAsking('cancel')}>
          <StopIcon />
          Cancel
        </button>
      )}
      {isMine && (
        <button type="button" class="button quiet" onClick={() => setAsking('delete')}>
          <TrashIcon />
          Delete
        </button>
      )}
      {asking === 'share' && <Share uuid={fractal.uuid} close={close} />}
      {asking === 'delete' && <ConfirmDelete uuid={fractal.uuid} close={close} />}
      {asking === 'cancel' && <ConfirmCancel uuid={fractal.uuid} close={close} />}
    </div>
  );
}

/** Made here: the farm stores the PNG alone. */
function WebpButton({ fractal }: { fractal: Fractal }) {
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    await import('../view/webp.ts')
      .then(({ saveWebp }) => saveWebp(fractal))
      .then(showNotice, (error: Error) => showNotice(error.message));
    setBusy(false);
  };
  return (
    <button type="button" class="button quiet" aria-busy={busy} disabled={busy} onClick={save}>
      <DownloadIcon />
      WebP
    </button>
  );
}

function ConfirmDelete({ uuid, close }: { uuid: string; close: () => void }) {
  const run = async (): Promise<void> => {
    await deleteFractal(uuid);
    navigate(galleryPath(filterOf(currentHint().list ?? '')));
    showNotice('Deleted.');
  };
  return (
    <Confirm title="Delete this fractal?" action="Delete it" run={run} close={close}>
      Its picture and its entry are gone for everybody, and cannot be brought back.
    </Confirm>
  );
}

function ConfirmCancel({ uuid, close }: { uuid: string; close: () => void }) {
  const run = async (): Promise<void> => {
    await cancelFractal(uuid);
    close();
    showNotice('Cancelled.');
  };
  return (
    <Confirm title="Stop drawing it?" action="Stop it" run={run} close={close}>
      What is drawn so far is thrown away. The entry stays, so that it can be ordered again.
    </Confirm>
  );
}
