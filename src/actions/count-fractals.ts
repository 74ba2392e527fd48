import type { KnownObject, LedgerPage } from '../domain/ledger.ts';

/**
 * Tells of each fractal of a page as soon as the last of its objects is done: a page of posters takes hours.
 * @returns to be called with each object that is done
 */
export function countFractals(
  { objects, fractals }: LedgerPage,
  onFractals: (count: number) => void,
): (object: KnownObject) => void {
  const left = new Map<string, number>();
  for (const { fractal } of objects) left.set(fractal, (left.get(fractal) ?? 0) + 1);
  // Those that have no objects.
  if (fractals > left.size) onFractals(fractals - left.size);
  return ({ fractal }) => {
    const count = left.get(fractal)! - 1;
    left.set(fractal, count);
    if (count === 0) onFractals(1);
  };
}
