import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { isIndexed, type Spec } from '../src/domain/spec.ts';
import { loadKernel } from '../src/engine/load-kernel.ts';
import { openKernel } from '../src/kernel/kernel.ts';
import { VIEWS } from '../test/engine/views.ts';
import { cpuMs, median, round } from './support/measure.ts';

/*
 * CPU time of each step from the spec to PNG bytes, one thread, whole pictures of 1024 x 1024; and what zlib makes of the same filtered rows:
 * level 1, and runs only.
 */

const RUNS = 11;
const kernel = openKernel(await loadKernel());
const smooth = (spec: Spec): Spec => ({ ...spec, palette: 'ember', interior: '#000000' });
const PICTURES: Readonly<Record<string, Spec>> = {
  'J1 classic': VIEWS.J1(1024),
  'J1 smooth': smooth(VIEWS.J1(1024)),
  'M1 smooth': smooth(VIEWS.M1(1024)),
  'M2 smooth': smooth(VIEWS.M2(1024)),
  'F smooth': smooth(VIEWS.F(1024)),
  'J1 shaded': { ...smooth(VIEWS.J1(1024)), shade: 1 },
  'M1 shaded': { ...smooth(VIEWS.M1(1024)), shade: 1 },
};

function drawOnce(spec: Spec) {
  const rows = Math.floor(2 ** 18 / spec.width);
  const sum = { count: 0, draw: 0, filter: 0, deflate: 0, sha: 0, zlib1: 0, rle: 0, bytes: 0, zlib1Bytes: 0, rleBytes: 0 };
  for (let firstRow = 0; firstRow < spec.height; firstRow += rows) {
    const tile = { rows: { firstRow, lastRow: Math.min(spec.height, firstRow + rows) }, mirror: null };
    const count = tile.rows.lastRow - firstRow;
    sum.count += cpuMs(() => kernel.count(spec, tile));
    sum.draw += cpuMs(() => kernel.paint(spec, tile));
    sum.filter += cpuMs(() => kernel.filter({ first: 0, count }));
    const filtered = kernel.filter({ first: 0, count }).filtered.slice();
    let bytes = new Uint8Array();
    sum.deflate += cpuMs(() => {
      bytes = Uint8Array.from(kernel.deflate());
    });
    sum.sha += cpuMs(() => createHash('sha256').update(bytes).digest('hex'));
    sum.bytes += bytes.length;
    sum.zlib1 += cpuMs(() => {
      sum.zlib1Bytes += deflateRawSync(filtered, { level: 1, finishFlush: constants.Z_SYNC_FLUSH }).length;
    });
    sum.rle += cpuMs(() => {
      sum.rleBytes += deflateRawSync(filtered, { strategy: constants.Z_RLE, finishFlush: constants.Z_SYNC_FLUSH }).length;
    });
  }
  return sum;
}

const results = Object.entries(PICTURES).map(([name, spec]) => {
  for (let run = 0; run < 3; run++) drawOnce(spec); // warm
  const runs = Array.from({ length: RUNS }, () => drawOnce(spec));
  const of = (step: keyof (typeof runs)[number]) => median(runs.map((run) => run[step]));
  const paint = isIndexed(spec) ? 0 : Math.max(0, of('draw') - of('count'));
  const png = of('filter') + of('deflate') + of('sha');
  return {
    picture: name,
    'count ms': round(of('count')),
    'colour ms': round(paint),
    'filter ms': round(of('filter')),
    'deflate ms': round(of('deflate')),
    'sha256 ms': round(of('sha')),
    'PNG share %': round((100 * png) / (of('draw') + png)),
    kB: Math.round(of('bytes') / 1000),
    'time / zlib 1': round(of('deflate') / of('zlib1')),
    'size / zlib 1': round(of('bytes') / of('zlib1Bytes')),
    'time / zlib runs': round(of('deflate') / of('rle')),
    'size / zlib runs': round(of('bytes') / of('rleBytes')),
  };
});
console.table(results);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/png.json', `${JSON.stringify(results, null, 2)}\n`);
