import type { Dispatcher } from '../domain/dispatcher.ts';
import { type Meters, stopwatch } from './meters.ts';

const CALLS = ['claim', 'renew', 'deliver', 'deliverAll', 'release', 'fail', 'report'] as const;
type Call = (typeof CALLS)[number];

/** The same dispatcher: what a worker asks the service, and how long the answers take. */
export function measuredDispatcher(dispatcher: Dispatcher, meters: Meters): Dispatcher {
  const durations = meters.histogram('faafo_worker_call_duration_seconds', 'From a call of the service to its answer', {
    call: CALLS,
  });
  const failures = meters.counter('faafo_worker_call_failures_total', 'Calls that were refused or not answered', { call: CALLS });
  const claims = meters.counter('faafo_worker_claims_total', 'Claims; nothing: the doorbell came twice, or too late', {
    result: ['band', 'nothing'],
  });
  const deliveries = meters.counter('faafo_worker_deliveries_total', 'Bands that were delivered, by the answer', {
    answer: ['accepted', 'stale', 'cancelled', 'unknown'],
  });
  const bytes = meters.counter('faafo_worker_delivered_bytes_total', 'Bytes of bands and thumbnails that were accepted');
  const timed = async <T>(call: Call, ask: () => Promise<T>): Promise<T> => {
    const seconds = stopwatch();
    try {
      const answer = await ask();
      durations.observe({ call }, seconds());
      return answer;
    } catch (error) {
      failures.inc({ call });
      throw error;
    }
  };
  return {
    claim: async (...words) => {
      const assignment = await timed('claim', () => dispatcher.claim(...words));
      claims.inc({ result: assignment ? 'band' : 'nothing' });
      return assignment;
    },
    deliver: async (...words) => {
      const [, band, thumbnail] = words;
      // Its bytes may be gone when it was delivered.
      const length = band.bytes.length + (thumbnail?.length ?? 0);
      const answer = await timed('deliver', () => dispatcher.deliver(...words));
      deliveries.inc({ answer });
      if (answer === 'accepted') bytes.inc(length);
      return answer;
    },
    deliverAll: async (all) => {
      const lengths = all.map(({ band, thumbnail }) => band.bytes.length + (thumbnail?.length ?? 0));
      const answers = await timed('deliverAll', () => dispatcher.deliverAll(all));
      for (const [i, answer] of answers.entries()) {
        // What was not decided is delivered once more, and counted then.
        if (answer !== null) deliveries.inc({ answer });
        if (answer === 'accepted') bytes.inc(lengths[i]!);
      }
      return answers;
    },
    renew: (...words) => timed('renew', () => dispatcher.renew(...words)),
    release: (...words) => timed('release', () => dispatcher.release(...words)),
    fail: (...words) => timed('fail', () => dispatcher.fail(...words)),
    report: (...words) => timed('report', () => dispatcher.report(...words)),
  };
}
