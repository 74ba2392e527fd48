import { signal } from '@preact/signals';
import type { View } from './view.ts';
import { coordinatesOf, queryOf } from './view-text.ts';

const KEY = 'faafo.places';
const MAX_PLACES = 100;

/** A view that somebody kept, in this browser alone. */
export interface Place {
  readonly id: string;
  readonly name: string;
  /** as in an address */
  readonly query: string;
}

export const places = signal<readonly Place[]>(read());

function read(): Place[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    const isPlace = (each: Partial<Place>) => [each?.id, each?.name, each?.query].every((part) => typeof part === 'string');
    return Array.isArray(stored) ? stored.filter(isPlace).slice(0, MAX_PLACES) : [];
  } catch {
    // A browser that keeps nothing, or what others have written there.
    return [];
  }
}

function write(changed: readonly Place[]): void {
  places.value = changed.slice(0, MAX_PLACES);
  try {
    localStorage.setItem(KEY, JSON.stringify(places.value));
  } catch {
    // Kept for as long as the page is open.
  }
}

export function keepPlace(view: View, name: string): void {
  write([
    { id: `${Date.now()}-${places.value.length}`, name: name.trim() || coordinatesOf(view), query: queryOf(view) },
    ...places.value,
  ]);
}

export function renamePlace(id: string, name: string): void {
  if (name.trim() === '') return;
  write(places.value.map((place) => (place.id === id ? { ...place, name: name.trim() } : place)));
}

export function forgetPlace(id: string): void {
  write(places.value.filter((place) => place.id !== id));
}
