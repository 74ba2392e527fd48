import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSharedRepository } from '../../src/repository/open.ts';
import { FaultProxy } from '../faults/support/fault-proxy.ts';
import { Part } from '../faults/support/part.ts';
import { order } from '../support/orders.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { PrivateDatabase } from '../support/servers/private-server.ts';
import { freePort } from '../support/servers/processes.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { describeTables } from '../support/tables-of.ts';

const APIS = 10;
/**
 * What a process is about to do to the tables when it is killed, and whether it is done all the same: a table in the midst of the first migration, rows that are
 * written once, and tables of a later migration. Each time another of the ten goes on from there.
 */
const MOMENTS = [
  { word: /create table .bands/, isDone: true },
  { word: /insert into history/, isDone: true },
  { word: /create index .events_by_time/, isDone: false },
  { word: /alter table .tallies. add/, isDone: true },
  { word: /create table .object_parts/, isDone: false },
];

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startRabbitmq();
});
afterAll(() => broker?.[Symbol.asyncDispose]());

/** Ten API processes, each with a link of its own to the database. */
class Ten implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly apis: Part[] = [];
  readonly urls: string[] = [];
  readonly links: FaultProxy[] = [];

  static async on(database: string): Promise<Ten> {
    const ten = new Ten();
    const folder = await mkdtemp(join(tmpdir(), 'faafo-ten-'));
    ten.#stack.defer(() => rm(folder, { recursive: true, force: true }));
    for (let i = 0; i < APIS; i++) {
      const url = new URL(database);
      const target = Number(url.port);
      const link = ten.#stack.use(await FaultProxy.open(() => target));
      url.port = String(link.port);
      const port = await freePort();
      const flags = [
        `--bind-port=${port}`,
        `--data-dir=${join(folder, String(i))}`,
        `--database-url=${url.href}`,
        `--transport-url=${broker.url}`,
        '--storage-url=database:',
      ];
      ten.apis.push(ten.#stack.use(new Part(`api-${i}`, { program: 'faafo-api', flags })));
      ten.links.push(link);
      ten.urls.push(`http://127.0.0.1:${port}`);
    }
    return ten;
  }

  /** Kills whoever is first to come to each of the moments, in their order. @returns those that were killed so far */
  killAtMoments(): ReadonlySet<number> {
    const killed = new Set<number>();
    const left = [...MOMENTS];
    for (const [i, link] of this.links.entries()) {
      link.watch(async (piece, to) => {
        const [next] = left;
        if (to === 'client' || !next?.word.test(piece.toString('latin1'))) return 'pass';
        left.shift();
        killed.add(i);
        await this.apis[i]!.kill();
        return next.isDone ? 'pass' : 'reset';
      });
    }
    return killed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

describe.each([
  ['PostgreSQL', startPostgres],
  ['MariaDB', startMariadb],
] as const)('an empty %s', (_, start) => {
  let server: PrivateDatabase;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('gets its tables once from ten processes that start together, of which five are killed in the midst', async () => {
    const alone = await server.createDatabase('alone');
    await (await openSharedRepository(alone, { name: 'alone', onWait: () => undefined }))[Symbol.asyncDispose]();
    const url = await server.createDatabase('ten');
    await using ten = await Ten.on(url);
    const killed = ten.killAtMoments();
    const started = await Promise.allSettled(ten.apis.map((api) => api.start()));
    expect(killed.size).toBe(MOMENTS.length);
    for (const [i, { status }] of started.entries()) expect([i, status]).toEqual([i, killed.has(i) ? 'rejected' : 'fulfilled']);
    for (const link of ten.links) link.watch(null);
    for (const i of killed) await ten.apis[i]!.start();

    expect(await describeTables(url)).toEqual(await describeTables(alone));
    for (const [i, base] of ten.urls.entries()) {
      expect((await fetch(`${base}/readyz`)).status).toBe(200);
      const { uuid } = await order(base);
      expect((await fetch(`${ten.urls[(i + 1) % APIS]}/v1/fractal/${uuid}`)).status).toBe(200);
    }
  }, 180_000);
});
