import { DatabaseSync } from 'node:sqlite';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { Repository } from '../../src/domain/repository.ts';
import { openSharedRepository } from '../../src/repository/open.ts';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { aFractal, aSpec } from '../support/specs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** As an older release left it. */
const UNDO = [
  'drop table kinds',
  'drop table audit_notes',
  'alter table fractals drop column formula',
  'alter table fractals drop column palette',
  'alter table fractals drop column drawn_by',
  "delete from kysely_migration where name >= '0011'",
];
const indexes = ['fractals_by_kind', 'fractals_by_owner_kind'];

/** A database in which fractals were ordered before kinds were counted, and is opened by this release again. */
async function expectCounted(open: () => Promise<Repository & AsyncDisposable>, undo: (statements: string[]) => Promise<void>) {
  const orders = [
    aFractal({ spec: aSpec({ formula: 'tricorn', palette: 'ember' }), owner: 'ann' }),
    aFractal({ spec: aSpec({ formula: 'tricorn', palette: 'sepia' }) }),
    aFractal({ spec: aSpec({ formula: 'julia', palette: 'ember' }), owner: 'ann' }),
  ];
  {
    await using before = await open();
    for (const order of orders) await before.fractals.add(order);
    await before.fractals.cancel(orders[0]!.id);
  }
  await undo(UNDO);
  await using after = await open();
  const found = async (filter: Parameters<Repository['fractals']['list']>[0]) => {
    const fractals = await after.fractals.list(filter, { limit: 10 });
    expect(await after.fractals.count(filter)).toBe(fractals.length);
    return fractals.map(({ id }) => orders.findIndex((order) => order.id === id));
  };
  expect(await found({ formula: 'tricorn' })).toEqual([1, 0]);
  expect(await found({ palette: 'ember' })).toEqual([2, 0]);
  expect(await found({ owner: 'ann', state: 'queued' })).toEqual([2]);
  expect(await found({ formula: 'tricorn', palette: 'ember', state: 'cancelled', owner: 'ann' })).toEqual([0]);
}

describe('fractals of a release that did not count kinds', () => {
  it('are counted by kind when SQLite is opened', async () => {
    await using home = await temporaryFolder();
    const path = `${home.path}/faafo.db`;
    await expectCounted(
      () => openSqliteRepository(path),
      async (statements) => {
        const db = new DatabaseSync(path);
        for (const index of indexes) db.exec(`drop index ${index}`);
        for (const statement of statements) db.exec(statement);
        db.close();
      },
    );
  });

  it('are counted by kind when PostgreSQL is opened', async () => {
    await using server = await startPostgres();
    await expectCounted(
      () => openSharedRepository(server.url, { name: 'kinds', onWait: () => undefined }),
      async (statements) => {
        const client = new pg.Client({ connectionString: server.url });
        await client.connect();
        for (const statement of statements) await client.query(statement);
        await client.end();
      },
    );
  });

  it('are counted by kind when MariaDB is opened', async () => {
    await using server = await startMariadb();
    await expectCounted(
      () => openSharedRepository(server.url, { name: 'kinds', onWait: () => undefined }),
      async (statements) => {
        const connection = await createConnection(server.url);
        for (const index of indexes) await connection.query(`drop index ${index} on fractals`);
        for (const statement of statements) await connection.query(statement);
        await connection.query("delete from begun_migrations where name >= '0011'");
        await connection.end();
      },
    );
  });
});
