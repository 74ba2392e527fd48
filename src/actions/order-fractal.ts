import { Fault } from '../domain/fault.ts';
import type { Fractal } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import { type OrderRequest, parseOrder } from '../domain/parse-order.ts';
import type { Ports } from '../domain/ports.ts';
import type { NewFractal } from '../domain/repository.ts';
import { costOf, inUnits, sameSpec } from '../domain/spec.ts';
import { findObstacle } from './admit-order.ts';
import { planFractal } from './plan-fractal.ts';

/** Who orders. */
export type Orderer = Pick<NewFractal, 'client' | 'owner' | 'trace'>;

/**
 * Orders a fractal. When it resolves the order is durable, whatever happens to the queue: 201 means committed.
 * The same order under the same uuid again is answered with the fractal as it is, however busy the service.
 * @param by what one client has outstanding is limited; only the owner, or an admin, may cancel, retry and delete
 * @throws {Fault} `invalid`; `conflict` when the uuid stands for another picture, or another's; `busy` and `unavailable`: see findObstacle
 */
export async function orderFractal(
  ports: Pick<Ports, 'repository' | 'store' | 'pulse' | 'limits' | 'engineVersion'>,
  id: FractalId,
  request: OrderRequest,
  by: Orderer,
): Promise<{ readonly added: boolean; readonly fractal: Fractal }> {
  const { repository, pulse, limits, engineVersion } = ports;
  const spec = parseOrder(id, request, limits);
  const order = { id, spec, ...planFractal({ id, spec }, engineVersion), cost: inUnits(costOf(spec)), ...by };
  const obstacle = await findObstacle(ports, order);
  if (obstacle && (await repository.fractals.find(id)) === null) throw obstacle;
  const ordered = await repository.fractals.add(order);
  if (!ordered.added && ordered.fractal.owner !== order.owner) {
    throw new Fault('conflict', `The uuid ${id} stands for a fractal of somebody else: order this one under another uuid.`, {
      field: 'uuid',
    });
  }
  if (!ordered.added && !sameSpec(ordered.fractal.spec, spec)) {
    throw new Fault('conflict', `The uuid ${id} stands for a different fractal already: order this one under another uuid.`, {
      field: 'uuid',
    });
  }
  if (ordered.added) pulse.beat();
  return ordered;
}
