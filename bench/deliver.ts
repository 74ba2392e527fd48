import { mkdir, writeFile } from 'node:fs/promises';
import { bandOf, cutOf } from '../src/domain/band.ts';
import type { Spec } from '../src/domain/spec.ts';
import { createEngine } from '../src/engine/engine.ts';
import { createPngFrame } from '../src/engine/png.ts';
import { VIEWS } from '../test/engine/views.ts';
import { median, round } from './support/measure.ts';

/*
 * What it costs to find out that a delivered band is one, beside drawing it: CPU time of all threads and the longest time that the loop of
 * events stood still, for one band, in this process.
 */

const RUNS = 60;
const PICTURES: Readonly<Record<string, { spec: Spec; band: number }>> = {
  'small, 512 x 512, classic': { spec: VIEWS.J1(512), band: 0 },
  'a band of 4 MiB, classic': { spec: { ...VIEWS.J1(8192), iterations: 256 }, band: 2 },
  'a band of 4 MiB, smooth': { spec: { ...VIEWS.J1(8192), iterations: 256, palette: 'ember', interior: '#000000' }, band: 2 },
};

await using engine = await createEngine({ threads: 1 });
const { verifyBand } = createPngFrame();

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  for (let run = 0; run < 5; run++) await work();
  const before = process.cpuUsage();
  for (let run = 0; run < RUNS; run++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / RUNS;
}

/** The longest time between two turns of the event loop while it goes on, milliseconds, median of many. */
async function standstill(work: () => Promise<unknown>): Promise<number> {
  const longests: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    let longest = 0;
    let isOver = false;
    let last = performance.now();
    const watch = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (!isOver) setImmediate(watch);
    };
    watch();
    await work();
    isOver = true;
    await new Promise(setImmediate);
    longests.push(longest);
  }
  return median(longests);
}

const results: Record<string, string | number>[] = [];
for (const [name, { spec, band: number }] of Object.entries(PICTURES)) {
  const band = bandOf(spec.height, cutOf(spec), number);
  const rendered = await engine.renderBand(spec, band);
  const draw = await cpuOf(() => engine.renderBand(spec, band));
  const verify = await cpuOf(() => verifyBand(rendered, spec, band));
  results.push({
    band: name,
    kB: Math.round(rendered.bytes.length / 1000),
    'draw, CPU ms': round(draw),
    'verify, CPU ms': round(verify),
    'share %': round((100 * verify) / draw),
    'longest standstill ms': round(await standstill(() => verifyBand(rendered, spec, band))),
  });
}
console.table(results);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/deliver.json', `${JSON.stringify(results, null, 2)}\n`);
