import { useEffect, useRef } from 'preact/hooks';
import { SHORTCUTS } from './keys.ts';

/** All keys and gestures. */
export function Shortcuts({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="shortcuts-title">
      <article>
        <h2 id="shortcuts-title">Keys and gestures</h2>
        <dl class="shortcuts">
          {SHORTCUTS.map(([keys, meaning]) => (
            <div key={keys}>
              <dt>{keys}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <p class="actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </p>
      </article>
    </dialog>
  );
}
