import type { Ports } from '../domain/ports.ts';
import { findLiveWorkers, throughputOf } from './read-status.ts';

/** Keeps what the farm does at this moment, unless another process has done so already. */
export async function takeReading({ repository }: Pick<Ports, 'repository'>): Promise<void> {
  if (!(await repository.readings.isDue())) return;
  const [{ waiting, leased, oldestMs }, workers, pause] = await Promise.all([
    repository.backlog.read(),
    findLiveWorkers({ repository }),
    repository.pause.read(),
  ]);
  const isPaused = pause !== null;
  await repository.readings.add({ ...throughputOf(workers), workers: workers.length, waiting, leased, oldestMs, isPaused });
}
