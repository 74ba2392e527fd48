import { effect, type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Complex } from '../../../src/domain/spec.ts';
import { copyText } from '../state/copy-text.ts';
import { showNotice } from '../state/notice.ts';
import { useShortcuts } from '../state/shortcuts.ts';
import { coveredAt, isNarrow } from './covered.ts';
import type { Explorer } from './explorer.ts';
import { listenToGestures } from './gestures.ts';
import { Steps } from './history.ts';
import { listenToClipboard, shortcutsOf } from './keys.ts';
import { keepPlace } from './places.ts';
import { hasJuliaSets, homeOf, juliaOf, type View } from './view.ts';
import { coordinatesOf, queryOf, viewOfQuery, viewOfText } from './view-text.ts';

/** About as far as the inset reaches from the left upper corner, CSS pixels. */
const INSET = { width: 260, height: 280 };

export interface Tools {
  readonly steps: Steps;
  /** the point whose Julia set is shown; null when none is */
  readonly preview: Signal<Complex | null>;
  /** whether the pointer is where that would be shown */
  readonly isInTheWay: Signal<boolean>;
  /** being drawn with Shift: left, top, width, height, CSS pixels */
  readonly rectangle: Signal<readonly [number, number, number, number] | null>;
  readonly isPanelOpen: Signal<boolean>;
  readonly dialog: Signal<'order' | null>;
  readonly closeDialog: () => void;
  /** Goes somewhere else altogether: Back leads back. */
  readonly leap: (view: View, fitted?: boolean) => void;
  readonly home: () => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly julia: () => void;
  readonly save: () => void;
  readonly copyPlace: () => void;
  readonly copyLink: () => void;
  /** @returns whether the text told a place */
  readonly paste: (text: string) => boolean;
  readonly fullscreen: () => void;
}

/** What one can do in the explorer, by whatever means. */
export function useTools(explorer: Explorer, canvas: HTMLCanvasElement): Tools {
  const tools = useMemo(() => makeTools(explorer), [explorer]);
  useEffect(() => listen(explorer, canvas, tools), [explorer, canvas, tools]);
  useShortcuts(
    'In the explorer',
    shortcutsOf({
      ...tools,
      move: (dx, dy) => explorer.moveBy(dx * explorer.frame.width, dy * explorer.frame.width, { soft: true }),
      zoom: (factor) => explorer.zoomBy(factor),
      panel: () => {
        tools.isPanelOpen.value = !tools.isPanelOpen.peek();
      },
      copy: tools.copyPlace,
    }),
  );
  return tools;
}

function makeTools(explorer: Explorer): Tools {
  const steps = new Steps(explorer.view.peek());
  const preview = signal<Complex | null>(null);
  const dialog = signal<'order' | null>(null);
  const leap = (view: View, fitted = true): void => {
    Steps.leave(explorer.view.peek());
    preview.value = null;
    explorer.show(view, { fitted });
  };
  const step = (view: View | null): void => {
    if (view) explorer.show(view, { soft: true });
  };
  return {
    steps,
    preview,
    isInTheWay: signal(false),
    rectangle: signal(null),
    isPanelOpen: signal(!isNarrow()),
    dialog,
    closeDialog: () => {
      dialog.value = null;
    },
    leap,
    home: () => {
      const { formula, power, c } = explorer.view.peek();
      explorer.show({ ...explorer.view.peek(), ...placeIn(homeOf(formula, { power, c })) }, { soft: true, fitted: true });
    },
    undo: () => step(steps.undo()),
    redo: () => step(steps.redo()),
    julia: () => {
      const view = explorer.view.peek();
      if (!hasJuliaSets(view)) return;
      leap(juliaOf(view, preview.peek() ?? explorer.pointAt(explorer.frame.width / 2, explorer.frame.height / 2)));
    },
    save: () => {
      keepPlace(explorer.view.peek(), '');
      showNotice('Kept among your places, in this browser.');
    },
    copyPlace: () => void copied(coordinatesOf(explorer.view.peek()), 'Coordinates copied.'),
    copyLink: () => void copied(`${location.origin}/explore?${queryOf(explorer.view.peek())}`, 'Link copied.'),
    paste: (text) => {
      const view = viewOfText(text, explorer.view.peek());
      if (view) leap(view, false);
      return view !== null;
    },
    fullscreen: () => void toggleFullscreen(),
  };
}

const placeIn = ({ centre, halfWidth }: View): Pick<View, 'centre' | 'halfWidth'> => ({ centre, halfWidth });

async function copied(text: string, word: string): Promise<void> {
  showNotice((await copyText(text)) ? word : 'The browser does not let this page copy.');
}

async function toggleFullscreen(): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  } catch {
    showNotice('This browser does not let a page fill the screen.');
  }
}

function listen(explorer: Explorer, canvas: HTMLCanvasElement, tools: Tools): () => void {
  const scale = (): number => canvas.width / canvas.clientWidth;
  const pointAt = ({ x, y }: { x: number; y: number }): Complex => explorer.pointAt(x * scale(), y * scale());
  const covering = effect(() => {
    explorer.covered = coveredAt(scale(), tools.isPanelOpen.value);
  });
  explorer.onRest = (view) => tools.steps.note(view);
  const ends = [
    listenToGestures(canvas, explorer, {
      onHover: (at) => {
        if (at) tools.isInTheWay.value = at.x < INSET.width && at.y < INSET.height;
        tools.preview.value = at && hasJuliaSets(explorer.view.peek()) ? pointAt(at) : null;
      },
      onClick: (at, isTouch) => {
        if (!hasJuliaSets(explorer.view.peek())) return;
        tools.preview.value = pointAt(at);
        // A finger covers what it points at: it shows the set first, and the inset leads there.
        if (!isTouch) tools.julia();
      },
      onRectangle: (from, to) => {
        tools.rectangle.value =
          from && to ? [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(from.x - to.x), Math.abs(from.y - to.y)] : null;
      },
    }),
    listenToClipboard({
      copy: tools.copyPlace,
      paste: (text) => {
        if (!tools.paste(text)) showNotice('That is no place: coordinates, a link to the explorer or an order would be.');
      },
    }),
  ];
  const onPop = (): void => {
    if (location.pathname === '/explore') explorer.show(viewOfQuery(location.search));
  };
  addEventListener('popstate', onPop);
  return () => {
    covering();
    removeEventListener('popstate', onPop);
    for (const end of ends) end();
  };
}
