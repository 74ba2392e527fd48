import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Spec } from '../src/domain/spec.ts';
import { VIEWS } from '../test/engine/views.ts';
import { agreementOf } from './peers/agreement.ts';
import { faafo, installFaafo } from './peers/faafo.ts';
import { defaultFractalnow, fractalnow } from './peers/fractalnow.ts';
import { cpuMsOfRun, type Program, SETTINGS, versionOf } from './peers/program.ts';
import { defaultXaos, xaos } from './peers/xaos.ts';
import { median, round } from './support/measure.ts';

/*
 * CPU time of whole processes, user and system, from the command line to the picture's file: `faafo render` beside FractalNow and XaoS from
 * Debian, one thread each, the same points and the same most steps. After one warm run of each, whose picture is compared with the counts of
 * the plain twin, the programs run in turn; the table has medians. node bench/peers.ts 9 runs each 9 times.
 */

const RUNS = Number(process.argv[2] ?? 5);
const SIDE = 1024;
/** Below this a picture is another one. M2's counts differ by rounding alone in 3 pixels of 1,000. */
const SAME_PICTURE = 0.99;
const PROGRAMS: readonly Program[] = [faafo, fractalnow, defaultFractalnow, xaos, defaultXaos];
const PICTURES: Readonly<Record<string, Spec>> = {
  J1: VIEWS.J1(SIDE),
  J2: VIEWS.J2(SIDE),
  M1: VIEWS.M1(SIDE),
  M2: VIEWS.M2(SIDE),
  'J1, 16 x 16': VIEWS.J1(16), // what a program costs before it draws
};
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

interface Installed {
  readonly program: Program;
  readonly version: string;
}

/** Prints how a program is called, or which command installs it. */
function introduce(program: Program, version: string | null, folder: string): void {
  if (version === null) {
    console.log(`${program.name}: not installed; apt-get install -y --no-install-recommends ${program.debianPackage}`);
    return;
  }
  const { input, command, output } = program.drawing(PICTURES.J1!, folder);
  const shown = (text: string) =>
    text.replaceAll(folder, '$T').replaceAll(process.execPath, 'node').replaceAll(REPOSITORY, '').trim().replaceAll('\n', ' ');
  console.log(`${program.name} ${version}, writes ${output.split('.').at(-1)!.toUpperCase()}\n  ${shown(command.join(' '))}`);
  if (input) console.log(`  ${shown(input.path)}: ${shown(input.text)}`);
}

/** Median CPU time of each program, milliseconds, and how far its picture agrees with our counts. */
async function measure(name: string, spec: Spec, installed: readonly Installed[], folder: string) {
  const drawings = installed.map(({ program }) => ({ program, drawing: program.drawing(spec, folder), times: [] as number[] }));
  const agreement: Record<string, number> = {};
  for (const { program, drawing } of drawings) {
    cpuMsOfRun(drawing, folder);
    const share = await agreementOf(drawing);
    if (share < SAME_PICTURE) throw new Error(`${program.name} drew something else than ${name}: ${round(share * 100)} % agree`);
    agreement[program.name] = share;
  }
  for (let run = 0; run < RUNS; run++) for (const { drawing, times } of drawings) times.push(cpuMsOfRun(drawing, folder));
  return { agreement, medians: new Map(drawings.map(({ program, times }) => [program.name, median(times)])) };
}

function rowOf(name: string, medians: ReadonlyMap<string, number>): Record<string, string | number> {
  const ours = medians.get(faafo.name)!;
  const peers = PROGRAMS.filter((program) => program !== faafo);
  const times = PROGRAMS.map((program) => [`${program.name} ms`, round(medians.get(program.name) ?? Number.NaN)]);
  const ratios = peers.map((program) => [`${program.name} / faafo`, round((medians.get(program.name) ?? Number.NaN) / ours)]);
  const cells = [...times, ...ratios].map(([key, value]) => [key, Number.isNaN(value) ? 'not installed' : value]);
  return { view: name, ...Object.fromEntries(cells) };
}

async function compare(folder: string) {
  const versions = PROGRAMS.map((program) => ({ program, version: versionOf(program, folder) }));
  const environment = Object.entries(SETTINGS).map((setting) => setting.join('='));
  console.log(`${environment.join(' ')} HOME=$T, J1 at ${SIDE} x ${SIDE}:`);
  for (const { program, version } of versions) introduce(program, version, folder);
  const installed = versions.filter((each): each is Installed => each.version !== null);
  const views = [];
  for (const [name, spec] of Object.entries(PICTURES)) {
    const { agreement, medians } = await measure(name, spec, installed, folder);
    const shares = Object.entries(agreement).map(([program, share]) => `${program} ${(share * 100).toFixed(2)}`);
    console.log(`${name}, % of the pixels as counted: ${shares.join(', ')}`);
    views.push({ ...rowOf(name, medians), agreement });
  }
  return { runs: RUNS, versions: Object.fromEntries(versions.map(({ program, version }) => [program.name, version])), views };
}

await installFaafo();
const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
try {
  const result = await compare(folder);
  console.table(result.views.map(({ agreement: _, ...row }) => row));
  await mkdir('build/bench', { recursive: true });
  await writeFile('build/bench/peers.json', `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
