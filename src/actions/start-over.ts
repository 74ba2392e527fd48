import type { Fractal } from '../domain/fractal.ts';
import type { Ports } from '../domain/ports.ts';
import type { Hopeless, Plan } from '../domain/repository.ts';
import { planFractal } from './plan-fractal.ts';

/** A worker that was silent for longer is not coming back: long enough for one that is being restarted. */
const GONE_MS = 60_000;

/** The engine versions of the workers that live. */
export async function livingEngines({ repository }: Pick<Ports, 'repository'>): Promise<Set<string>> {
  return new Set((await repository.workers.list(GONE_MS)).map((worker) => worker.engineVersion));
}

/** Why a picture that was stored once cannot be had again. */
export function hopelessWithout(engineVersion: string, loss: 'damaged' | 'missing'): string {
  return `The stored picture is ${loss}, and no worker has engine version ${engineVersion}, which drew it: try again when one has for the same picture, or now for one with other bytes.`;
}

/**
 * One picture comes from one engine version. While workers of an older version live they finish what they began; when the last has gone, and ours can go on,
 * it starts over with ours. @returns how many fractals did
 */
export async function startOverWithLivingEngines(ports: Pick<Ports, 'repository' | 'engineVersion'>): Promise<number> {
  const living = await livingEngines(ports);
  return living.has(ports.engineVersion) ? await startOver(ports, living) : 0;
}

/** What no engine of these can go on with starts over with ours. But a picture that must have the bytes it had is given up. @returns how many fractals it was */
export async function startOver(
  { repository, engineVersion }: Pick<Ports, 'repository' | 'engineVersion'>,
  living: Iterable<string>,
): Promise<number> {
  const fresh = (fractal: Fractal): Plan | Hopeless => {
    if (fractal.expectedChecksum === null) return planFractal(fractal, engineVersion);
    return { reason: hopelessWithout(fractal.engineVersion, 'damaged') };
  };
  return await repository.doorbells.startOver([...living], fresh);
}
