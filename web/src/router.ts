import { computed, signal } from '@preact/signals';
import type { Fractal } from './api/client.ts';

export type Route =
  | { readonly page: 'gallery'; readonly number: number }
  | { readonly page: 'view'; readonly uuid: string }
  | { readonly page: 'order' }
  | { readonly page: 'explore' }
  | { readonly page: 'farm' }
  | { readonly page: 'signin' }
  | { readonly page: 'nothing'; readonly path: string };

const path = signal(location.pathname);

/** Which page the address means. */
export const route = computed(() => routeOf(path.value));

function routeOf(pathname: string): Route {
  const [first, second, ...rest] = pathname.split('/').filter((part) => part !== '');
  if (rest.length === 0) {
    if (second === undefined && (first === undefined || first === 'index')) return { page: 'gallery', number: 1 };
    if (first === 'index' && /^[1-9]\d{0,8}$/.test(second ?? '')) return { page: 'gallery', number: Number(second) };
    if (first === 'view' && second !== undefined) return { page: 'view', uuid: second.toLowerCase() };
    if (first === 'new' && second === undefined) return { page: 'order' };
    if (first === 'explore' && second === undefined) return { page: 'explore' };
    if (first === 'farm' && second === undefined) return { page: 'farm' };
    if (first === 'signin' && second === undefined) return { page: 'signin' };
  }
  return { page: 'nothing', path: pathname };
}

export const galleryPath = (number: number): string => (number <= 1 ? '/' : `/index/${number}`);
export const viewPath = (uuid: string): string => `/view/${uuid}`;

/** The explorer at the view of a fractal; web/src/explore/view-text.ts reads it. */
export function explorePath(fractal: Fractal): string {
  const { formula, power, xa, xb, ya, yb, c_re, c_im, iterations, palette, density, offset, interior, shade } = fractal;
  const half = Math.max(Math.abs(xb - xa) / 2, (Math.abs(yb - ya) / 2) * (3 / 2));
  const query = new URLSearchParams({
    formula,
    power: String(power),
    ...(c_re !== null && c_im !== null && { c: `${c_re},${c_im}` }),
    at: `${(xa + xb) / 2},${(ya + yb) / 2}`,
    half: String(half),
    iterations: String(iterations),
    palette,
    ...(interior !== null && { density: String(density), offset: String(offset), interior, shade: String(shade) }),
  });
  return `/explore?${query}`;
}

/** What one page tells the next: where the fractal stood in the list, so that its neighbours are found without searching. */
export interface Hint {
  /** from 0, newest first */
  readonly rank?: number;
}

export function currentHint(): Hint {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null ? state : {};
}

/** Goes to one of our own pages without reading everything anew. */
export function navigate(to: string, { replace = false, hint = {} }: { replace?: boolean; hint?: Hint } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](hint, '', to);
  path.value = location.pathname;
  scrollTo(0, 0);
}

/** Follows clicks on links to our own pages, and Back and Forward. */
export function listenToNavigation(): void {
  addEventListener('popstate', () => {
    path.value = location.pathname;
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const modified = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!link || modified || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || link.hash || routeOf(link.pathname).page === 'nothing') return;
    event.preventDefault();
    const rank = link.dataset.rank;
    navigate(link.pathname + link.search, rank === undefined ? {} : { hint: { rank: Number(rank) } });
  });
}
