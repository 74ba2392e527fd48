export interface Commands {
  /** @param dx, dy shares of the window */
  readonly move: (dx: number, dy: number) => void;
  readonly zoom: (factor: number) => void;
  readonly home: () => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly julia: () => void;
  readonly fullscreen: () => void;
  readonly panel: () => void;
  readonly help: () => void;
  readonly save: () => void;
  readonly copy: () => void;
  readonly paste: (text: string) => void;
}

const MOVE = 0.12;
const ZOOM = 1.5;

/** What each key does; also the table that `?` shows. */
export const SHORTCUTS: readonly (readonly [keys: string, meaning: string])[] = [
  ['Drag, arrow keys', 'move; Shift moves farther'],
  ['Wheel, pinch, + and −', 'zoom in and out'],
  ['Double click', 'zoom in there'],
  ['Shift and drag', 'zoom to a rectangle'],
  ['0 or Home', 'show all of it'],
  ['Click, or J', 'go to the Julia set of a point'],
  ['Ctrl Z, Shift Ctrl Z', 'undo, redo'],
  ['Ctrl C, Ctrl V', 'copy the place, go to a place that was copied'],
  ['S', 'save this place'],
  ['F', 'fill the screen'],
  ['P', 'show or hide the panel'],
  ['?', 'this list'],
];

/** The keyboard, wherever nothing else wants it. @returns what ends it */
export function listenToKeys(commands: Commands): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  addEventListener('keydown', (event) => onKey(event, commands), options);
  addEventListener(
    'copy',
    (event) => {
      if (isElsewhere(event.target) || !getSelection()?.isCollapsed) return;
      event.preventDefault();
      commands.copy();
    },
    options,
  );
  addEventListener(
    'paste',
    (event) => {
      const text = event.clipboardData?.getData('text/plain');
      if (isElsewhere(event.target) || !text) return;
      event.preventDefault();
      commands.paste(text);
    },
    options,
  );
  return () => stop.abort();
}

/** Whoever types, chooses or answers a question means that and not the picture. */
const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, dialog, [popover]') !== null;

function onKey(event: KeyboardEvent, commands: Commands): void {
  if (isElsewhere(event.target) || event.altKey) return;
  const action = event.ctrlKey || event.metaKey ? withControl(event, commands) : plain(event, commands);
  if (!action) return;
  event.preventDefault();
  action();
}

function withControl({ key, shiftKey }: KeyboardEvent, commands: Commands): (() => void) | undefined {
  const lower = key.toLowerCase();
  if (lower === 'z') return shiftKey ? commands.redo : commands.undo;
  return lower === 'y' ? commands.redo : undefined;
}

function plain({ key, shiftKey }: KeyboardEvent, commands: Commands): (() => void) | undefined {
  const far = shiftKey ? 4 * MOVE : MOVE;
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => commands.move(-far, 0),
    ArrowRight: () => commands.move(far, 0),
    ArrowUp: () => commands.move(0, -far),
    ArrowDown: () => commands.move(0, far),
    '+': () => commands.zoom(ZOOM),
    '=': () => commands.zoom(ZOOM),
    '-': () => commands.zoom(1 / ZOOM),
    '0': commands.home,
    Home: commands.home,
    j: commands.julia,
    f: commands.fullscreen,
    p: commands.panel,
    s: commands.save,
    '?': commands.help,
  };
  return actions[key.length === 1 ? key.toLowerCase() : key];
}
