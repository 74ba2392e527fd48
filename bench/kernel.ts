import { mkdir, writeFile } from 'node:fs/promises';
import { type Band, bandOf, type Cut } from '../src/domain/band.ts';
import type { Spec } from '../src/domain/spec.ts';
import { loadKernel } from '../src/engine/load-kernel.ts';
import { plainCounts } from '../src/engine/plain-kernel.ts';
import { type Kernel, openKernel } from '../src/kernel/kernel.ts';
import { VIEWS } from '../test/engine/views.ts';
import { cpuMs, median, round } from './support/measure.ts';

/*
 * CPU time of the escape counts alone, one thread: the plain twin, and the kernel without and with its exact shortcuts; then the same picture
 * in mirrored tiles and in plain ones.
 */

const RUNS = 9;
const TWIN_RUNS = 5;
const TILE_PIXELS = 2 ** 18;

function countAll(spec: Spec, count: (spec: Spec, tile: Band) => unknown, mirrored = false): void {
  const tileRows = Math.floor(TILE_PIXELS / spec.width);
  const bandRows = mirrored ? Math.floor(tileRows / 2) : tileRows;
  const cut: Cut = { bandRows, bands: Math.ceil((mirrored ? Math.ceil(spec.height / 2) : spec.height) / bandRows), mirrored };
  for (let number = 0; number < cut.bands; number++) count(spec, bandOf(spec.height, cut, number));
}

const modules = await loadKernel();
const plodding = openKernel(modules, { shortcuts: false });
const kernel = openKernel(modules);
const drawnBy = (k: Kernel) => (spec: Spec, tile: Band) => k.count(spec, tile);

function measure(name: string, spec: Spec) {
  const times = { plodding: [] as number[], kernel: [] as number[], twin: [] as number[] };
  for (let run = 0; run < RUNS; run++) {
    times.plodding.push(cpuMs(() => countAll(spec, drawnBy(plodding))));
    times.kernel.push(cpuMs(() => countAll(spec, drawnBy(kernel))));
    if (run < TWIN_RUNS) times.twin.push(cpuMs(() => countAll(spec, (s, { rows }) => plainCounts(s, rows))));
  }
  const [ploddingMs, kernelMs, twinMs] = [median(times.plodding), median(times.kernel), median(times.twin)];
  return {
    view: name,
    'twin ms': round(twinMs),
    'without shortcuts ms': round(ploddingMs),
    'kernel ms': round(kernelMs),
    'twin / without': round(twinMs / ploddingMs),
    'twin / kernel': round(twinMs / kernelMs),
  };
}

for (const view of Object.values(VIEWS)) for (const k of [plodding, kernel]) countAll(view(300), drawnBy(k)); // warm
const views = Object.entries(VIEWS).map(([name, view]) => measure(name, view(1024)));
console.table(views);

const poster = VIEWS.J1(8193);
const [plain, mirrored]: [number[], number[]] = [[], []];
for (let run = 0; run < 3; run++) {
  plain.push(cpuMs(() => countAll(poster, drawnBy(kernel))));
  mirrored.push(cpuMs(() => countAll(poster, drawnBy(kernel), true)));
}
const symmetry = {
  'J1 at 8193², plain tiles, ms': round(median(plain)),
  'mirrored tiles, ms': round(median(mirrored)),
  ratio: round(median(mirrored) / median(plain)),
};
console.table(symmetry);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/kernel.json', `${JSON.stringify({ views, symmetry }, null, 2)}\n`);
