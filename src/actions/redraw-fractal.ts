import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { ObjectKey } from '../domain/store.ts';
import { planFractal } from './plan-fractal.ts';

/**
 * Has a finished fractal drawn again, with the engine of this moment, because its stored picture is damaged. Harmless when it was deleted, or
 * somebody else was faster.
 */
export async function redrawFractal(
  { repository, pulse, engineVersion }: Pick<Ports, 'repository' | 'pulse' | 'engineVersion'>,
  id: FractalId,
  damaged: ObjectKey,
): Promise<void> {
  const fractal = await repository.fractals.find(id);
  if (!fractal) return;
  const outcome = await repository.fractals.redraw(id, damaged, planFractal(fractal, engineVersion));
  if (outcome === 'redrawn') pulse.beat();
}
