import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anOrder, everyFractal, order } from '../test/support/orders.ts';
import { startApi } from '../test/support/start-api.ts';
import { until } from '../test/support/until.ts';
import { median, round } from './support/measure.ts';
import { cpuMsOf } from './support/process.ts';

/*
 * Orders end to end through a real service: orders a second, and the CPU that a small fractal costs outside the engine (all threads of
 * the process, less the render time of its bands).
 */

const FRACTALS = 1_000;
const CLIENTS = 8;
const SPEC = { width: 256, height: 256, iterations: 128, c_re: -0.8, c_im: 0.156 };

async function run(api: string, pid: number, fractals: number) {
  const answers: number[] = [];
  const [cpuBefore, wallBefore] = [cpuMsOf(pid), performance.now()];
  let left = fractals;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const before = performance.now();
      await order(api, anOrder(SPEC));
      answers.push(performance.now() - before);
    }
  };
  const counted = async (state: string) => {
    const response = await fetch(`${api}/v1/fractal?state=${state}&results_per_page=1`);
    return ((await response.json()) as { num_results: number }).num_results;
  };
  const doneBefore = await counted('done');
  await Promise.all(Array.from({ length: CLIENTS }, client));
  await until(async () => (await counted('done')) === doneBefore + fractals, 120_000);
  const [cpuMs, wallMs] = [cpuMsOf(pid) - cpuBefore, performance.now() - wallBefore];
  const renderMs = (await everyFractal(api)).slice(0, fractals).reduce((sum, { duration }) => sum + (duration ?? 0) * 1000, 0);
  answers.sort((a, b) => a - b);
  return {
    fractals,
    'orders a second, end to end': round((fractals / wallMs) * 1000),
    'CPU ms a fractal, whole service': round(cpuMs / fractals),
    'CPU ms a fractal, engine': round(renderMs / fractals),
    'CPU ms a fractal, outside the engine': round((cpuMs - renderMs) / fractals),
    'answer ms, median': round(median(answers)),
    'answer ms, p99': round(answers[Math.floor(answers.length * 0.99)]!),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
try {
  await using api = await startApi({ dataDir: folder, flags: ['--log-level', 'warn'] });
  const pid = api.process.pid!;
  await run(api.url, pid, 200); // warm
  const result = await run(api.url, pid, FRACTALS);
  console.table(result);
  await mkdir('build/bench', { recursive: true });
  await writeFile('build/bench/pipeline.json', `${JSON.stringify(result, null, 2)}\n`);
  await api.stop();
} finally {
  await rm(folder, { recursive: true });
}
