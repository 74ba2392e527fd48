import { cutOf } from '../domain/band.ts';
import { Fault } from '../domain/fault.ts';
import type { Fractal } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { NewFractal } from '../domain/repository.ts';
import { type Spec, sameSpec } from '../domain/spec.ts';
import { type OrderRequest, parseOrder } from './parse-order.ts';

/**
 * Orders a fractal. When it resolves the order is durable, whatever happens to the queue: 201 means committed.
 * The same order under the same uuid again is answered with the fractal as it is.
 * @throws {Fault} `invalid`; `conflict` when the uuid stands for another picture; `unavailable` when the store is full
 */
export async function orderFractal(
  ports: Pick<Ports, 'repository' | 'store' | 'pulse' | 'limits' | 'engineVersion'>,
  id: FractalId,
  request: OrderRequest,
): Promise<{ readonly added: boolean; readonly fractal: Fractal }> {
  const { repository, store, pulse, limits, engineVersion } = ports;
  const spec = parseOrder(id, request, limits);
  if (!(await store.hasRoom('order'))) {
    throw new Fault('unavailable', 'The store is almost full: delete fractals that nobody needs, then order again.', {
      retryAfterSeconds: 60,
    });
  }
  // Eight random digits: an order under a uuid that was deleted must never share objects with the deleted one.
  const storeKey = `${id}-${crypto.randomUUID().slice(0, 8)}`;
  const ordered = await repository.fractals.add({ id, spec, ...planBands(spec), engineVersion, storeKey });
  if (!ordered.added && !sameSpec(ordered.fractal.spec, spec)) {
    throw new Fault('conflict', `The uuid ${id} stands for a different fractal already: order this one under another uuid.`, {
      field: 'uuid',
    });
  }
  if (ordered.added) pulse.beat();
  return ordered;
}

/** How a picture is cut into bands, and what a full one costs. */
export function planBands(spec: Spec): Pick<NewFractal, 'cut' | 'bandCost'> {
  const cut = cutOf(spec);
  const rows = cut.mirrored ? 2 * cut.bandRows : cut.bandRows;
  return { cut, bandCost: rows * spec.width * spec.iterations * spec.samples ** 2 };
}
