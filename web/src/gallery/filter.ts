import { FORMULAS, type Formula } from '../../../src/domain/formulas.ts';
import { PALETTES, type Palette } from '../../../src/domain/palettes.ts';
import { FRACTAL_STATES, type FractalState } from '../../../src/domain/states.ts';

/** Which fractals the gallery shows; the words of the API's own query. */
export interface Filter {
  readonly state?: FractalState;
  readonly formula?: Formula;
  readonly palette?: Palette;
  readonly owner?: 'me';
}

/** What the query of an address says; what it does not know is passed over. */
export function filterOf(search: string): Filter {
  const query = new URLSearchParams(search);
  const [state, formula, palette] = [
    oneOf(FRACTAL_STATES, query.get('state')),
    oneOf(FORMULAS, query.get('formula')),
    oneOf(PALETTES, query.get('palette')),
  ];
  return {
    ...(state && { state }),
    ...(formula && { formula }),
    ...(palette && { palette }),
    ...(query.get('owner') === 'me' && { owner: 'me' }),
  };
}

/** As a query, with its question mark; empty without a filter. The same filter is always the same text. */
export function filterText(filter: Filter): string {
  const { state, formula, palette, owner } = filter;
  const given = Object.entries({ state, formula, palette, owner }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given as [string, string][])}`;
}

export const isFiltered = (filter: Filter): boolean => filterText(filter) !== '';

const oneOf = <T extends string>(values: readonly T[], text: string | null): T | undefined =>
  values.find((value) => value === text);
