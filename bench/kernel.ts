import { mkdir, writeFile } from 'node:fs/promises';
import { rowsOfBand } from '../src/domain/band.ts';
import type { Spec } from '../src/domain/spec.ts';
import { loadKernel } from '../src/engine/engine.ts';
import { type Kernel, openKernel } from '../src/engine/kernel.ts';
import { plainCounts } from '../src/engine/plain-kernel.ts';
import { VIEWS } from '../test/engine/views.ts';
import { cpuMs, median, round } from './support/measure.ts';

/*
 * CPU time of the escape counts alone, one thread: the kernel and its plain twin, each view at full size.
 */

const KERNEL_RUNS = 9;
const TWIN_RUNS = 3;
const BAND_ROWS = 256;

function countAll(spec: Spec, count: (spec: Spec, rows: { firstRow: number; lastRow: number }) => unknown): void {
  for (let band = 0; band * BAND_ROWS < spec.height; band++) count(spec, rowsOfBand(spec.height, BAND_ROWS, band));
}

function measure(kernel: Kernel, name: string, spec: Spec) {
  const runs = (times: number, count: Parameters<typeof countAll>[1]) =>
    median(Array.from({ length: times }, () => cpuMs(() => countAll(spec, count))));
  const kernelMs = runs(KERNEL_RUNS, (s, rows) => kernel.count(s, rows));
  const twinMs = runs(TWIN_RUNS, plainCounts);
  return { view: name, kernelMs: round(kernelMs), twinMs: round(twinMs), ratio: round(twinMs / kernelMs) };
}

const kernel = openKernel(await loadKernel());
for (const view of Object.values(VIEWS)) countAll({ ...view(512), iterations: 200 }, (s, rows) => kernel.count(s, rows)); // warm
const results = Object.entries(VIEWS).map(([name, view]) => measure(kernel, name, view(1024)));
console.table(results);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/kernel.json', `${JSON.stringify(results, null, 2)}\n`);
