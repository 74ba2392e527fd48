import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { mkdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const FRACTALS = 12;
const DAYS_AGO = new Date(Date.now() - 2 * 24 * 3600_000);

const filesIn = (root: string): Map<string, string> =>
  new Map(
    (existsSync(root) ? readdirSync(root, { recursive: true, withFileTypes: true }) : [])
      // Bands are trash by now.
      .filter((entry) => entry.isFile() && entry.parentPath !== join(root, 'unfinished') && !entry.name.endsWith('.band'))
      .map((entry) => [entry.name, join(entry.parentPath, entry.name)]),
  );
const same = (one: string, other: string) => readFileSync(one).equals(readFileSync(other));

describe('faafo store', () => {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  let images: string;
  const store = (...words: string[]) => runFaafo(api.url, ['store', ...words, '--data-dir', home.path]);
  const order = async (count: number, large: { width?: number; height?: number } = {}) => {
    const client = new Client(api.url);
    for (let i = 0; i < count; i++) {
      const view = { formula: 'mandelbrot', xa: -0.75, xb: -0.74, ya: 0.1, yb: 0.11 } as const;
      const uuid = crypto.randomUUID();
      await client.order({ ...view, uuid, width: 64, height: 64, iterations: 500, palette: 'ember', ...large });
      await until(async () => (await client.find(uuid)).state === 'done', 60_000);
    }
  };
  beforeAll(async () => {
    home = await temporaryFolder();
    images = join(home.path, 'images');
    api = await startApi({ dataDir: home.path, flags: ['--threads', '1'] });
    await order(FRACTALS);
    // One that has checksums of its blocks.
    await order(1, { width: 2400, height: 2400 });
  }, 120_000);
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await home?.[Symbol.asyncDispose]();
  });

  it('copies every object beside a service that runs, then only what has come since', async () => {
    await using target = await temporaryFolder();
    const to = join(target.path, 'copy');
    const first = await store('copy', `file://${images}`, `file://${to}`);
    expect(first).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/storage_url = file:\S+ and are restarted, copy once more/),
    });
    const [old, copied] = [filesIn(images), filesIn(to)];
    // Pictures and thumbnails, and once the checksums of blocks.
    expect(old.size).toBe(2 * (FRACTALS + 1) + 1);
    expect([...copied.keys()].sort()).toEqual([...old.keys()].sort());
    for (const [name, path] of old) expect(same(path, copied.get(name)!), name).toBe(true);
    expect(first.stdout).toMatch(new RegExp(`^copied ${old.size} \\(.*\\), there already 0, missing 0, damaged 0\n$`));
    await order(1);
    const second = await store('copy', `file://${images}`, `file://${to}`);
    expect(second.stdout).toMatch(new RegExp(`^copied 2 \\(.*\\), there already ${old.size}, missing 0, damaged 0\n$`));
  }, 60_000);

  it('goes on after kill -9, and replaces what is not right', async () => {
    await using target = await temporaryFolder();
    const to = join(target.path, 'copy');
    const program = new URL('../../bin/faafo.js', import.meta.url).pathname;
    const words = [program, 'store', 'copy', `file://${images}`, `file://${to}`, '--data-dir', home.path, '--at-once', '1'];
    const env = { ...process.env, FAAFO_CONFIG_FILE: '/dev/null' };
    const child = spawn(process.execPath, words, { env, stdio: 'ignore', detached: true });
    await until(() => filesIn(to).size > 2);
    process.kill(-child.pid!, 'SIGKILL');
    await once(child, 'exit');
    const [some] = filesIn(to).values();
    await writeFile(some!, 'of another size');
    const { status, stdout } = await store('copy', `file://${images}`, `file://${to}`);
    expect(status).toBe(0);
    const there = Number(/there already (\d+)/.exec(stdout)![1]);
    expect(there).toBeGreaterThan(0);
    const copied = filesIn(to);
    for (const [name, path] of filesIn(images)) expect(same(path, copied.get(name)!), name).toBe(true);
  }, 60_000);

  it('with --deep reads what is there, and copies it again where it is damaged', async () => {
    await using target = await temporaryFolder();
    const to = join(target.path, 'copy');
    await store('copy', `file://${images}`, `file://${to}`);
    const [name, path] = [...filesIn(to)].find(([each]) => each.endsWith('.png'))!;
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    expect((await store('copy', `file://${images}`, `file://${to}`)).stdout).toMatch(/^copied 0 /);
    expect((await store('copy', '--deep', `file://${images}`, `file://${to}`)).stdout).toMatch(/^copied 1 /);
    expect(same(path, filesIn(images).get(name)!)).toBe(true);
  }, 60_000);

  it('copies nothing that is damaged, and says what it is', async () => {
    await using target = await temporaryFolder();
    const to = join(target.path, 'copy');
    const [name, path] = [...filesIn(images)].find(([each]) => each.endsWith('.png'))!;
    const right = readFileSync(path);
    const wrong = Buffer.from(right);
    wrong[wrong.length >> 1]! ^= 1;
    await writeFile(path, wrong);
    const { status, stderr } = await store('copy', `file://${images}`, `file://${to}`);
    await writeFile(path, right);
    expect(status).toBe(1);
    expect(stderr).toMatch(`faafo: the picture ${name} of ${name.slice(0, 36)} is damaged in file:`);
    expect(filesIn(to).has(name)).toBe(false);
  }, 60_000);

  it('check says that nothing is wrong', async () => {
    const { status, stdout, stderr } = await store('check', '--deep', '-f', 'json');
    expect({ status, found: JSON.parse(stdout) }).toEqual({ status: 0, found: [] });
    expect(stderr).toMatch(/^\d+ fractals looked at: nothing is wrong\n$/m);
  }, 60_000);

  it('check finds what is missing, of another size, damaged, and what nobody knows', async () => {
    const pictures = [...filesIn(images)].filter(([name]) => name.endsWith('.png'));
    const [missing, size, damaged] = pictures.map(([, path]) => path) as [string, string, string];
    const kept = [missing, size, damaged].map((path) => readFileSync(path));
    const wrong = Buffer.from(kept[2]!);
    wrong[wrong.length >> 1]! ^= 1;
    const stray = `${crypto.randomUUID()}-12345678.1.png`;
    const young = `${crypto.randomUUID()}-12345678.1.png`;
    const [folder, youngFolder] = [stray, young].map((name) => join(images, name.slice(0, 2))) as [string, string];
    for (const each of [folder, youngFolder]) await mkdir(each, { recursive: true });
    await unlink(missing);
    await writeFile(size, 'short');
    await writeFile(damaged, wrong);
    await writeFile(join(folder, stray), 'nobody knows me');
    utimesSync(join(folder, stray), DAYS_AGO, DAYS_AGO);
    await writeFile(join(youngFolder, young), 'nor me, yet');
    await writeFile(join(images, 'unfinished', 'left.png.0'), 'half');
    utimesSync(join(images, 'unfinished', 'left.png.0'), DAYS_AGO, DAYS_AGO);
    await writeFile(join(folder, '.foreign'), '');
    await writeFile(join(folder, 'astray.1.png'), 'not where it would be looked for');
    try {
      const found = async (...words: string[]) => {
        const { status, stdout } = await store('check', '-f', 'json', ...words);
        const rows = JSON.parse(stdout) as { Problem: string; Name: string; Removed: boolean; Age: number | null }[];
        return { status, rows: Object.fromEntries(rows.map((row) => [`${row.Problem} ${row.Name}`, row])) };
      };
      const name = (path: string) => path.split('/').at(-1)!;
      const quick = await found();
      const expected = [
        `missing ${name(missing)}`,
        `size ${name(size)}`,
        `orphan ${stray}`,
        `orphan ${young}`,
        'leftover unfinished/left.png.0',
        'foreign .foreign',
        `foreign ${stray.slice(0, 2)}/astray.1.png`,
      ];
      expect(quick.status).toBe(1);
      expect(Object.keys(quick.rows).sort()).toEqual(expected.toSorted());
      expect(quick.rows[`orphan ${stray}`]!.Age).toBeGreaterThan(47 * 3600);
      const deep = await found('--deep', '--remove-orphans');
      expect(Object.keys(deep.rows).sort()).toEqual([...expected, `damaged ${name(damaged)}`].toSorted());
      const removed = Object.entries(deep.rows).filter(([, row]) => row.Removed);
      expect(removed.map(([what]) => what).sort()).toEqual([`leftover unfinished/left.png.0`, `orphan ${stray}`]);
      expect([existsSync(join(folder, stray)), existsSync(join(youngFolder, young))]).toEqual([false, true]);
    } finally {
      for (const [i, path] of [missing, size, damaged].entries()) await writeFile(path, kept[i]!);
      await unlink(join(youngFolder, young));
      for (const each of ['.foreign', 'astray.1.png']) await unlink(join(folder, each));
    }
  }, 60_000);

  it('refuses the same store twice, and a URL that is none', async () => {
    const url = `file://${images}`;
    expect(await store('copy', url, url)).toMatchObject({ status: 2, stderr: 'faafo: Both stores are the same.\n' });
    expect(await store('copy', url, 'ftp://x')).toMatchObject({ status: 2, stderr: expect.stringMatching(/names no store/) });
    expect(await store('copy', url, `file://${home.path}/x`, '--at-once', '0')).toMatchObject({ status: 2 });
  });
});
