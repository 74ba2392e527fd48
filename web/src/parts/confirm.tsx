import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface ConfirmProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** what the button that goes through with it says */
  readonly action: string;
  readonly run: () => Promise<void>;
  readonly close: () => void;
}

/** Asks before something is done that cannot be undone. Escape means no. */
export function Confirm({ title, children, action, run, close }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const goThrough = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    await run().catch(setFailure);
    setBusy(false);
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="confirm-title">
      <article>
        <h2 id="confirm-title">{title}</h2>
        <p>{children}</p>
        {failure && (
          <p role="alert" class="field-error">
            {failure.message}
          </p>
        )}
        <p class="actions">
          <button type="button" class="button quiet" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="button" class="button danger" aria-busy={busy} disabled={busy} onClick={goThrough}>
            {action}
          </button>
        </p>
      </article>
    </dialog>
  );
}
