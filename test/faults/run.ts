import { readdir } from 'node:fs/promises';
import { runSoak } from './soak.ts';
import { healAndCheck } from './support/checker.ts';
import { Farm, type FarmOptions } from './support/farm.ts';
import { OrderBook } from './support/orders.ts';
import { cellsOf, type Row, totalsOf, writeReport } from './support/report.ts';
import { CannotInject, type Scene } from './support/scene.ts';

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

/** @param farm is replaced when the scene needs another */
async function play(scene: Scene, farm: Farm, pass: 'short' | 'long'): Promise<Row> {
  const book = new OrderBook();
  const ended = new AbortController();
  const complaints: string[] = [];
  const notes: string[] = [];
  const killsBefore = farm.kills;
  const ordering = scene.keepsOrdering === false ? undefined : book.keepOrdering(farm, ended.signal);
  let injected: number | string;
  const startedAt = performance.now();
  try {
    const complain = (sentence: string) => void complaints.push(sentence);
    const note = (sentence: string) => void notes.push(sentence);
    injected = await scene.play({ farm, book, times: scene.times[pass], complain, note });
  } catch (error) {
    if (!(error instanceof CannotInject)) complaints.push(`the scene broke off: ${(error as Error).stack}`);
    injected = error instanceof CannotInject ? error.message : 0;
  }
  ended.abort();
  await ordering;
  const playedAt = performance.now();
  const found = await healAndCheck(farm, book);
  const findings = { ...found, wrong: [...complaints, ...found.wrong] };
  const seconds = { play: (playedAt - startedAt) / 1000, check: (performance.now() - playedAt) / 1000 };
  return { fault: scene.number, name: scene.name, injected, kills: farm.kills - killsBefore, seconds, findings, notes };
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
async function playAll(pass: 'short' | 'long'): Promise<number> {
  const rows: Row[] = [];
  const startedAt = Date.now();
  let farm: Farm | null = null;
  let needs = '';
  for (const scene of await loadScenes()) {
    const wanted: Omit<FarmOptions, 'seed'> = scene.farm ?? {};
    if (!farm || JSON.stringify(wanted) !== needs) {
      await farm?.[Symbol.asyncDispose]();
      farm = await Farm.open({ seed: SEED + scene.number, ...wanted });
      needs = JSON.stringify(wanted);
    }
    const row = await play(scene, farm, pass);
    rows.push(row);
    tell(row);
    // What one scene broke must not be blamed on the next.
    if (row.findings.wrong.length > 0) needs = '';
  }
  await farm?.[Symbol.asyncDispose]();
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
    process.exit((await playAll(MODE)) > 0 ? 1 : 0);
    break;
  case 'soak':
    process.exit((await runSoak(SEED, HOURS)) > 0 ? 1 : 0);
    break;
  default:
    console.error(`${MODE} is not known here: say nothing (the short pass), long, or soak HOURS.`);
    process.exit(2);
}
