import { readdir } from 'node:fs/promises';
import { runSoak } from './soak.ts';
import { playAll } from './support/lanes.ts';
import { cellsOf, type Row, totalsOf, writeReport } from './support/report.ts';
import type { Pass, Scene } from './support/scene.ts';

/*
 * Plays the numbered faults of docs/reliability.md on private servers, each followed by the checker, and prints a table. Exit status 1 when anything was
 * lost, doubled or otherwise wrong. SEED=7 ONLY=14,15 plays two of them as before; `long` as an argument plays each many times; `soak HOURS` plays
 * random faults for so long.
 */

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
const ONLY = process.env.ONLY?.split(',').map(Number);
const [MODE = 'short', HOURS] = process.argv.slice(2);
const SCENES = new URL('./scenes/', import.meta.url);

async function loadScenes(): Promise<Scene[]> {
  const files = (await readdir(SCENES)).filter((name) => name.endsWith('.ts'));
  const modules = await Promise.all(
    files.map((name) => import(new URL(name, SCENES).href) as Promise<{ scenes: readonly Scene[] }>),
  );
  const scenes = modules.flatMap((module) => module.scenes).sort((a, b) => a.number - b.number);
  return ONLY ? scenes.filter(({ number }) => ONLY.includes(number)) : scenes;
}

function tell({ fault, name, injected, seconds, findings, notes }: Row): void {
  const { orders, lost, doubled, recoveryMs, wrong } = findings;
  console.log(
    `${fault} ${name}: injected ${injected}, orders ${orders}, lost ${lost}, doubled ${doubled}, played ${seconds.play.toFixed(1)} s, judged ${seconds.check.toFixed(1)} s, recovery ${(recoveryMs / 1000).toFixed(1)} s`,
  );
  for (const sentence of notes) console.log(`   ${sentence}`);
  for (const sentence of wrong.slice(0, 20)) console.log(`   WRONG: ${sentence}`);
}

/** @returns how much was wrong */
async function playAndTell(pass: Pass): Promise<number> {
  const startedAt = Date.now();
  const rows = await playAll(await loadScenes(), { seed: SEED, pass, tell });
  console.table(rows.map(cellsOf));
  const run = { seed: SEED, pass, startedAt, rows };
  console.log({ seed: SEED, pass, ...totalsOf(run) });
  // The table of a whole pass is not to be lost to a few scenes played again.
  await writeReport(ONLY ? 'faults-some' : 'faults', run);
  return totalsOf(run).wrong;
}

// What was started is ended when this process exits, and a signal alone is no exit.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

console.log(`SEED=${SEED}, ${MODE}`);
switch (MODE) {
  case 'short':
  case 'long':
    process.exit((await playAndTell(MODE)) > 0 ? 1 : 0);
    break;
  case 'soak':
    process.exit((await runSoak(SEED, HOURS)) > 0 ? 1 : 0);
    break;
  default:
    console.error(`${MODE} is not known here: say nothing (the short pass), long, or soak HOURS.`);
    process.exit(2);
}
