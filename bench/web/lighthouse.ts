import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { finished, order } from '../../test/support/orders.ts';
import { startApi } from '../../test/support/start-api.ts';

/*
 * What Lighthouse says about each page, in Debian's Chromium: points of 100 for accessibility, best practices and performance. Ends with 1 where one of the first two is below 95; performance, which
 * depends on the machine and on what else it does, is told only. Lighthouse is large, and so is installed for itself: npm ci --prefix tools/lighthouse
 */

const HOME = fileURLToPath(new URL('../../tools/lighthouse', import.meta.url));
/** In two pieces: what looks for packages that are used takes a whole path for one of ours. */
const PROGRAM = join(HOME, 'node_modules', 'lighthouse/cli/index.js');
const PROMISED = ['accessibility', 'best-practices'] as const;
const CATEGORIES = [...PROMISED, 'performance'] as const;
const LEAST = 95;
const TRIES = 3;

interface Report {
  readonly categories: Readonly<
    Record<string, { readonly score: number; readonly auditRefs: readonly { readonly id: string; readonly weight: number }[] }>
  >;
  readonly audits: Readonly<Record<string, { readonly title: string; readonly score: number | null }>>;
}

async function judge(url: string, folder: string): Promise<Report> {
  const path = join(folder, 'report.json');
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'].join(' ');
  const args = [PROGRAM, url, `--only-categories=${CATEGORIES}`, '--output=json', `--output-path=${path}`, '--quiet'];
  const env = { ...process.env, CHROME_PATH: process.env.FAAFO_CHROMIUM ?? '/usr/bin/chromium' };
  for (let left = TRIES - 1; ; left--) {
    const ran = promisify(execFile)(process.execPath, [...args, `--chrome-flags=${flags}`, '--preset=desktop'], { env });
    const error = await ran.then(
      () => null,
      (failed: Error) => failed,
    );
    if (error === null) break;
    // It asks to be run again where Chromium began later than it looked.
    if (left === 0 || !error.message.includes('NO_NAVSTART')) throw error;
  }
  return JSON.parse(await readFile(path, 'utf8')) as Report;
}

const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
try {
  if (!existsSync(PROGRAM)) {
    console.error('Lighthouse is not installed. It is by: npm ci --prefix tools/lighthouse');
    process.exitCode = 1;
  } else {
    await using api = await startApi({ dataDir: folder });
    const small = { width: 300, height: 200, palette: 'ember' } as const;
    for (const seed of [1, 2, 3]) await finished(api.url, (await order(api.url, { ...small, seed })).uuid);
    const { uuid } = await finished(api.url, (await order(api.url, { ...small, width: 900, height: 600, seed: 4 })).uuid);
    const pages = { gallery: '/', fractal: `/view/${uuid}`, explorer: '/explore', order: '/new', farm: '/farm' };
    const results: Record<string, string | number>[] = [];
    for (const [page, path] of Object.entries(pages)) {
      const { categories, audits } = await judge(api.url + path, folder);
      const points = CATEGORIES.map((name) => [name, Math.round((categories[name]?.score ?? 0) * 100)] as const);
      const lost = CATEGORIES.flatMap((name) => categories[name]?.auditRefs ?? [])
        .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 0.9)
        .map(({ id }) => audits[id]!.title);
      results.push({ page, ...Object.fromEntries(points), lost: lost.join('; ') });
      if (points.some(([name, value]) => name !== 'performance' && value < LEAST)) process.exitCode = 1;
    }
    console.table(results);
    await mkdir('build/bench', { recursive: true });
    await writeFile('build/bench/lighthouse.json', `${JSON.stringify(results, null, 2)}\n`);
  }
} finally {
  await rm(folder, { recursive: true });
}
