import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { order } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fuzz } from './fuzz.ts';
import { openToCallers } from './support/callers.ts';
import { documentedOperations, pageOperations } from './support/operations.ts';

describe('the API under a thousand requests of every kind', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  beforeAll(async () => {
    folder = await temporaryFolder();
    api = await startApi({
      dataDir: folder.path,
      flags: ['--max-side', '200', '--max-iterations', '1000', '--max-cost', '1000000'],
    });
  });
  afterAll(async () => {
    await api.stop();
    await folder[Symbol.asyncDispose]();
  });

  it('answers each as docs/openapi.json says', async () => {
    for (let i = 0; i < 10; i++) await order(api.url);
    const seed = Number(process.env.SEED ?? 7);
    const count = Number(process.env.COUNT ?? 1_500);
    const callers = await openToCallers(api.url);
    const operations = [...documentedOperations(), ...pageOperations()];
    const { sent, statuses, pairs, wrong } = await fuzz({
      url: api.url,
      operations,
      callers,
      count,
      seed,
    });
    if (process.env.SHOW) console.log(statuses);
    expect(wrong.join('\n')).toBe('');
    expect(sent).toBeGreaterThanOrEqual(count);
    expect(Object.keys(pairs)).toHaveLength(operations.length * callers.length);
    expect(api.process.exitCode).toBeNull();
    expect(api.log()).not.toMatch(/"level":(?:50|60)/);
  }, 300_000);
});
