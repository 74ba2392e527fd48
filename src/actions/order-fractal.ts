import { Fault } from '../domain/fault.ts';
import type { Fractal } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import { costOf, inUnits, sameSpec } from '../domain/spec.ts';
import { findObstacle } from './admit-order.ts';
import { type OrderRequest, parseOrder } from './parse-order.ts';
import { planFractal } from './plan-fractal.ts';

/**
 * Orders a fractal. When it resolves the order is durable, whatever happens to the queue: 201 means committed.
 * The same order under the same uuid again is answered with the fractal as it is, however busy the service.
 * @param client who asks, as far as one knows: what one client has outstanding is limited
 * @throws {Fault} `invalid`; `conflict` when the uuid stands for another picture; `busy` and `unavailable`: see findObstacle
 */
export async function orderFractal(
  ports: Pick<Ports, 'repository' | 'store' | 'pulse' | 'limits' | 'engineVersion'>,
  id: FractalId,
  request: OrderRequest,
  client: string,
): Promise<{ readonly added: boolean; readonly fractal: Fractal }> {
  const { repository, pulse, limits, engineVersion } = ports;
  const spec = parseOrder(id, request, limits);
  const order = { id, spec, ...planFractal({ id, spec }, engineVersion), cost: inUnits(costOf(spec)), client };
  const obstacle = await findObstacle(ports, order);
  if (obstacle && (await repository.fractals.find(id)) === null) throw obstacle;
  const ordered = await repository.fractals.add(order);
  if (!ordered.added && !sameSpec(ordered.fractal.spec, spec)) {
    throw new Fault('conflict', `The uuid ${id} stands for a different fractal already: order this one under another uuid.`, {
      field: 'uuid',
    });
  }
  if (ordered.added) pulse.beat();
  return ordered;
}
