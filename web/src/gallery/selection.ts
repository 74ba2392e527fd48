import { computed, signal } from '@preact/signals';
import type { Fractal } from '../api/client.ts';

/** More at a time would be a list of its own. */
export const MOST_SELECTED = 1_000;

/** What is selected, in the order in which it was; by uuid. */
export const selection = signal<ReadonlyMap<string, Fractal>>(new Map());
export const isSelecting = computed(() => selection.value.size > 0);
/** Where a range begins. */
let anchor: string | null = null;

export function toggle(fractal: Fractal): void {
  const next = new Map(selection.peek());
  if (!next.delete(fractal.uuid)) next.set(fractal.uuid, fractal);
  anchor = fractal.uuid;
  selection.value = limited(next);
}

export function add(fractals: readonly Fractal[]): void {
  const next = new Map(selection.peek());
  for (const fractal of fractals) next.set(fractal.uuid, fractal);
  selection.value = limited(next);
}

/** Those that are gone, or wanted no more. */
export function drop(uuids: Iterable<string>): void {
  const next = new Map(selection.peek());
  for (const uuid of uuids) next.delete(uuid);
  if (next.size !== selection.peek().size) selection.value = next;
}

export function clear(): void {
  anchor = null;
  if (selection.peek().size > 0) selection.value = new Map();
}

/** From where the last one was selected; null when there is none. */
export const anchorOf = (): string | null => anchor;

const limited = (fractals: ReadonlyMap<string, Fractal>): ReadonlyMap<string, Fractal> =>
  fractals.size <= MOST_SELECTED ? fractals : new Map([...fractals].slice(0, MOST_SELECTED));
