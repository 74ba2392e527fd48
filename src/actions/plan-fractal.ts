import { cutOf } from '../domain/band.ts';
import type { Fractal } from '../domain/fractal.ts';
import type { Plan } from '../domain/repository.ts';

/** How a fractal is drawn from its first band on: when it is ordered, retried, or starts over with another engine. */
export function planFractal({ id, spec }: Pick<Fractal, 'id' | 'spec'>, engineVersion: string): Plan {
  const cut = cutOf(spec);
  const rows = cut.mirrored ? 2 * cut.bandRows : cut.bandRows;
  return {
    cut,
    bandCost: rows * spec.width * spec.iterations * spec.samples ** 2,
    engineVersion,
    // Eight random digits: what is drawn must never share objects with what was drawn, or deleted, under the same uuid before.
    storeKey: `${id}-${crypto.randomUUID().slice(0, 8)}`,
  };
}
