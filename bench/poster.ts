import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { drawPng } from '../src/engine/draw-png.ts';
import { createEngine } from '../src/engine/engine.ts';
import { createPngFrame } from '../src/engine/png.ts';
import { VIEWS } from '../test/engine/views.ts';
import { startApi } from '../test/support/start-api.ts';
import { median, round } from './support/measure.ts';
import { cpuMsOf, peakMib } from './support/process.ts';

/*
 * Posters: J1 at 9999 x 9999 pixels, 512 iterations, as many at once as the Fractals application's guide orders (five). The engine alone, on two
 * threads, against the running service with the same two, from the order on the command line to the last picture's last byte in the store.
 */

const FAAFO = fileURLToPath(new URL('../bin/faafo.js', import.meta.url));
const SIDE = 9999;
const TASKS = 5;
const THREADS = 2;
const WINDOW = ['--xa', '-2', '--xb', '2', '--ya', '-1.5', '--yb', '1.5', '--c-re', '-0.8', '--c-im', '0.156'];

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function engineAlone(): Promise<Cost> {
  await using engine = await createEngine({ threads: THREADS });
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  for await (const piece of drawPng(engine, createPngFrame(), VIEWS.J1(SIDE))) void piece;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - wall, cpuMs: (user + system) / 1000 };
}

async function throughService(): Promise<Cost & { peakMib: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
  try {
    await using api = await startApi({ dataDir: folder, flags: ['--log-level', 'warn', '--threads', String(THREADS)] });
    const pid = api.process.pid!;
    const create = ['create', '--height', `${SIDE}`, '--width', `${SIDE}`, '--iterations', '512', ...WINDOW, '--wait'];
    const faafo = (tasks: number) =>
      promisify(execFile)(process.execPath, [FAAFO, '--endpoint-url', api.url, ...create, '--tasks', `${tasks}`]);
    await faafo(1); // warm
    const [wall, cpu] = [performance.now(), cpuMsOf(pid)];
    await faafo(TASKS);
    const cost = { wallMs: performance.now() - wall, cpuMs: cpuMsOf(pid) - cpu, peakMib: peakMib(pid) };
    await api.stop();
    return cost;
  } finally {
    await rm(folder, { recursive: true });
  }
}

await engineAlone(); // warm
const alone: Cost[] = [];
const service = [];
for (let run = 0; run < 3; run++) {
  alone.push(await engineAlone());
  service.push(await throughService());
}
const of = (runs: readonly Cost[], name: keyof Cost) => median(runs.map((run) => run[name]));
const result = {
  'engine alone, wall ms a poster': round(of(alone, 'wallMs')),
  'engine alone, CPU ms a poster': round(of(alone, 'cpuMs')),
  'service, wall ms a poster': round(of(service, 'wallMs') / TASKS),
  'service, CPU ms a poster': round(of(service, 'cpuMs') / TASKS),
  'service / engine, wall': round(of(service, 'wallMs') / TASKS / of(alone, 'wallMs')),
  'service / engine, CPU': round(of(service, 'cpuMs') / TASKS / of(alone, 'cpuMs')),
  'service, peak memory MiB': Math.max(...service.map((run) => run.peakMib)),
};
console.table(result);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/poster.json', `${JSON.stringify(result, null, 2)}\n`);
