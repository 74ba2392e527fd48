import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FractalPage } from '../../src/http/schemas.ts';
import { everyFractal, finished } from '../support/orders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** `npm start` as a user types it, but for the port and the folder. */
async function npmStart(dataDir: string) {
  const env = { ...process.env, FAAFO_DATA_DIR: dataDir, FAAFO_CONFIG_FILE: '/dev/null' };
  const npm = spawn('npm', ['start', '--', '--bind-port', '0'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const url = await until(() => /faafo is ready: (\S+)\n/.exec(said)?.[1], 60_000);
  return {
    url,
    stop: async () => {
      const ended = once(npm, 'exit');
      npm.kill('SIGTERM');
      return (await ended)[0] as number | null;
    },
  };
}

describe('npm start', () => {
  it('shows pictures at the first look, stops with everything it started, and orders none the second time', async () => {
    await using folder = await temporaryFolder();
    const first = await npmStart(folder.path);
    const fractals = await everyFractal(first.url);
    expect(fractals.length).toBeGreaterThan(3);
    for (const { uuid } of fractals) await finished(first.url, uuid);
    expect(await first.stop()).toBe(0);
    await expect(fetch(first.url)).rejects.toThrow();

    const second = await npmStart(folder.path);
    const page = (await (await fetch(`${second.url}/v1/fractal`)).json()) as FractalPage;
    expect(page.num_results).toBe(fractals.length);
    expect(await second.stop()).toBe(0);
  }, 120_000);
});
