import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Readiness } from '../../src/actions/readiness.ts';
import { Farm } from '../faults/support/farm.ts';
import { order } from '../support/orders.ts';
import { runProgram } from '../support/servers/private-server.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

interface Told extends Pick<Readiness, 'dependencies'> {
  readonly http: number;
  readonly ms: number;
  readonly status: unknown;
  readonly detail?: string;
}

async function ready(url: string): Promise<Told> {
  const asked = performance.now();
  const response = await fetch(`${url}/readyz`);
  const body = (await response.json()) as Told;
  return { ...body, http: response.status, ms: performance.now() - asked };
}

const dependency = ({ dependencies }: Told, name: string) => dependencies[name]!;
const statusesOf = ({ dependencies }: Pick<Readiness, 'dependencies'>) =>
  Object.fromEntries(Object.entries(dependencies).map(([name, { status }]) => [name, status]));

const ALL_WELL = { database: 'ok', store: 'ok', queue: 'ok', workers: 'ok' };

describe('readiness on a farm', () => {
  let farm: Farm;
  beforeAll(async () => {
    farm = await Farm.open({ seed: 1, apis: 1, workers: 1 });
  });
  afterAll(() => farm?.[Symbol.asyncDispose]());

  const settled = () => until(async () => ((await ready(farm.url())).status === 'ok' ? true : null), 60_000);

  it('tells of each dependency, and how long it took', async () => {
    await settled();
    const { http, status, dependencies } = await ready(farm.url());
    expect([http, status, statusesOf({ dependencies })]).toEqual([200, 'ok', ALL_WELL]);
    for (const { ms } of Object.values(dependencies)) expect(ms).toBeLessThan(1_500);
  });

  it('tells within 2 s that the database hangs, also to a thousand who ask together, and that it is back', async () => {
    await farm.database.pause();
    try {
      const first = await until(async () => {
        const told = await ready(farm.url());
        return told.http === 503 ? told : null;
      });
      expect(first.ms).toBeLessThan(2_000);
      expect(statusesOf(first)).toMatchObject({ database: 'unavailable', store: 'unavailable', queue: 'ok' });
      expect(first.detail).toMatch(/Not ready\. database: It has not answered for 1\.\d s\./);
      const [asked, before] = [performance.now(), await connectionsOf(farm)];
      const all = await Promise.all(Array.from({ length: 1_000 }, () => ready(farm.url())));
      expect(all.every(({ http }) => http === 503)).toBe(true);
      expect(performance.now() - asked).toBeLessThan(10_000);
      expect(await connectionsOf(farm)).toBeLessThanOrEqual(before + 2);
      expect((await fetch(`${farm.url()}/healthz`)).status).toBe(200);
    } finally {
      farm.database.resume();
    }
    await settled();
  }, 90_000);

  it('tells that the broker is gone, and takes orders all the same', async () => {
    await farm.broker.kill();
    const told = await until(async () => {
      const now = await ready(farm.url());
      return dependency(now, 'queue').status === 'ok' ? null : now;
    });
    expect([told.http, told.status]).toEqual([200, 'impaired']);
    expect(statusesOf(told)).toMatchObject({ database: 'ok', store: 'ok', queue: 'unavailable' });
    expect(dependency(told, 'queue').detail).toMatch(/^RabbitMQ at /);
    await order(farm.url());
    await farm.broker.start();
    await settled();
  }, 90_000);

  it('tells that the broker takes no messages', async () => {
    await farm.broker.ctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    try {
      // A server tells it to those who publish.
      const told = await until(async () => {
        await order(farm.url());
        const now = await ready(farm.url());
        return dependency(now, 'queue').status === 'ok' ? null : now;
      });
      expect(dependency(told, 'queue').detail).toMatch(/takes no messages now/);
      expect(told.http).toBe(200);
    } finally {
      await farm.broker.ctl('set_vm_memory_high_watermark', 'absolute', '512MB');
    }
    await settled();
  }, 90_000);

  it('tells that no worker is there', async () => {
    await farm.workers[0]!.stop();
    const told = await until(async () => {
      const now = await ready(farm.url());
      return dependency(now, 'workers').status === 'ok' ? null : now;
    });
    expect([told.http, told.status, dependency(told, 'workers').detail]).toEqual([
      200,
      'impaired',
      'No worker has reported for 15 s.',
    ]);
    await farm.workers[0]!.start();
    await settled();
  }, 90_000);
});

describe('readiness on one machine', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'fails while the store can only be read',
    async () => {
      await using folder = await temporaryFolder();
      const images = join(folder.path, 'images');
      await mkdir(images);
      await runProgram(['mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', images]);
      try {
        await using api = await startApi({ dataDir: folder.path });
        await until(async () => ((await ready(api.url)).status === 'ok' ? true : null));
        await runProgram(['mount', '-o', 'remount,ro', images]);
        const told = await until(async () => {
          const now = await ready(api.url);
          return now.http === 503 ? now : null;
        });
        expect(statusesOf(told)).toEqual({ ...ALL_WELL, store: 'unavailable' });
        expect(dependency(told, 'store').detail).toMatch(/cannot be used \(EROFS\)/);
        await runProgram(['mount', '-o', 'remount,rw', images]);
        await until(async () => ((await ready(api.url)).http === 200 ? true : null));
      } finally {
        await runProgram(['umount', images]);
      }
    },
    90_000,
  );
});

describe('readiness on a database', () => {
  it('fails when an older backup was restored under a running service', async () => {
    await using folder = await temporaryFolder();
    await using api = await startApi({ dataDir: folder.path });
    await until(async () => ((await ready(api.url)).status === 'ok' ? true : null));
    const database = new DatabaseSync(join(folder.path, 'faafo.db'), { timeout: 5_000 });
    const [newest] = database.prepare('select * from kysely_migration order by name desc limit 1').all();
    database.prepare('delete from kysely_migration where name = ?').run(newest!.name!);
    const told = await until(async () => {
      const now = await ready(api.url);
      return now.http === 503 ? now : null;
    });
    expect(statusesOf(told)).toEqual({ ...ALL_WELL, database: 'unavailable' });
    expect(dependency(told, 'database').detail).toMatch(
      /^The tables of the database are older than this release .* Restart this process/,
    );
    const { name, timestamp } = newest!;
    database.prepare('insert into kysely_migration (name, timestamp) values (?, ?)').run(name!, timestamp!);
    database.close();
    await until(async () => ((await ready(api.url)).status === 'ok' ? true : null));
  }, 90_000);
});

/** Connections that the API has with the database, as the link between them sees them. */
async function connectionsOf(farm: Farm): Promise<number> {
  return farm.apiDatabaseLinks[0]!.connections;
}
