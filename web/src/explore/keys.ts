import type { Shortcut } from '../state/shortcuts.ts';

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
  readonly save: () => void;
  readonly copy: () => void;
  readonly paste: (text: string) => void;
}

const MOVE = 0.12;
const ZOOM = 1.5;
const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What each key does, and what hands and pointers do. */
export function shortcutsOf(commands: Commands): readonly Shortcut[] {
  const { zoom, home, undo, redo, julia, fullscreen, panel, save } = commands;
  const move = ({ key, shiftKey }: KeyboardEvent): void => {
    const [dx, dy] = ARROWS[key]!;
    const far = shiftKey ? 4 * MOVE : MOVE;
    commands.move(dx * far, dy * far);
  };
  const arrows = Object.keys(ARROWS);
  return [
    {
      keys: [...arrows, ...arrows.map((key) => `Shift+${key}`)],
      shown: 'Drag, arrow keys',
      meaning: 'move; Shift moves farther',
      run: move,
    },
    {
      keys: ['+', '=', '-'],
      shown: 'Wheel, pinch, + and −',
      meaning: 'zoom in and out',
      run: ({ key }) => zoom(key === '-' ? 1 / ZOOM : ZOOM),
    },
    { keys: [], shown: 'Double click', meaning: 'zoom in there' },
    { keys: [], shown: 'Shift and drag', meaning: 'zoom to a rectangle' },
    { keys: ['0', 'Home'], shown: '0 or Home', meaning: 'show all of it', run: home },
    { keys: ['j'], shown: 'Click, or J', meaning: 'go to the Julia set of a point', run: julia },
    { keys: ['Ctrl+z'], shown: 'Ctrl Z', meaning: 'undo', run: undo },
    { keys: ['Ctrl+Shift+z', 'Ctrl+y'], shown: 'Shift Ctrl Z', meaning: 'redo', run: redo },
    { keys: [], shown: 'Ctrl C, Ctrl V', meaning: 'copy the place, go to a place that was copied' },
    { keys: ['s'], shown: 'S', meaning: 'save this place', run: save },
    { keys: ['f'], shown: 'F', meaning: 'fill the screen', run: fullscreen },
    { keys: ['p'], shown: 'P', meaning: 'show or hide the panel', run: panel },
  ];
}

/** The clipboard, wherever nothing else wants it. @returns what ends it */
export function listenToClipboard({ copy, paste }: Pick<Commands, 'copy' | 'paste'>): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  addEventListener(
    'copy',
    (event) => {
      if (isElsewhere(event.target) || !getSelection()?.isCollapsed) return;
      event.preventDefault();
      copy();
    },
    options,
  );
  addEventListener(
    'paste',
    (event) => {
      const text = event.clipboardData?.getData('text/plain');
      if (isElsewhere(event.target) || !text) return;
      event.preventDefault();
      paste(text);
    },
    options,
  );
  return () => stop.abort();
}

/** Whoever types, chooses or answers a question means that and not the picture. */
const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, dialog, [popover]') !== null;
