import { setImmediate } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';

interface Waiting<In, Out> {
  readonly one: In;
  readonly resolve: (answer: Out) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: calls that come while others are under way are made together, in the next batch. Alone, a call waits for nobody; under load a batch costs
 * little more than one, and the disk syncs once for all of it.
 * @param work makes a batch of calls in one transaction; its answers are in the order of the calls. A batch that fails is made again one by one, so that nobody
 * fails because of another; when the database is away all fail at once
 * @param most calls in one batch
 */
export function together<In, Out>(
  work: (batch: readonly In[]) => Promise<readonly Out[]>,
  most: number,
): (one: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  let isRunning = false;

  const answer = async (batch: readonly Waiting<In, Out>[]): Promise<void> => {
    try {
      const answers = await work(batch.map(({ one }) => one));
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i] as Out);
    } catch (error) {
      const isAway = error instanceof Fault && error.code === 'unavailable';
      if (batch.length === 1 || isAway) for (const { reject } of batch) reject(error);
      else for (const each of batch) await answer([each]);
    }
  };

  const run = async (): Promise<void> => {
    isRunning = true;
    // What has arrived with the first, on other connections, is in the same batch.
    await setImmediate();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      await answer(batch);
    }
    isRunning = false;
  };

  return (one) =>
    new Promise((resolve, reject) => {
      waiting.push({ one, resolve, reject });
      if (!isRunning) void run();
    });
}
