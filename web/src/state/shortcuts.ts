import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** What a key does on a page; the list that `?` shows is made of these, and so is what happens. */
export interface Shortcut {
  /** as KeyboardEvent.key has them, small letters; `Ctrl+` also stands for the command key; none where it is a gesture, or the browser does it */
  readonly keys: readonly string[];
  /** how people read them */
  readonly shown: string;
  readonly meaning: string;
  /** @returns false: not now, the browser does what it does with that key */
  readonly run?: (event: KeyboardEvent) => unknown;
}

interface Section {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

/** Those of what is shown, the page's own first. */
export const sections = signal<readonly Section[]>([]);
export const isHelpOpen = signal(false);

const KEPT_AS = 'faafo-single-keys';
/** Whether keys without Ctrl do anything: for some people's voices and hands they happen by themselves (WCAG 2.2, 2.1.4). Kept in this browser. */
export const hasSingleKeys = signal(read() !== 'off');

export function setSingleKeys(isOn: boolean): void {
  hasSingleKeys.value = isOn;
  try {
    if (isOn) localStorage.removeItem(KEPT_AS);
    else localStorage.setItem(KEPT_AS, 'off');
  } catch {
    // A browser that keeps nothing: until the page is left.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

/** Gives keys a meaning for as long as the component lives. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[], isLast = false): void {
  const section = useRef<Section>({ title, shortcuts });
  // What they do may change with every drawing; what they mean does not.
  section.current = { title, shortcuts };
  useEffect(() => {
    const mine = {
      get title() {
        return section.current.title;
      },
      get shortcuts() {
        return section.current.shortcuts;
      },
    };
    sections.value = isLast ? [...sections.peek(), mine] : [mine, ...sections.peek()];
    return () => {
      sections.value = sections.peek().filter((other) => other !== mine);
    };
  }, []);
}

/** The keyboard, wherever nothing else wants it. */
export function listenToShortcuts(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.isComposing || isElsewhere(event)) return;
    const name = nameOf(event);
    if (isSingle(name) && !hasSingleKeys.peek()) return;
    const shortcut = sections
      .peek()
      .flatMap(({ shortcuts }) => shortcuts)
      .find(({ keys, run }) => run && keys.includes(name));
    if (shortcut?.run?.(event) === false || !shortcut) return;
    event.preventDefault();
  });
}

/** Whether it is a letter, a digit or a sign by itself. */
const isSingle = (name: string): boolean => name.length === 1 && name !== ' ';

function nameOf({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): string {
  const control = ctrlKey || metaKey;
  // Of a sign by itself Shift is a part.
  const shift = shiftKey && (control || key.length > 1 || key === ' ');
  return `${control ? 'Ctrl+' : ''}${shift ? 'Shift+' : ''}${key.length === 1 ? key.toLowerCase() : key}`;
}

/** Whoever types, chooses or answers a question means that and not the page; buttons and check marks are pressed by Space and Enter. */
function isElsewhere({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('input:not([type=checkbox]), textarea, select, dialog, [popover]') !== null) return true;
  return (key === ' ' || key === 'Enter') && target.closest('button, summary, input') !== null;
}
