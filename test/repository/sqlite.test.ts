import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { ledgerContract } from '../contract/ledger.ts';
import { repositoryContract } from '../contract/repository.ts';
import { storeContract } from '../contract/store.ts';
import { aFractal } from '../support/specs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the repository on SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faafo-test-'));
  afterAll(() => rm(folder, { recursive: true }));
  repositoryContract(() => openSqliteRepository(join(folder, 'deep', 'er', 'faafo.db')));

  ledgerContract(() => openSqliteRepository(join(folder, 'ledger.db')));

  describe('its objects', () => {
    storeContract(async () => {
      const repository = await openSqliteRepository(join(folder, 'objects.db'));
      return { ...repository.objects, [Symbol.asyncDispose]: () => repository[Symbol.asyncDispose]() };
    });
  });

  it('keeps everything over a restart, its history too', async () => {
    await using home = await temporaryFolder();
    const path = join(home.path, 'faafo.db');
    const order = aFractal();
    let epoch: string;
    {
      await using first = await openSqliteRepository(path);
      await first.fractals.add(order);
      epoch = await first.events.epoch();
    }
    await using second = await openSqliteRepository(path);
    expect((await second.fractals.find(order.id))?.spec).toEqual(order.spec);
    expect(await second.events.epoch()).toBe(epoch);
  });

  it('forgets readings that are older than an hour', async () => {
    await using home = await temporaryFolder();
    const path = join(home.path, 'faafo.db');
    await using repository = await openSqliteRepository(path);
    const add = () =>
      repository.readings.add({
        ...{
          bandsPerSecond: 1,
          pixelsPerSecond: 2,
          speed: 3,
          workers: 4,
          waiting: 5,
          leased: 6,
          oldestMs: null,
          isPaused: false,
        },
      });
    await add();
    const [{ at } = { at: 0 }] = await repository.readings.list();
    using beside = new DatabaseSync(path);
    const copy = beside.prepare('insert into readings select ?, 1, 2, 3, 4, 5, 6, null, 0');
    for (const age of [3_700_000, 3_600_000, 3_500_000]) copy.run(at - age);
    await add();
    expect((await repository.readings.list()).map((reading) => at - reading.at).filter((age) => age > 0)).toEqual([3_500_000]);
  });

  it('refuses a second process on the same file, and lets it in when the first has gone', async () => {
    await using home = await temporaryFolder();
    const path = join(home.path, 'faafo.db');
    const first = await openSqliteRepository(path);
    await expect(openSqliteRepository(path)).rejects.toMatchObject({ code: 'conflict', message: /Another faafo process/ });
    await first[Symbol.asyncDispose]();
    await (await openSqliteRepository(path))[Symbol.asyncDispose]();
  });

  it('says so when the file is no database', async () => {
    await using home = await temporaryFolder();
    const path = join(home.path, 'faafo.db');
    await writeFile(path, 'no database at all, but long enough to be taken for one'.repeat(100));
    await expect(openSqliteRepository(path)).rejects.toMatchObject({ code: 'unavailable', message: /cannot be opened/ });
  });
});
