import { execFile, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRepository } from '../../src/cli/open-repository.ts';
import { openStore } from '../../src/cli/open-store.ts';
import { type Inventory, type ObjectKey, pictureKey } from '../../src/domain/store.ts';
import { Client } from '../../src/http/client.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { PrivateDatabase } from '../support/servers/private-server.ts';
import { type PrivateSwift, startSwift } from '../support/servers/swift.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const FRACTALS = 10;
const PROGRAM = new URL('../../bin/faafo.js', import.meta.url).pathname;

/** Each copies what the one before it has copied, so that the last one's bytes have been everywhere. */
describe('faafo store, between every two kinds of stores', () => {
  const opened = new AsyncDisposableStack();
  let database: PrivateDatabase;
  let swift: PrivateSwift;
  let env: NodeJS.ProcessEnv;
  /** of every object: its name, and the SHA-256 of its bytes */
  let right: Map<string, string>;
  const urls: Record<string, string> = { 'database:': 'database:', 'swift:': 'swift://pairs' };

  const openAt = async (url: string): Promise<AsyncDisposable & { store: Inventory }> => {
    const stack = new AsyncDisposableStack();
    const repository = stack.use(await openRepository({ database_url: database.url }, () => {}, { beside: true }));
    // The stores of clouds read them.
    const kept = { ...process.env };
    Object.assign(process.env, env);
    const store = stack.use(await openStore(url, repository, { beside: true }));
    process.env = kept;
    return { store, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  };
  const namesIn = async (store: Inventory): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of store.list()) names.push(name);
    // Bands are trash by now.
    return names.filter((name) => !name.endsWith('.band'));
  };
  const contentOf = async (store: Inventory): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for (const name of await namesIn(store)) {
      const pieces: Uint8Array[] = [];
      for await (const piece of await store.get(name as ObjectKey)) pieces.push(Buffer.from(piece));
      found.set(name, hash('sha256', Buffer.concat(pieces)));
    }
    return found;
  };
  const words = (...more: string[]) => [PROGRAM, 'store', ...more, '--database-url', database.url];
  const toEnd = (program: string, more: readonly string[]): Promise<{ status: number; stdout: string }> =>
    new Promise((resolve) => {
      execFile(program, more, { env }, (error, stdout) => resolve({ status: error ? Number(error.code) : 0, stdout }));
    });
  /** In a terminal, where progress is shown; what it writes there. */
  const inTerminal = (...more: string[]) => {
    const line = [process.execPath, ...words(...more)].map((word) => `'${word}'`).join(' ');
    return toEnd('script', ['--quiet', '--return', '--command', `stty cols 150; ${line}`, '/dev/null']);
  };

  beforeAll(async () => {
    [database, swift] = await Promise.all([startPostgres(), startSwift()]);
    opened.use(database);
    opened.use(swift);
    const home = opened.use(await temporaryFolder());
    env = { ...process.env, ...swift.environment, ...swift.s3Environment, FAAFO_CONFIG_FILE: '/dev/null' };
    urls['file:'] = `file://${join(home.path, 'images')}`;
    urls['file: elsewhere'] = `file://${join(home.path, 'elsewhere')}`;
    urls['s3:'] = `s3://pairs3?endpoint=${encodeURIComponent(swift.s3Endpoint)}`;
    const flags = ['--database-url', database.url, '--storage-url', urls['file:']!, '--threads', '1'];
    const api = opened.use(await startApi({ dataDir: home.path, flags }));
    const client = new Client(api.url);
    const view = { formula: 'mandelbrot', xa: -0.75, xb: -0.74, ya: 0.1, yb: 0.11, iterations: 500, palette: 'ember' } as const;
    const sizes = [...Array.from({ length: FRACTALS - 1 }, () => 64), 2400];
    for (const size of sizes) {
      const uuid = crypto.randomUUID();
      await client.order({ ...view, uuid, width: size, height: size });
      await until(async () => (await client.find(uuid)).state === 'done', 60_000);
    }
    await using source = await openAt(urls['file:']!);
    right = await contentOf(source.store);
    // Pictures and thumbnails, and once the checksums of blocks.
    expect(right.size).toBe(2 * FRACTALS + 1);
  }, 400_000);
  afterAll(() => opened.disposeAsync());

  describe.each([
    ['file:', 'database:'],
    ['database:', 'swift:'],
    ['swift:', 's3:'],
    ['s3:', 'file: elsewhere'],
  ])('from %s to %s', (from, to) => {
    it('goes on after kill -9, shows how far it is, and what it has copied is the same to the last byte', async () => {
      await using target = await openAt(urls[to]!);
      const count = async () => (await namesIn(target.store)).length;
      const killed = spawn(process.execPath, words('copy', urls[from]!, urls[to]!, '--at-once', '1'), {
        env,
        stdio: 'ignore',
        detached: true,
      });
      await until(async () => (await count()) > 2, 60_000);
      process.kill(-killed.pid!, 'SIGKILL');
      await once(killed, 'exit');
      const there = await count();
      expect(there).toBeLessThan(right.size);
      const { status, stdout } = await inTerminal('copy', urls[from]!, urls[to]!);
      expect(status, stdout).toBe(0);
      const [, copied, already] = /copied (\d+) \(.*\), there already (\d+), missing 0, damaged 0/.exec(stdout)!.map(Number);
      expect(copied! + already!).toBe(right.size);
      expect(already).toBeGreaterThanOrEqual(2);
      expect(stdout).toMatch(new RegExp(`\\b[1-9] of ${FRACTALS} fractals, `));
      expect(await contentOf(target.store)).toEqual(right);
    }, 120_000);

    it('is compared with the database both ways', async () => {
      await using target = await openAt(urls[to]!);
      const check = async () => {
        const { status, stdout } = await toEnd(
          process.execPath,
          words('check', '--deep', '-f', 'json', '--storage-url', urls[to]!),
        );
        const rows = JSON.parse(stdout) as { Problem: string; Name: string }[];
        // The one that was killed may have left half an object.
        const found = rows.filter(({ Problem }) => Problem !== 'leftover');
        return { status, found: found.map(({ Problem, Name }) => `${Problem} ${Name}`).sort() };
      };
      expect(await check()).toEqual({ status: 0, found: [] });
      const [missing, damaged] = [...right.keys()].filter((name) => name.endsWith('.png')) as [ObjectKey, ObjectKey];
      const stray = pictureKey(crypto.randomUUID(), 1);
      await target.store.remove(missing);
      const { sizeBytes } = (await target.store.find(damaged))!;
      await target.store.put(damaged, Buffer.alloc(sizeBytes));
      await target.store.put(stray, Buffer.from('nobody knows me'));
      expect(await check()).toEqual({ status: 1, found: [`damaged ${damaged}`, `missing ${missing}`, `orphan ${stray}`].sort() });
      // A copy mends what is lost, and leaves alone what is nobody's.
      expect((await inTerminal('copy', '--deep', urls[from]!, urls[to]!)).stdout).toMatch(/copied 2 /);
      expect(await check()).toEqual({ status: 0, found: [`orphan ${stray}`] });
      await target.store.remove(stray);
      expect(await contentOf(target.store)).toEqual(right);
    }, 120_000);
  });
});
