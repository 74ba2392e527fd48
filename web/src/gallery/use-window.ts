import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { currentHint, keepHint, onLeave, type ScrollPlace } from '../router.ts';
import type { GalleryList } from './list.ts';
import { type Layout, layoutOf, MAX_HEIGHT, rowOfRank, rowsWithin, Scroll, topOfRow } from './window.ts';

/** So near the top new ones come in at once. */
const NEAR_TOP = 120;
/** What stands on the picture below, at most: the bar of the selection. */
const COVERED_BELOW = 96;
const SETTLED_MS = 150;

export interface Window {
  readonly layout: Layout;
  /** ranks to be drawn, from `first` to before `last` */
  readonly first: number;
  readonly last: number;
  /** from the top of the element to the top of a row */
  readonly offsetOf: (row: number) => number;
  /** Scrolls, if need be, until a rank is wholly in sight. */
  readonly reveal: (rank: number) => void;
}

/** Which part of a long list the browser's window shows, and where it was when one comes back. */
export function useWindow(list: GalleryList, total: number, element: { current: HTMLElement | null }, start: ScrollPlace | null) {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const scroll = useMemo(() => new Scroll(), [list]);
  const width = useRef(0);
  const begun = useRef(false);
  const drawnRows = useRef('');
  const rem = useMemo(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize), []);
  const layout = layoutOf(width.current, rem, total);
  const now = useRef(layout);
  now.current = layout;

  const top = (): number => -(element.current?.getBoundingClientRect().top ?? 0);
  const goTo = (position: number): void => {
    const listTop = top() + scrollY * -1;
    scrollTo(0, scroll.barFor(position, now.current, innerHeight) - listTop);
  };
  const placeNow = (): ScrollPlace | null => {
    if (scrollY <= NEAR_TOP) return null;
    const row = Math.max(0, rowsWithin(now.current, scroll.position, scroll.position).first + 2);
    return { rank: row * now.current.columns, shift: Math.round(scroll.position - topOfRow(now.current, row)) };
  };
  const look = (): void => {
    if (width.current === 0) return;
    scroll.moveTo(Math.max(0, top()), now.current, innerHeight);
    const { columns } = now.current;
    const rows = rowsWithin(now.current, scroll.position, scroll.position + innerHeight);
    list.see(rows.first * columns, rows.last * columns, scrollY <= NEAR_TOP);
  };

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const next = entry?.contentRect.width ?? 0;
      if (next === width.current) return;
      const kept = begun.current ? placeNow() : start;
      width.current = next;
      begun.current = true;
      now.current = layoutOf(next, rem, list.total.peek() ?? 0);
      if (element.current) element.current.style.height = `${Scroll.heightOf(now.current)}px`;
      if (kept) goTo(topOfRow(now.current, rowOfRank(now.current, kept.rank)) + kept.shift);
      look();
      draw(undefined);
    });
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, [list]);

  useEffect(() => {
    let frame = 0;
    let settling: ReturnType<typeof setTimeout> | undefined;
    const keep = (): void => keepHint({ at: placeNow() ?? undefined });
    const onScroll = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        look();
        // While the same rows are in sight, and stand where they stood, the browser alone scrolls.
        const { first, last } = rowsWithin(now.current, scroll.position, scroll.position + innerHeight);
        const rows = `${first} ${last} ${now.current.height > MAX_HEIGHT ? scroll.position : ''}`;
        if (rows !== drawnRows.current) draw(undefined);
        drawnRows.current = rows;
      });
      clearTimeout(settling);
      settling = setTimeout(keep, SETTLED_MS);
    };
    addEventListener('scroll', onScroll, { passive: true });
    addEventListener('resize', onScroll);
    const end = onLeave(keep);
    return () => {
      removeEventListener('scroll', onScroll);
      removeEventListener('resize', onScroll);
      cancelAnimationFrame(frame);
      clearTimeout(settling);
      end();
    };
  }, [list]);

  const reveal = (rank: number): void => {
    const from = topOfRow(now.current, rowOfRank(now.current, rank));
    const to = from + now.current.cellHeight + now.current.gap;
    const { position } = scroll;
    if (from < position) goTo(from - now.current.gap);
    else if (to > position + innerHeight - COVERED_BELOW) goTo(to - innerHeight + COVERED_BELOW);
    look();
  };
  const rows = width.current === 0 ? { first: 0, last: 0 } : rowsWithin(layout, scroll.position, scroll.position + innerHeight);
  const window: Window = {
    layout,
    first: rows.first * layout.columns,
    last: Math.min(total, rows.last * layout.columns),
    offsetOf: (row) => scroll.offsetOf(topOfRow(layout, row)),
    reveal,
  };
  return window;
}

/** Where this entry of the history was scrolled to; else where an older address of numbered pages leads. */
export function startOf(number: number): ScrollPlace | null {
  const { at } = currentHint();
  if (at) return at;
  return number > 1 ? { rank: (number - 1) * PER_OLD_PAGE, shift: 0 } : null;
}

const PER_OLD_PAGE = 5;
