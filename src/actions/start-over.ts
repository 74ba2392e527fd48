import type { Ports } from '../domain/ports.ts';
import { planFractal } from './plan-fractal.ts';

/** A worker that was silent for longer is not coming back: long enough for one that is being restarted. */
const GONE_MS = 60_000;

/**
 * One picture comes from one engine version. While workers of an older version live they finish what they began; when the last has gone, and ours can go on,
 * it starts over with ours. @returns how many fractals did
 */
export async function startOverWithLivingEngines(ports: Pick<Ports, 'repository' | 'engineVersion'>): Promise<number> {
  const { repository, engineVersion } = ports;
  const living = new Set((await repository.workers.list(GONE_MS)).map((worker) => worker.engineVersion));
  if (!living.has(engineVersion)) return 0;
  return await repository.doorbells.startOver([...living], (fractal) => planFractal(fractal, engineVersion));
}
