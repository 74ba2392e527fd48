import { type Identity, mayChange } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { Fractal } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import { findFractal } from './find-fractal.ts';
import { notYours } from './not-yours.ts';
import { planFractal } from './plan-fractal.ts';
import { livingEngines } from './start-over.ts';

/**
 * Has a failed fractal drawn again, from its first band, with the engine of this moment; one whose finished picture was lost with the engine that drew it, where a worker
 * has that. @throws {Fault} `not_found`, `conflict`, `denied`
 */
export async function retryFractal(
  { repository, pulse, engineVersion }: Pick<Ports, 'repository' | 'pulse' | 'engineVersion'>,
  id: FractalId,
  by: Identity,
): Promise<Fractal> {
  const failed = await findFractal({ repository }, id);
  const isWanted = failed.expectedChecksum !== null && (await livingEngines({ repository })).has(failed.engineVersion);
  const plan = planFractal(failed, isWanted ? failed.engineVersion : engineVersion);
  const outcome = await repository.fractals.retry(id, plan, (owner) => mayChange(by, owner));
  if (outcome === 'denied') throw notYours(id, 'retry');
  if (outcome === 'retried') pulse.beat();
  const fractal = await findFractal({ repository }, id);
  if (outcome === 'refused') {
    throw new Fault('conflict', `The fractal ${id} is ${fractal.state}: only a failed one can be tried again.`, {
      members: { state: fractal.state },
    });
  }
  return fractal;
}
