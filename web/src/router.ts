import { computed, signal } from '@preact/signals';
import { HARD_LIMITS } from '../../src/domain/limits.ts';
import type { Fractal } from './api/client.ts';
import { type Filter, filterOf, filterText } from './gallery/filter.ts';

export type Route =
  /** @param number of a page of five, as older addresses have it; 1 is the top */
  | { readonly page: 'gallery'; readonly number: number; readonly filter: Filter }
  | { readonly page: 'view'; readonly uuid: string }
  | { readonly page: 'order'; readonly search: string }
  | { readonly page: 'explore' }
  | { readonly page: 'farm' }
  | { readonly page: 'signin' }
  | { readonly page: 'nothing'; readonly path: string };

/** Where one is; another object for each way there, so that going where one is begins anew. */
const place = signal({ pathname: location.pathname, search: location.search });

/** Which page the address means. */
export const route = computed(() => routeOf(place.value.pathname, place.value.search));

function routeOf(pathname: string, search = ''): Route {
  const [first, second, ...rest] = pathname.split('/').filter((part) => part !== '');
  if (rest.length === 0) {
    if (second === undefined && (first === undefined || first === 'index')) return gallery(1, search);
    if (first === 'index' && /^[1-9]\d{0,8}$/.test(second ?? '')) return gallery(Number(second), search);
    if (first === 'view' && second !== undefined) return { page: 'view', uuid: second.toLowerCase() };
    if (first === 'new' && second === undefined) return { page: 'order', search };
    if (first === 'explore' && second === undefined) return { page: 'explore' };
    if (first === 'farm' && second === undefined) return { page: 'farm' };
    if (first === 'signin' && second === undefined) return { page: 'signin' };
  }
  return { page: 'nothing', path: pathname };
}

const gallery = (number: number, search: string): Route => ({ page: 'gallery', number, filter: filterOf(search) });

const MAX_SIDE = HARD_LIMITS.maxSide;

export const galleryPath = (filter: Filter = {}): string => `/${filterText(filter)}`;
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

/** The order form, filled in with what a fractal was ordered by, so many times as large. */
export function orderPath(fractal: Fractal, factor = 2): string {
  const { formula, power, width, height, iterations, xa, xb, ya, yb, c_re, c_im, seed, palette, samples } = fractal;
  const { density, offset, interior, shade } = fractal;
  const times = Math.min(factor, MAX_SIDE / Math.max(width, height));
  const query = new URLSearchParams({
    formula,
    power: String(power),
    width: String(Math.round(width * times)),
    height: String(Math.round(height * times)),
    iterations: String(iterations),
    xa: String(xa),
    xb: String(xb),
    ya: String(ya),
    yb: String(yb),
    ...(c_re !== null && c_im !== null && { c_re: String(c_re), c_im: String(c_im) }),
    ...(seed !== null && { seed: String(seed) }),
    palette,
    ...(interior !== null && { density: String(density), offset: String(offset), interior, shade: String(shade) }),
    samples: String(samples),
  });
  return `/new?${query}`;
}

/** What an entry of the browser's history knows beside its address. */
export interface Hint {
  /** of a fractal: in which list of the gallery it was opened, as filterText has it */
  readonly list?: string;
  /** of the gallery: where it was scrolled to */
  readonly at?: ScrollPlace;
}

/** `shift` pixels below the top of the row in which that rank stands. */
export interface ScrollPlace {
  readonly rank: number;
  readonly shift: number;
}

export function currentHint(): Hint {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null ? state : {};
}

/** Adds to what this entry of the history knows. */
export const keepHint = (hint: Hint): void => history.replaceState({ ...currentHint(), ...hint }, '');

const leaving = new Set<() => void>();

/** Calls `listener` before another page takes the place of this one, until the returned function is called. */
export function onLeave(listener: () => void): () => void {
  leaving.add(listener);
  return () => leaving.delete(listener);
}

/** Goes to one of our own pages without reading everything anew. */
export function navigate(to: string, { replace = false, hint = {} }: { replace?: boolean; hint?: Hint } = {}): void {
  for (const listener of leaving) listener();
  history[replace ? 'replaceState' : 'pushState'](hint, '', to);
  arrive();
  scrollTo(0, 0);
}

const arrive = (): void => {
  place.value = { pathname: location.pathname, search: location.search };
};

/** Follows clicks on links to our own pages, and Back and Forward. */
export function listenToNavigation(): void {
  // The gallery knows better than the browser where it was: its height comes with its first answer.
  history.scrollRestoration = 'manual';
  addEventListener('popstate', () => {
    arrive();
    scrollTo(0, 0);
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const modified = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!link || modified || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || link.hash || routeOf(link.pathname).page === 'nothing') return;
    event.preventDefault();
    const { list, instead } = link.dataset;
    navigate(link.pathname + link.search, { replace: instead !== undefined, hint: list === undefined ? {} : { list } });
  });
}
