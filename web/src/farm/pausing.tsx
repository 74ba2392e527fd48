import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { MAX_WHY } from '../../../src/domain/repository.ts';
import { type Pause, pauseQueue, resumeQueue } from '../api/farm.ts';
import { formatAgo, formatMoment } from '../format.ts';
import { now } from '../state/clock.ts';
import { showNotice } from '../state/notice.ts';
import { mayAdminister } from '../state/session.ts';
import { PauseIcon, PlayIcon } from './icons.tsx';

/** Of the two buttons one goes away when it was pressed: whoever pressed it finds the focus on the other. */
let wasPressed = false;

function useCounterpart() {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (wasPressed) button.current?.focus();
    wasPressed = false;
  }, []);
  return button;
}

/** For admins: opens the question. */
export function PauseButton({ onChanged }: { onChanged: () => void }) {
  const asking = useSignal(false);
  const button = useCounterpart();
  if (!mayAdminister.value) return null;
  return (
    <>
      <button ref={button} type="button" class="button quiet" onClick={() => (asking.value = true)}>
        <PauseIcon />
        Pause the queue
      </button>
      {asking.value && <AskWhy onChanged={onChanged} close={() => (asking.value = false)} />}
    </>
  );
}

function AskWhy({ onChanged, close }: { onChanged: () => void; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const why = useRef<HTMLInputElement>(null);
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const pause = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    failure.value = null;
    try {
      await pauseQueue(why.current?.value.trim() ?? '');
      wasPressed = true;
      onChanged();
      dialog.current?.close();
    } catch (error) {
      failure.value = (error as Error).message;
    }
    busy.value = false;
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="pause-title">
      <article>
        <h2 id="pause-title">Pause the queue?</h2>
        <p>
          Nothing more is drawn until somebody lets it go on. Orders are taken and wait; bands in work are drawn to their end.
        </p>
        <form class="pause-form" onSubmit={pause} noValidate>
          <div class="field">
            <label for="why">Why (for those who wait; may be empty)</label>
            <input id="why" ref={why} type="text" maxLength={MAX_WHY} autocomplete="off" placeholder="New disks, until noon" />
          </div>
          {failure.value !== null && (
            <p role="alert" class="field-error">
              {failure.value}
            </p>
          )}
          <p class="actions">
            <button type="button" class="button quiet" onClick={() => dialog.current?.close()}>
              Let it run
            </button>
            <button type="submit" class="button" aria-busy={busy.value} disabled={busy.value}>
              <PauseIcon />
              Pause
            </button>
          </p>
        </form>
      </article>
    </dialog>
  );
}

/** Who paused the queue, since when and why; and, for admins, the way on. */
export function Paused({ pause, onChanged }: { pause: Pause; onChanged: () => void }) {
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  const button = useCounterpart();
  const resume = async (): Promise<void> => {
    busy.value = true;
    failure.value = null;
    try {
      await resumeQueue();
      wasPressed = true;
      showNotice('The queue goes on.');
      onChanged();
    } catch (error) {
      failure.value = (error as Error).message;
    }
    busy.value = false;
  };
  const ago = formatAgo(pause.since, now.value);
  return (
    <section class="paused-card" aria-labelledby="paused-title">
      <PauseIcon />
      <div>
        <h2 id="paused-title">
          The queue is paused{pause.by !== null && ` by ${pause.by}`}
          {', '}
          <time dateTime={pause.since} title={formatMoment(pause.since)}>
            {ago === 'just now' ? ago : `since ${ago.replace(/ ago$/, '')}`}
          </time>
        </h2>
        {pause.why !== null && <p class="why">{pause.why}</p>}
        <p class="hint">Orders are taken and wait. Nothing more is drawn until an admin lets the queue go on.</p>
        {failure.value !== null && (
          <p role="alert" class="field-error">
            {failure.value}
          </p>
        )}
      </div>
      {mayAdminister.value && (
        <button ref={button} type="button" class="button" aria-busy={busy.value} disabled={busy.value} onClick={resume}>
          <PlayIcon />
          Resume
        </button>
      )}
    </section>
  );
}
