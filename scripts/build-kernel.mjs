import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = 'build/kernel';
const STAMP = `${OUTPUT}/built`;
const FLAGS = '--runtime stub --noAssert -O3 --converge --enable simd --importMemory --use abort='.split(' ');

/**
 * Compiles kernel/picture.ts and each of kernel/formulas/ to a module of its own in build/kernel/, unless those are newer than all sources.
 * @returns {Promise<boolean>} whether it compiled
 */
export async function buildKernel() {
  if (await isFresh()) return false;
  await mkdir(ROOT + OUTPUT, { recursive: true });
  const formulas = (await readdir(`${ROOT}kernel/formulas`)).map((name) => `formulas/${name}`);
  // The stamp goes first and comes last: a build that was cut off is no build.
  await rm(ROOT + STAMP, { force: true });
  for (const source of ['picture.ts', ...formulas]) await compile(source);
  await writeFile(ROOT + STAMP, '');
  return true;
}

async function compile(source) {
  // Written aside and renamed: whoever starts meanwhile finds the old module or the new one, whole.
  const name = basename(source, '.ts');
  const unfinished = `${OUTPUT}/${name}.${process.pid}.unfinished`;
  const { error, stderr } = await asc.main([`kernel/${source}`, '--baseDir', ROOT, '-o', unfinished, ...FLAGS]);
  if (error) throw new Error(`kernel/${source} does not compile:\n${stderr}`, { cause: error });
  await rename(ROOT + unfinished, `${ROOT + OUTPUT}/${name}.wasm`);
}

async function isFresh() {
  const built = await modified(STAMP);
  const sources = (await readdir(`${ROOT}kernel`, { recursive: true })).map((name) => `kernel/${name}`);
  const times = await Promise.all(
    [...sources, 'scripts/build-kernel.mjs', 'node_modules/assemblyscript/package.json'].map(modified),
  );
  return times.every((time) => time < built);
}

/** Milliseconds since 1970; 0 when there is no such file. */
async function modified(path) {
  const status = await stat(ROOT + path).catch(() => undefined);
  return status?.mtimeMs ?? 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log((await buildKernel()) ? `kernel: built ${OUTPUT}` : `kernel: ${OUTPUT} is up to date`);
}
