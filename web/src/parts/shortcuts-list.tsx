import { useLayoutEffect, useRef } from 'preact/hooks';
import { hasSingleKeys, isHelpOpen, sections, setSingleKeys } from '../state/shortcuts.ts';

/** All keys and gestures of the page one is on. */
export function ShortcutsList() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const close = (): void => {
    isHelpOpen.value = false;
  };
  return (
    <dialog ref={dialog} class="shortcuts-list" onClose={close} aria-labelledby="shortcuts-title">
      <article>
        <h2 id="shortcuts-title">Keys and gestures</h2>
        {sections.value.map(({ title, shortcuts }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl class="shortcuts">
              {shortcuts.map(({ shown, meaning }) => (
                <div key={shown}>
                  <dt>{shown}</dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <label class="switch">
          <input
            type="checkbox"
            role="switch"
            checked={hasSingleKeys.value}
            aria-checked={hasSingleKeys.value}
            onChange={(event) => setSingleKeys(event.currentTarget.checked)}
          />
          Letters and signs by themselves do something
        </label>
        <p class="hint">Switch them off if they happen without being meant. This browser remembers it.</p>
        <p class="actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </p>
      </article>
    </dialog>
  );
}
