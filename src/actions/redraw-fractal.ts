import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { ObjectKey } from '../domain/store.ts';
import { planFractal } from './plan-fractal.ts';
import { hopelessWithout, livingEngines } from './start-over.ts';

/** What happened to a stored picture. */
export type Loss = 'damaged' | 'missing';

/**
 * Has a finished fractal drawn again, because its stored picture is damaged or missing: by the engine version that drew it, so that the same bytes come out. Where that
 * is gone the fractal fails with the reason, and what is left of the picture stays where it is. Harmless when it was deleted, or somebody else was faster.
 */
export async function redrawFractal(
  ports: Pick<Ports, 'repository' | 'pulse' | 'engineVersion'>,
  id: FractalId,
  lost: ObjectKey,
  loss: Loss,
): Promise<'drawn again' | 'given up' | 'changed meanwhile'> {
  const { repository, pulse, engineVersion: own } = ports;
  const fractal = await repository.fractals.find(id);
  if (fractal?.picture?.key !== lost) return 'changed meanwhile';
  const { engineVersion } = fractal;
  // What this process draws, or assembles, is drawn by workers of its release, now or later.
  const isLiving = engineVersion === own || (await livingEngines(ports)).has(engineVersion);
  if (isLiving) {
    const outcome = await repository.fractals.redraw(id, lost, planFractal(fractal, engineVersion));
    if (outcome !== 'redrawn') return 'changed meanwhile';
  } else {
    const reason = hopelessWithout(engineVersion, loss);
    const outcome = await repository.fractals.condemn(id, lost, reason);
    if (outcome !== 'condemned') return 'changed meanwhile';
  }
  pulse.beat();
  return isLiving ? 'drawn again' : 'given up';
}
