import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken } from '../../src/actions/manage-tokens.ts';
import type { Role } from '../../src/domain/access.ts';
import { ENGINE_VERSION } from '../../src/engine/version.ts';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { makeAuthority } from '../support/certificates.ts';
import { aReport } from '../support/farm.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { type PrivateServer, runProgram } from '../support/servers/private-server.ts';
import { freePort } from '../support/servers/processes.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { cleanEnvironment, type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

interface Found {
  readonly Status: 'ok' | 'warn' | 'fail';
  readonly Check: string;
  readonly Detail: string;
  readonly Mend: string | null;
}

const PASSWORD = 'swordfish';
let broker: PrivateBroker;
let postgres: PrivateServer;
let api: RunningApi;
let data: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  data = await temporaryFolder();
  [broker, postgres, api] = await Promise.all([startRabbitmq(), startPostgres(), startApi({ dataDir: data.path })]);
});
afterAll(() => Promise.all([broker, postgres, api, data].map((each) => each?.[Symbol.asyncDispose]())));

/** What faafo doctor finds, and what it would say to a person. */
async function doctor(words: readonly string[], env: NodeJS.ProcessEnv = {}, endpoint = api.url) {
  const ran = await runFaafo(endpoint, ['doctor', '-f', 'json', ...words], {
    env: { ...cleanEnvironment(), FAAFO_ENDPOINT_URL: endpoint, ...env },
  });
  expect(`${ran.stdout}${ran.stderr}`).not.toContain(PASSWORD);
  const found = JSON.parse(ran.stdout) as Found[];
  for (const { Status, Mend } of found) expect(Mend === null).toBe(Status === 'ok');
  expect(ran.status).toBe(found.some(({ Status }) => Status === 'fail') ? 1 : 0);
  return { ...ran, found, not: (status: Found['Status']) => found.filter(({ Status }) => Status !== status) };
}

const wrong = async (...words: Parameters<typeof doctor>) => (await doctor(...words)).not('ok');
const failing = (Check: string, detail: RegExp, mend = /./) => ({
  Status: 'fail',
  Check,
  Detail: expect.stringMatching(detail),
  Mend: expect.stringMatching(mend),
});
const warning = (...words: Parameters<typeof failing>) => ({ ...failing(...words), Status: 'warn' });

/** A data folder as a service leaves it. */
async function usedFolder(
  path: string,
  change: (repository: Awaited<ReturnType<typeof openSqliteRepository>>) => Promise<unknown>,
) {
  const file = join(path, 'faafo.db');
  await using repository = await openSqliteRepository(file);
  await change(repository);
  return file;
}

const token = async (repository: Awaited<ReturnType<typeof openSqliteRepository>>, role: Role, days = 90) =>
  (await createToken(repository, { name: `some-${role}`, role, expiresInMs: days * 86_400_000 })).token;

describe('faafo doctor', () => {
  it('finds nothing wrong with a good service, where it runs and from elsewhere, and changes nothing', async () => {
    const before = await readdir(data.path);
    const there = await doctor(['--data-dir', data.path]);
    expect(there.not('ok')).toEqual([]);
    const checks = there.found.map(({ Check }) => Check);
    expect(new Set(checks)).toEqual(
      new Set(['configuration', 'node', 'database', 'data folder', 'store', 'disk', 'workers', 'queue', 'exposure', 'tokens']),
    );
    expect(await readdir(data.path)).toEqual(before);
    const elsewhere = await doctor([]);
    expect(elsewhere.not('ok')).toEqual([]);
    expect(elsewhere.found.map(({ Check }) => Check)).toEqual([
      'configuration',
      'node',
      'api',
      'api',
      'readiness',
      'version',
      'token',
    ]);
    const { stdout, status } = await runFaafo(api.url, ['doctor']);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^ok {4}node {11}Node\.js v24/m)]);
  });

  it('is at ease with a service that was never started', async () => {
    await using folder = await temporaryFolder();
    const { found } = await doctor(['--data-dir', join(folder.path, 'new')]);
    expect(found.filter(({ Status }) => Status !== 'ok')).toEqual([]);
    expect(found.map(({ Detail }) => Detail).join()).toMatch(/made at the first start/);
    expect(existsSync(join(folder.path, 'new'))).toBe(false);
  });

  it('says which setting cannot be, and which file others may read', async () => {
    await using folder = await temporaryFolder();
    expect(await wrong(['--bind-port', 'many'])).toEqual([failing('configuration', /--bind-port: must be a whole number/)]);
    const file = join(folder.path, 'faafo.conf');
    await writeFile(file, `transport_url = amqp://faafo:${PASSWORD}@127.0.0.1/\n`, { mode: 0o644 });
    const found = await wrong(['--as', 'client'], { FAAFO_CONFIG_FILE: file });
    expect(found).toEqual([warning('configuration', /others may read .* holds a password/, /^chmod 600 /)]);
    await chmod(file, 0o600);
    expect(await wrong(['--as', 'client'], { FAAFO_CONFIG_FILE: file })).toEqual([]);
  });

  it('says what is wrong with the database', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const away = ['--database-url', `postgresql://faafo:${PASSWORD}@127.0.0.1:${port}/faafo`, '--data-dir', folder.path];
    expect(await wrong(away)).toEqual([failing('database', /ECONNREFUSED/, /Start it/)]);
    const none = new URL(postgres.url);
    none.pathname = '/nothing';
    const other = ['--database-url', none.href, '--data-dir', folder.path];
    expect(await wrong(other)).toEqual([failing('database', /"nothing" does not exist/)]);
    const fresh = ['--database-url', postgres.url, '--data-dir', folder.path];
    expect(await wrong(fresh)).toEqual([warning('database', /no tables yet/, /when it starts/)]);
    await writeFile(
      join(folder.path, 'faafo.db'),
      'this is no database, but long enough to be looked at as if it were one'.repeat(20),
    );
    expect(await wrong(['--data-dir', folder.path])).toEqual([failing('database', /not a database/)]);
  });

  it('says whether its tables are of another release', async () => {
    await using folder = await temporaryFolder();
    const file = await usedFolder(folder.path, async () => undefined);
    const change = (statement: string) => {
      const db = new DatabaseSync(file);
      db.exec(statement);
      db.close();
    };
    change("insert into kysely_migration (name, timestamp) values ('9999-tomorrow', '2099')");
    expect(await wrong(['--data-dir', folder.path])).toEqual([failing('database', /newer release .*9999-tomorrow/)]);
    change("delete from kysely_migration where name > '0005'");
    expect(await wrong(['--data-dir', folder.path])).toContainEqual(warning('database', /older: .*0006-verified-bytes/));
  });

  it('says that the store cannot be written', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'images'), 'a file');
    expect(await wrong(['--data-dir', folder.path])).toContainEqual(failing('store', /is no folder/, /mkdir -p/));
  });

  it.runIf(process.getuid?.() === 0)('says that the disk of the store is almost full', async () => {
    await using folder = await temporaryFolder();
    const full = join(folder.path, 'full');
    await mkdir(full);
    await runProgram(['mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', full]);
    try {
      expect(await wrong(['--data-dir', folder.path, '--storage-url', `file://${full}`])).toEqual([]);
      await writeFile(join(full, 'fill'), Buffer.alloc(190 * 2 ** 20));
      const found = await wrong(['--data-dir', folder.path, '--storage-url', `file://${full}`]);
      expect(found).toEqual([failing('disk', /orders are refused/, /[Dd]elete fractals/)]);
    } finally {
      await runProgram(['umount', full]);
    }
  });

  it('says what is wrong with the broker', async () => {
    const flags = ['--data-dir', data.path, '--transport-url'];
    const good = await doctor([...flags, broker.url]);
    expect(good.found).toContainEqual(expect.objectContaining({ Check: 'broker', Status: 'ok' }));
    const brokerOf = async (url: string) => (await wrong([...flags, url])).filter(({ Check }) => Check === 'broker');
    expect(await brokerOf(`amqp://faafo:${PASSWORD}@127.0.0.1:${await freePort()}/`)).toEqual([
      failing('broker', /ECONNREFUSED/),
    ]);
    const other = new URL(broker.url);
    other.username = 'nobody';
    other.password = PASSWORD;
    expect(await brokerOf(other.href)).toEqual([failing('broker', /password|access|refuse/i)]);
    const vhost = new URL(broker.url);
    vhost.pathname = '/nowhere';
    expect(await brokerOf(vhost.href)).toEqual([failing('broker', /nowhere/)]);
  });

  it('says that the queue is paused, by whom and why', async () => {
    await using folder = await temporaryFolder();
    await usedFolder(folder.path, ({ pause }) => pause.begin('ann', 'new disks'));
    expect(await wrong(['--data-dir', folder.path])).toEqual([
      warning('queue', /^it has been paused since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d by ann: new disks$/),
    ]);
  });

  it('says which workers are of another release, and that there are none', async () => {
    await using folder = await temporaryFolder();
    const flags = ['--data-dir', folder.path, '--transport-url', broker.url];
    await usedFolder(folder.path, async () => undefined);
    expect(await wrong(flags)).toEqual([warning('workers', /none has reported/)]);
    await usedFolder(folder.path, ({ workers }) => workers.report(aReport({ host: 'old-1', engineVersion: 'e0' })));
    expect(await wrong(flags)).toEqual([failing('workers', /old-1 \(e0\): new orders wait/)]);
    await usedFolder(folder.path, ({ workers }) => workers.report(aReport({ engineVersion: ENGINE_VERSION })));
    expect(await wrong(flags)).toEqual([warning('workers', /1 of 2 have another engine version .* old-1/)]);
  });

  it('says what speaks against being reached by others', async () => {
    await using folder = await temporaryFolder();
    const flags = ['--data-dir', folder.path, '--listen-address', '0.0.0.0'];
    const found = await wrong(flags);
    expect(found).toContainEqual(failing('exposure', /there is no token/, /^Make the first one: faafo token create/));
    expect(found).toContainEqual(failing('exposure', /every user of this machine may write/, /^Choose a folder/));
    expect((await doctor([...flags, '--insecure'])).status).toBe(0);
  });

  it('says that tokens expire soon, and that no admin has one', async () => {
    await using folder = await temporaryFolder();
    await usedFolder(folder.path, async (repository) => void (await token(repository, 'creator', 2)));
    expect(await wrong(['--data-dir', folder.path])).toEqual([
      failing('tokens', /no valid one is an admin/, /--role admin/),
      warning('tokens', /1 expire within 7 days: .* of some-creator/),
    ]);
    await usedFolder(folder.path, async (repository) => void (await token(repository, 'admin')));
    expect(await wrong(['--data-dir', folder.path])).toEqual([warning('tokens', /some-creator/)]);
  });

  it('says what is wrong with the certificate', async () => {
    await using folder = await temporaryFolder();
    const { issue } = await makeAuthority(folder.path);
    const files = await issue('soon', 'DNS:localhost');
    const other = await issue('other', 'DNS:localhost', 90);
    const flags = (cert: string, key: string) => ['--data-dir', folder.path, '--tls-cert', cert, '--tls-key', key];
    expect(await wrong(flags(files.cert, files.key))).toEqual([warning('certificate', /expires in/, /HUP/)]);
    expect(await wrong(flags(files.cert, other.key))).toEqual([failing('certificate', /is not that of the certificate/)]);
    expect(await wrong(flags(other.cert, other.key))).toEqual([]);
  });

  it('says once that nothing listens, and does not wait for ever for what hangs', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    expect(await wrong([], {}, nowhere)).toEqual([failing('api', /nothing listens there/, /Start faafo-api/)]);
    const hanging = createServer(() => undefined);
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const { port } = hanging.address() as { port: number };
    const { found, stderr } = await doctor([], {}, `http://127.0.0.1:${port}`);
    hanging.close();
    expect(found).toContainEqual(failing('api', /does not answer/));
    expect(stderr).toContain('faafo: looking at: api …');
  });

  it('says that the API is of another release', async () => {
    // What stands before this one tells another version of it, and all else as it is.
    const other = createHttpServer(async (request, response) => {
      const answer = await fetch(api.url + request.url);
      const told = answer.headers.get('content-type') ?? 'text/plain';
      let text = await answer.text();
      if (request.url === '/openapi.json') {
        const document = JSON.parse(text);
        text = JSON.stringify({ ...document, info: { ...document.info, version: '99.1.2' } });
      }
      response.writeHead(answer.status, { 'content-type': told }).end(text);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const found = await wrong([], {}, `http://127.0.0.1:${port}`);
    other.close();
    other.closeAllConnections();
    expect(found).toEqual([warning('version', /^the API is faafo 99\.1\.2, this is \d+\.\d+\.\d+/, /same release/)]);
  });

  it('says which dependency of the API is away', async () => {
    await using folder = await temporaryFolder();
    await using database = await startPostgres();
    await using queue = await startRabbitmq();
    const flags = ['--transport-url', queue.url, '--database-url', database.url, '--storage-url', 'database:'];
    await using running = await startApi({ dataDir: folder.path, flags });
    await queue.kill();
    await until(async () => (await (await fetch(`${running.url}/readyz`)).text()).includes('impaired'), 30_000);
    expect(await wrong([], {}, running.url)).toContainEqual(
      warning('readiness', /^queue: \w/, /^Orders are kept; run faafo doctor where faafo-api runs/),
    );
    await database.pause();
    try {
      await until(async () => (await fetch(`${running.url}/readyz`)).status === 503, 30_000);
      expect(await wrong([], {}, running.url)).toContainEqual(
        failing('readiness', /^database: It has not answered/, /^Nothing can be ordered .* faafo doctor where faafo-api runs/),
      );
    } finally {
      database.resume();
    }
  }, 90_000);

  it('says that a clock is wrong', async () => {
    const folder = readdirSync('/usr/lib').find((name) => existsSync(`/usr/lib/${name}/faketime/libfaketime.so.1`));
    const env = {
      LD_PRELOAD: `/usr/lib/${folder}/faketime/libfaketime.so.1`,
      FAKETIME: '+1h',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    expect(await wrong([], env)).toEqual([warning('api', /differ by 3\d{3} s/, /chrony/)]);
    await usedPostgres();
    const found = await wrong(['--database-url', postgres.url, '--data-dir', data.path], env);
    expect(found).toContainEqual(warning('database', /differ by 3\d{3} s/, /chrony/));
  });

  async function usedPostgres() {
    const { openSharedRepository } = await import('../../src/repository/open.ts');
    await (await openSharedRepository(postgres.url, { name: 'test', onWait: () => undefined }))[Symbol.asyncDispose]();
  }

  it('says what a token is good for, to clients and to workers', async () => {
    await using folder = await temporaryFolder();
    const tokens: Record<string, string> = {};
    await usedFolder(folder.path, async (repository) => {
      for (const role of ['viewer', 'worker'] as const) tokens[role] = await token(repository, role);
    });
    await using closed = await startApi({ dataDir: folder.path, flags: ['--transport-url', broker.url] });
    const as = (role: string) => ({ FAAFO_TOKEN: tokens[role] ?? '' });
    const worker = ['--as', 'worker', '--transport-url', broker.url];
    expect(await wrong(['--as', 'client'], as('nobody'), closed.url)).toContainEqual(failing('token', /token/i, /FAAFO_TOKEN/));
    expect((await doctor(['--as', 'client'], as('viewer'), closed.url)).status).toBe(0);
    expect(await wrong(worker, as('viewer'), closed.url)).toEqual([failing('token', /./, /--role worker/)]);
    expect(await wrong(worker, as('worker'), closed.url)).toEqual([]);
    expect(await wrong(worker, {}, api.url)).toEqual([failing('token', /no workers are let in/)]);
  });
});
