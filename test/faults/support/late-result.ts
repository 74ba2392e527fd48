import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { Farm } from './farm.ts';
import type { Verdict } from './fault-proxy.ts';
import { runSql } from './sql.ts';

/** A result that is on its way from a worker which was stopped in that moment. */
export interface LateResult {
  readonly fractal: string;
  readonly band: number;
  readonly attempt: number;
  /** Lets worker and result go on. @returns the status that the result is answered with */
  goOn(): Promise<number>;
}

const RESULT = /^PUT \/v1\/work\/result\?(\S+) /;

/** Stops a worker when it next delivers, before a byte of that has gone on. */
export async function stopAtResult(farm: Farm, worker: number): Promise<LateResult> {
  const link = farm.workLinks[worker]!;
  const part = farm.workers[worker]!;
  const seen = Promise.withResolvers<URLSearchParams>();
  const mayGoOn = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<number>();
  let held: object | null = null;
  link.watch(async (piece, to, conversation): Promise<Verdict> => {
    const text = piece.toString('latin1');
    const query = held === null && to === 'server' ? RESULT.exec(text)?.[1] : undefined;
    if (query !== undefined) {
      held = conversation;
      part.signal('SIGSTOP');
      seen.resolve(new URLSearchParams(query));
      await mayGoOn.promise;
    } else if (to === 'client' && conversation === held) answered.resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]));
    return 'pass';
  });
  const words = await within(60_000, seen.promise, 'a result of the worker');
  return {
    fractal: words.get('fractal') ?? '',
    band: Number(words.get('band')),
    attempt: Number(words.get('attempt')),
    goOn: async () => {
      mayGoOn.resolve();
      part.signal('SIGCONT');
      const status = await within(30_000, answered.promise, 'the answer to a late result');
      link.watch(null);
      return status;
    },
  };
}

async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  const late = sleep(ms, undefined, { ref: false }).then(() => {
    throw new Error(`${what} did not come within ${ms / 1000} s`);
  });
  return await Promise.race([promise, late]);
}

/** Resolves when another worker has claimed the band. @throws when none does within a minute */
export async function takenOver(farm: Farm, { fractal, band, attempt }: LateResult): Promise<void> {
  await until(async () => {
    const text =
      'select b.attempt from bands b join fractals f on f.seq = b.fractal_seq where f.uuid = $1 and b.band = $2 and b.attempt = $3';
    // Bands are gone when the picture is done.
    return (await runSql(farm.database.url, text, [fractal, band, attempt])).length === 0;
  }, 60_000);
}
