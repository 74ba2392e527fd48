import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { rowsOfBand, rowsPerBand } from '../src/domain/band.ts';
import { loadKernel } from '../src/engine/engine.ts';
import { openKernel } from '../src/engine/kernel.ts';
import { encodeBand } from '../src/engine/png.ts';
import { VIEWS } from '../test/engine/views.ts';
import { cpuMs, median, round } from './support/measure.ts';

/*
 * CPU time of each step from counts to PNG bytes, one thread, a whole picture (J1, 1024 x 1024); MB are of pixels, one byte each.
 */

const RUNS = 15;
const STEPS = ['count', 'paint', 'deflate', 'sha256'] as const;
type Times = Record<(typeof STEPS)[number], number>;

const spec = VIEWS.J1(1024);
const bandRows = rowsPerBand(spec);
const kernel = openKernel(await loadKernel());

function drawOnce(): Times & { bytes: number } {
  const sum = { count: 0, paint: 0, deflate: 0, sha256: 0, bytes: 0 };
  for (let band = 0; band * bandRows < spec.height; band++) {
    const rows = rowsOfBand(spec.height, bandRows, band);
    sum.count += cpuMs(() => kernel.count(spec, rows));
    sum.paint += cpuMs(() => kernel.paint());
    const { filtered } = kernel.paint();
    let bytes = new Uint8Array();
    sum.deflate += cpuMs(() => {
      bytes = encodeBand(filtered, rows.firstRow);
    });
    sum.sha256 += cpuMs(() => createHash('sha256').update(bytes).digest('hex'));
    sum.bytes += bytes.length;
  }
  return sum;
}

for (let run = 0; run < 3; run++) drawOnce(); // warm
const runs = Array.from({ length: RUNS }, drawOnce);
const whole = median(runs.map((run) => STEPS.reduce((sum, step) => sum + run[step], 0)));
const results = STEPS.map((step) => {
  const ms = median(runs.map((run) => run[step]));
  return {
    step,
    ms: round(ms),
    share: `${round((100 * ms) / whole)} %`,
    mbPerSecond: Math.round((spec.width * spec.height) / ms / 1000),
  };
});
console.table(results);
console.log(`whole job ${round(whole)} ms, ${runs[0]!.bytes} bytes of IDAT`);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/png.json', `${JSON.stringify({ wholeMs: round(whole), steps: results }, null, 2)}\n`);
