import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Spec } from '../src/domain/spec.ts';
import { drawPng } from '../src/engine/draw-png.ts';
import { createEngine } from '../src/engine/engine.ts';
import { createPngFrame } from '../src/engine/png.ts';
import { VIEWS } from '../test/engine/views.ts';
import { median, round } from './support/measure.ts';

/*
 * What a second thread brings, wall time of whole PNG files in memory; then a poster and the largest posters by `faafo render`, whole processes: wall
 * time, CPU time and the most memory in core. `node bench/engine.ts quick` leaves the largest out, which take half a minute.
 */

const RUNS = 9;
const FAAFO = fileURLToPath(new URL('../bin/faafo.js', import.meta.url));
const J1 = '--c-re -0.8 --c-im 0.156 --xa -2 --xb 2 --ya -1.5 --yb 1.5 --iterations 512'.split(' ');

async function wallMs(threads: number, spec: Spec): Promise<number> {
  await using engine = await createEngine({ threads });
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const before = performance.now();
    for await (const piece of drawPng(engine, createPngFrame(), spec)) void piece;
    if (run > 0) times.push(performance.now() - before);
  }
  return median(times);
}

const threads = [];
for (const [name, view] of Object.entries({ J1: VIEWS.J1, M2: VIEWS.M2 })) {
  for (const side of [1024, 4096]) {
    const [one, two] = [await wallMs(1, view(side)), await wallMs(2, view(side))];
    threads.push({
      view: `${name} at ${side}²`,
      'one thread ms': round(one),
      'two threads ms': round(two),
      ratio: round(one / two),
    });
  }
}
console.table(threads);

const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
/** A child tells its own peak: VmHWM would be gone with it. */
const measured = `process.on('exit', () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  console.error('USAGE ' + JSON.stringify({ maxRSS, cpuMs: (userCPUTime + systemCPUTime) / 1000 })); });`;
try {
  const hook = join(folder, 'usage.mjs');
  await writeFile(hook, measured);
  const sides = process.argv[2] === 'quick' ? [9999] : [9999, 30_000];
  const posters = sides.flatMap((side) =>
    ['classic', 'ember'].map((palette) => {
      const size = ['--width', `${side}`, '--height', `${side}`, '--palette', palette, '--threads', '2'];
      const args = ['--import', hook, FAAFO, 'render', ...J1, ...size, '--force', '-o', join(folder, 'poster.png')];
      const before = performance.now();
      const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const { maxRSS, cpuMs } = JSON.parse(/USAGE (.*)/.exec(stderr)![1]!) as { maxRSS: number; cpuMs: number };
      return {
        poster: `J1 at ${side}², ${palette}`,
        'wall s': round((performance.now() - before) / 1000),
        'CPU s': round(cpuMs / 1000),
        'peak memory MiB': Math.round(maxRSS / 1024),
      };
    }),
  );
  console.table(posters);
  await mkdir('build/bench', { recursive: true });
  await writeFile('build/bench/engine.json', `${JSON.stringify({ threads, posters }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
