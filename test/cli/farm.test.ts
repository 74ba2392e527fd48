import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { COST_UNIT } from '../../src/domain/spec.ts';
import type { FarmStatus } from '../../src/http/farm-schemas.ts';
import { addPoisoned, aReport, serveParts } from '../support/farm.ts';
import { everyFractal, finished, order, SIEGEL_DISC } from '../support/orders.ts';
import { type Ran, runFaafo } from '../support/run-faafo.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

async function done(api: string, ...words: string[]): Promise<string> {
  const ran = await runFaafo(api, words);
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout;
}

describe('faafo retry', () => {
  it('draws what has failed again; faafo show says why it had', async () => {
    await using folder = await temporaryFolder();
    const uuid = await addPoisoned(folder.path);
    await using api = await startApi({ dataDir: folder.path });
    const reason = 'A part of this picture ended its worker 5 times; it was given up.';
    expect(await done(api.url, 'show', uuid)).toMatch(new RegExp(`\\| error +\\| ${reason} *\\|`));
    expect(JSON.parse(await done(api.url, 'show', uuid, '-f', 'json'))).toMatchObject({ state: 'failed', error: reason });

    expect(await done(api.url, 'retry', uuid.slice(0, 13))).toBe('');
    await finished(api.url, uuid);
    expect(await done(api.url, 'show', uuid, '-c', 'error', '-f', 'value')).toBe('-\n');
    const again = await runFaafo(api.url, ['retry', uuid]);
    expect(again).toEqual({
      status: 1,
      stdout: '',
      stderr: `faafo: The fractal ${uuid} is done: only a failed one can be tried again.\n`,
    });
  });
});

describe('faafo workers and faafo status', () => {
  it('show who draws, how fast, and what waits', async () => {
    await using folder = await temporaryFolder();
    await using api = await serveParts(folder.path);
    const { uuid } = await order(api.url, {
      uuid: '154c7b41-108e-4696-a059-1bde9bf03d0a',
      width: 1024,
      height: 1024,
      iterations: 10,
    });
    const { workers } = api.ports.repository;
    const work = [0, 1, 2].map((band) => ({ fractal: uuid as FractalId, band, ms: 2_400 + band * 70_000 }));
    await workers.report(
      aReport({
        threads: 3,
        load: 1.256,
        uptime: 3_700,
        bands: 1_234,
        speed: 1_900,
        bandsPerSecond: 12.34,
        state: 'working',
        work,
      }),
    );
    await workers.report(aReport({ id: 'w2', host: 'app-worker-2', bandsPerSecond: 0 }));

    expect(await done(api.url, 'workers')).toBe(`\
+--------------+---------+---------+------+-------+---------+-----------------------------------------------------------+
| Host         | State   | Threads | Load | Bands | Bands/s | Doing                                                     |
+--------------+---------+---------+------+-------+---------+-----------------------------------------------------------+
| app-worker-1 | working | 3       | 1.26 | 1234  | 12.3    | 154c7b41 band 0 (2 s), 154c7b41 band 1 (1 min) and 1 more |
| app-worker-2 | waiting | 2       | 0.50 | 7     | 0       | -                                                         |
+--------------+---------+---------+------+-------+---------+-----------------------------------------------------------+
`);
    expect(await done(api.url, 'workers', '-f', 'value', '-c', 'host', '-c', 'doing')).toBe(
      'app-worker-1 154c7b41 band 0 (2 s), 154c7b41 band 1 (1 min), 154c7b41 band 2 (2 min)\napp-worker-2 -\n',
    );
    expect(await done(api.url, 'workers', '-f', 'value', '-c', 'id', '-c', 'steps/s')).toContain('w2 0\n');
    expect(await done(api.url, 'workers', '-c', 'uptime', '-c', 'steps/s')).toContain('| 1 h 1 min | 1.99B   |');

    expect(JSON.parse(await done(api.url, 'status', '-f', 'json'))).toEqual({
      queued: 1,
      rendering: 0,
      assembling: 0,
      done: 0,
      failed: 0,
      cancelled: 0,
      bands_waiting: expect.any(Number),
      bands_leased: 0,
      oldest_waiting: expect.any(Number),
      outstanding_steps: 10 * COST_UNIT,
      stored_bytes: 0,
      workers: 2,
      threads: 5,
      bands_per_second: 12.34,
      steps_per_second: 1_900 * COST_UNIT,
      pictures_checked: 0,
      found_damaged: 0,
      found_missing: 0,
      all_checked_at: null,
      paused_since: null,
      paused_by: null,
      paused_why: null,
      queue_depth: 0,
    });
    const table = await done(api.url, 'status');
    for (const row of ['outstanding_steps | 10.5M', 'steps_per_second  | 1.99B', 'queue_depth       | 0']) {
      expect(table).toContain(`| ${row} `);
    }
  });

  it('says that the queue is away', async () => {
    await using folder = await temporaryFolder();
    const away = async (): Promise<never> => {
      throw new Fault('unavailable', 'The broker is away.');
    };
    await using api = await serveParts(folder.path, { ringer: { ring: away, depth: away, ping: away } });
    const { status, stdout, stderr } = await runFaafo(api.url, ['status', '-f', 'value', '-c', 'queue_depth']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '-\n' });
    expect(stderr).toMatch(/^faafo: the work queue cannot be reached: [^\n]+\n$/);
  });
});

describe('faafo pause and faafo resume', () => {
  it('stop and start what is drawn; faafo status says since when, by whom and why', async () => {
    await using folder = await temporaryFolder();
    await using api = await startApi({ dataDir: folder.path });
    expect(await done(api.url, 'pause', '--why', 'new disks, until noon')).toBe('');
    const { uuid } = await order(api.url);
    const { status, stdout, stderr } = await runFaafo(api.url, ['status', '-f', 'json']);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'faafo: the queue is paused: orders are kept, and drawn after faafo resume.\n',
    });
    const { paused_since, paused_by, paused_why } = JSON.parse(stdout);
    expect({ paused_by, paused_why }).toEqual({ paused_by: null, paused_why: 'new disks, until noon' });
    expect(Math.abs(Date.parse(paused_since) - Date.now())).toBeLessThan(60_000);
    expect((await runFaafo(api.url, ['status'])).stdout).toMatch(/\| paused_since +\| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\|/);
    expect(await finished(api.url, uuid, 'queued')).toMatchObject({ progress: 0 });
    expect(await done(api.url, 'resume')).toBe('');
    await finished(api.url, uuid);
    expect(await done(api.url, 'resume')).toBe('');
    expect(await runFaafo(api.url, ['pause', '--why', ' '])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/1 to 200/),
    });
    const lines = await runFaafo(api.url, ['pause', '--why', 'two\nlines']);
    expect(lines).toMatchObject({ status: 1, stderr: expect.stringMatching(/one line/) });
  });
});

describe('faafo create', () => {
  const ORDERS = 40;
  const AT_A_TIME = 10;

  it(`waits while too much of this client is unfinished, and goes on: ${ORDERS} of them all succeed`, async () => {
    await using folder = await temporaryFolder();
    const size = { width: 512, height: 512, iterations: 800 };
    const roomForTwo = String(2.5 * size.width * size.height * size.iterations);
    await using api = await startApi({ dataDir: folder.path, flags: ['--max-client-cost', roomForTwo, '--threads', '1'] });
    // Work to measure the throughput by, so that nobody is sent away for longer than it takes.
    await finished(api.url, (await order(api.url, { ...SIEGEL_DISC, ...size, iterations: 5_000 })).uuid);
    await until(async () => {
      const status = (await (await fetch(`${api.url}/v1/status`)).json()) as FarmStatus;
      return status.throughput.steps_per_second > 0;
    });
    const words = ['create', '--tasks', '1', ...optionsOf({ ...SIEGEL_DISC, ...size })];
    const ran: Ran[] = [];
    let left = ORDERS;
    const createSome = async (): Promise<void> => {
      while (left-- > 0) ran.push(await runFaafo(api.url, words));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, createSome));

    expect(ran.filter(({ status }) => status !== 0)).toEqual([]);
    const uuids = new Set(ran.map(({ stdout }) => stdout.trim()));
    expect(uuids.size).toBe(ORDERS);
    expect(api.log()).toMatch(/"status":429/);
    expect(ran.map(({ stderr }) => stderr).join('')).toMatch(
      /^faafo: Your unfinished orders cost \d+ already .*: order again in \d+ s\. Trying again\.$/m,
    );
    for (const uuid of uuids) await finished(api.url, uuid);
    expect(await everyFractal(api.url)).toHaveLength(ORDERS + 1);
  }, 180_000);
});

/** As the command line has them: c_re is --c-re. */
const optionsOf = (order: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(order).flatMap(([name, value]) => [`--${name.replace('_', '-')}`, String(value)]);
