import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Fractal } from '../api/client.ts';
import type { ScrollPlace } from '../router.ts';
import { showNotice } from '../state/notice.ts';
import { useShortcuts } from '../state/shortcuts.ts';
import { Card } from './card.tsx';
import { filterText } from './filter.ts';
import { lastViewed } from './last-viewed.ts';
import type { GalleryList } from './list.ts';
import { add, anchorOf, clear, isSelecting, MOST_SELECTED, selection, toggle } from './selection.ts';
import { useWindow } from './use-window.ts';
import { Scroll } from './window.ts';

/** The card that Tab leads to, and from which the arrow keys go. */
const active = signal(0);

/** The cards of a list, of which only those in sight are there. */
export function Grid({ list, total, start }: { list: GalleryList; total: number; start: ScrollPlace | null }) {
  const element = useRef<HTMLUListElement>(null);
  const wanted = useRef<number | null>(null);
  void list.version.value;
  const { layout, first, last, offsetOf, reveal } = useWindow(list, total, element, start);
  const isIn = (): boolean => element.current?.contains(document.activeElement) ?? false;
  const focus = (rank: number): void => {
    active.value = Math.min(Math.max(0, rank), total - 1);
    wanted.current = active.value;
    reveal(active.value);
    focusWanted();
  };
  const linkOf = (rank: number | null) => element.current?.querySelector<HTMLElement>(`[data-rank="${rank}"] .frame`);
  const focusWanted = (): void => {
    const link = linkOf(wanted.current);
    if (!link) return;
    link.focus({ preventScroll: true });
    wanted.current = null;
  };
  useLayoutEffect(() => {
    if (wanted.current !== null) focusWanted();
    if (last === first) return;
    // Whoever comes back from a fractal comes back to it, or to the last one that was gone on to; nothing moves if it is in sight.
    const rank = list.rankOf(lastViewed.take() ?? '');
    if (rank === undefined) return;
    active.value = rank;
    const link = linkOf(rank);
    const { top = 0, bottom = 0 } = link?.getBoundingClientRect() ?? {};
    if (bottom > 0 && top < innerHeight) link?.focus({ preventScroll: true });
    else focus(rank);
  });

  const select = async (from: number, to: number): Promise<void> => {
    const end = Math.min(to, from + MOST_SELECTED);
    await list.range(from, end).then(add, (error: Error) => showNotice(error.message));
    if (to > end) showNotice(`The first ${MOST_SELECTED} are selected: more is not done at a time.`);
  };
  const selectTo = (rank: number): void => {
    const anchor = list.rankOf(anchorOf() ?? '') ?? rank;
    void select(Math.min(anchor, rank), Math.max(anchor, rank) + 1);
  };
  const pick = (fractal: Fractal, rank: number, isRange: boolean): void => {
    active.value = rank;
    if (isRange && anchorOf() !== null) selectTo(rank);
    else toggle(fractal);
  };
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -layout.columns,
    ArrowDown: layout.columns,
  };
  const go = (to: number): boolean => {
    if (!isIn()) return false;
    focus(to);
    return true;
  };
  useShortcuts('In the gallery', [
    {
      keys: Object.keys(steps),
      shown: '← → ↑ ↓',
      meaning: 'go from picture to picture',
      run: ({ key }) => go(active.peek() + steps[key]!),
    },
    {
      keys: ['Home', 'End'],
      shown: 'Home, End',
      meaning: 'the newest, the oldest',
      run: ({ key }) => go(key === 'Home' ? 0 : total - 1),
    },
    { keys: [], shown: 'Enter', meaning: 'open it' },
    {
      keys: [' '],
      shown: 'Space',
      meaning: 'select it, or no more',
      run: () => {
        const fractal = list.at(active.peek());
        if (!isIn() || !fractal) return false;
        toggle(fractal);
      },
    },
    {
      keys: ['Shift+ '],
      shown: 'Shift Space, Shift click',
      meaning: 'select all from the last selected to here',
      run: () => {
        if (!isIn()) return false;
        selectTo(active.peek());
      },
    },
    { keys: ['Ctrl+a'], shown: 'Ctrl A', meaning: 'select all', run: () => void select(0, total) },
    {
      keys: ['Escape'],
      shown: 'Escape',
      meaning: 'select none',
      run: () => {
        if (!isSelecting.peek()) return false;
        clear();
      },
    },
  ]);

  const ranks = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  const tabStop = active.value >= first && active.value < last ? active.value : first;
  const text = filterText(list.filter);
  return (
    <ul
      class={isSelecting.value ? 'grid selecting' : 'grid'}
      ref={element}
      style={{
        height: `${Scroll.heightOf(layout)}px`,
        '--cell': `${layout.cellWidth}px`,
        '--cell-height': `${layout.cellHeight}px`,
      }}
    >
      {ranks.map((rank) => {
        const fractal = list.at(rank);
        const x = (rank % layout.columns) * (layout.cellWidth + layout.gap);
        return (
          <Card
            key={fractal?.uuid ?? `rank ${rank}`}
            fractal={fractal}
            rank={rank}
            total={total}
            x={x}
            y={offsetOf(Math.floor(rank / layout.columns))}
            isTabStop={rank === tabStop}
            isSelected={fractal !== undefined && selection.value.has(fractal.uuid)}
            list={text}
            onPick={pick}
          />
        );
      })}
    </ul>
  );
}
