import type { Store } from '../domain/store.ts';
import { type Meters, stopwatch } from './meters.ts';

const OPERATIONS = ['put', 'get', 'remove'] as const;
type Operation = (typeof OPERATIONS)[number];

/** The same store, its calls timed. A get is timed to its first byte: the rest is the reader's pace. */
export function measuredStore(store: Store, meters: Meters): Store {
  const durations = meters.histogram('faafo_store_operation_duration_seconds', 'Writing, opening and removing objects', {
    operation: OPERATIONS,
  });
  const failures = meters.counter('faafo_store_failures_total', 'Calls of the store that failed', { operation: OPERATIONS });
  const timed = async <T>(operation: Operation, call: () => Promise<T>): Promise<T> => {
    const seconds = stopwatch();
    try {
      const answer = await call();
      durations.observe({ operation }, seconds());
      return answer;
    } catch (error) {
      failures.inc({ operation });
      throw error;
    }
  };
  return {
    put: (...words) => timed('put', () => store.put(...words)),
    get: (...words) => timed('get', () => store.get(...words)),
    remove: (...words) => timed('remove', () => store.remove(...words)),
    hasRoom: (...words) => store.hasRoom(...words),
    space: () => store.space(),
    ping: () => store.ping(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
