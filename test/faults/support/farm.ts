import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xoshiro128 } from '../../../src/domain/xoshiro128.ts';
import type { OpenedDatabase } from '../../../src/repository/build.ts';
import { openSharedRepository } from '../../../src/repository/open.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import type { PrivateDatabase, PrivateServer } from '../../support/servers/private-server.ts';
import { freePort } from '../../support/servers/processes.ts';
import { type PrivateBroker, startRabbitmq } from '../../support/servers/rabbitmq.ts';
import { FaultProxy } from './fault-proxy.ts';
import { Part } from './part.ts';

/** Words that no log may hold: the password that the parts are given for broker and database. */
export const PLANTED_SECRET = 'hush-7e5a';

export interface FarmOptions {
  readonly seed: number;
  readonly database?: 'postgres' | 'mariadb';
  /** API processes, 2 by default; with images in files 1 */
  readonly apis?: number;
  /** worker processes, 2 by default, one thread each */
  readonly workers?: number;
  /** where images lie: in the database by default, so that several API processes share them */
  readonly store?: 'database' | 'files';
  /** more lines for rabbitmq.conf */
  readonly brokerConf?: readonly string[];
  /** more flags for every API */
  readonly apiFlags?: readonly string[];
  /** more flags for every worker */
  readonly workerFlags?: readonly string[];
  /** threads of each worker, 1 by default */
  readonly threads?: number;
  /** whether the database syncs its commits to the disk; not by default, which killed processes do not notice */
  readonly durable?: boolean;
  /** without links in between: for measuring */
  readonly direct?: boolean;
}

/**
 * A whole farm on this machine: RabbitMQ, a database, API and worker processes, and between any two of them a link that can be broken. Worker number i
 * speaks to API number i (modulo their count), clients to any.
 */
export class Farm implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #direct: boolean;
  readonly folder: string;
  readonly broker: PrivateBroker & KillCount;
  readonly database: PrivateDatabase & KillCount;
  /** straight to the database, past all links: for the checker */
  repository!: OpenedDatabase;
  readonly apis: Part[] = [];
  readonly workers: Part[] = [];
  #random: () => number;
  /** from a client to API i */
  readonly clientLinks: FaultProxy[] = [];
  /** from worker i to its API */
  readonly workLinks: FaultProxy[] = [];
  readonly workerBrokerLinks: FaultProxy[] = [];
  readonly apiBrokerLinks: FaultProxy[] = [];
  readonly apiDatabaseLinks: FaultProxy[] = [];

  private constructor(folder: string, broker: Farm['broker'], database: Farm['database'], seed: number, direct: boolean) {
    this.#direct = direct;
    this.folder = folder;
    this.broker = broker;
    this.database = database;
    this.#random = xoshiro128(seed);
  }

  static async open(options: FarmOptions): Promise<Farm> {
    const { seed, database = 'postgres', workers = 2, store = 'database', apis = store === 'files' ? 1 : 2 } = options;
    const folder = await mkdtemp(join(tmpdir(), 'faafo-faults-'));
    const conf = options.brokerConf ? { conf: options.brokerConf } : {};
    const [broker, server] = await Promise.all([
      startRabbitmq(conf),
      (database === 'postgres' ? startPostgres : startMariadb)({ durable: options.durable ?? false }),
    ]);
    const farm = new Farm(folder, countingKills(broker), countingKills(server), seed, options.direct ?? false);
    farm.#endWithThisProcess();
    farm.#stack.defer(() => rm(folder, { recursive: true, force: true }));
    farm.#stack.use(broker);
    farm.#stack.use(server);
    try {
      for (let i = 0; i < apis; i++) await farm.#addApi(i, store, options.apiFlags ?? []);
      for (let i = 0; i < workers; i++) await farm.#addWorker(i, options.threads ?? 1, options.workerFlags ?? []);
      await Promise.all(farm.parts.map((part) => part.start()));
      farm.repository = farm.#stack.use(await openSharedRepository(server.url, { name: 'checker', onWait: () => undefined }));
      return farm;
    } catch (error) {
      await farm[Symbol.asyncDispose]();
      throw error;
    }
  }

  get parts(): readonly Part[] {
    return [...this.apis, ...this.workers];
  }

  /** processes that were ended by SIGKILL; a server with all of its own counts as one */
  get kills(): number {
    return [...this.parts, this.broker, this.database].reduce((sum, { kills }) => sum + kills, 0);
  }

  get links(): readonly FaultProxy[] {
    return [...this.clientLinks, ...this.workLinks, ...this.workerBrokerLinks, ...this.apiBrokerLinks, ...this.apiDatabaseLinks];
  }

  /** Where clients find API number i. */
  url(i = 0): string {
    return `http://127.0.0.1:${this.#clientPorts[i % this.#clientPorts.length]}`;
  }

  /** @returns in [0, 1), the same for the same seed */
  random(): number {
    return this.#random();
  }

  /** Choices begin again. */
  sow(seed: number): void {
    this.#random = xoshiro128(seed);
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }

  /** Everything as it should be: links whole, servers and parts running. */
  async heal(): Promise<void> {
    for (const link of this.links) link.heal();
    this.broker.resume();
    this.database.resume();
    for (const part of this.parts) {
      if (part.isAlive) part.signal('SIGCONT');
      else await part.start();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  /** A runner that ends early must not leave parts behind; servers see to that themselves. */
  #endWithThisProcess(): void {
    const onExit = () => {
      for (const part of this.parts) if (part.isAlive) part.signal('SIGKILL');
    };
    process.once('exit', onExit);
    this.#stack.defer(() => void process.off('exit', onExit));
  }

  /** @returns the port under which the target is known from now on */
  async #link(links: FaultProxy[], target: () => number): Promise<number> {
    if (this.#direct) return target();
    const link = this.#stack.use(await FaultProxy.open(target));
    links.push(link);
    return link.port;
  }

  async #addApi(i: number, store: 'database' | 'files', more: readonly string[]): Promise<void> {
    const port = await freePort();
    this.#clientPorts.push(await this.#link(this.clientLinks, () => port));
    const broker = await this.#link(this.apiBrokerLinks, () => portOf(this.broker.url));
    const database = await this.#link(this.apiDatabaseLinks, () => portOf(this.database.url));
    const flags = [
      `--bind-port=${port}`,
      `--data-dir=${join(this.folder, `api-${i}`)}`,
      `--database-url=${through(this.database.url, database)}`,
      `--transport-url=${through(this.broker.url, broker)}`,
      `--storage-url=${store === 'database' ? 'database:' : `file://${this.folder}/images`}`,
      '--log-level=info',
      ...more,
    ];
    this.apis.push(this.#stack.use(new Part(`api-${i}`, { program: 'faafo-api', flags })));
    this.#apiPorts.push(port);
  }

  readonly #apiPorts: number[] = [];
  readonly #clientPorts: number[] = [];

  async #addWorker(i: number, threads: number, more: readonly string[]): Promise<void> {
    const api = await this.#link(this.workLinks, () => this.#apiPorts[i % this.#apiPorts.length]!);
    const broker = await this.#link(this.workerBrokerLinks, () => portOf(this.broker.url));
    const flags = [
      `--endpoint-url=http://127.0.0.1:${api}`,
      `--transport-url=${through(this.broker.url, broker)}`,
      `--threads=${threads}`,
      '--log-level=info',
      ...more,
    ];
    this.workers.push(this.#stack.use(new Part(`worker-${i}`, { program: 'faafo-worker', flags })));
  }
}

interface KillCount {
  readonly kills: number;
}

function countingKills<Server extends PrivateServer>(server: Server): Server & KillCount {
  const counting = {
    ...server,
    kills: 0,
    kill: async () => {
      counting.kills++;
      await server.kill();
    },
  };
  return counting;
}

export const portOf = (url: string): number => Number(new URL(url).port);

/** The same server behind a link, with the planted secret where it does not check passwords. */
function through(url: string, port: number): string {
  const linked = new URL(url);
  linked.port = String(port);
  if (linked.password === '' && linked.protocol.startsWith('postgres')) linked.password = PLANTED_SECRET;
  return linked.href;
}
