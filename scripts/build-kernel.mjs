import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = 'build/kernel.wasm';
const FLAGS = '--runtime stub --noAssert -O3 --converge --enable simd --importMemory --use abort='.split(' ');

/**
 * Compiles kernel/ to build/kernel.wasm, unless that is newer than all its sources.
 * @returns {Promise<boolean>} whether it compiled
 */
export async function buildKernel() {
  if (await isFresh()) return false;
  await mkdir(`${ROOT}build`, { recursive: true });
  // Written aside and renamed: whoever starts meanwhile finds the old kernel or the new one, whole.
  const unfinished = `build/kernel.${process.pid}.wasm`;
  const { error, stderr } = await asc.main(['kernel/index.ts', '--baseDir', ROOT, '-o', unfinished, ...FLAGS]);
  if (error) throw new Error(`The kernel does not compile:\n${stderr}`, { cause: error });
  await rename(ROOT + unfinished, ROOT + OUTPUT);
  return true;
}

async function isFresh() {
  const built = await modified(OUTPUT);
  const sources = (await readdir(`${ROOT}kernel`)).map((name) => `kernel/${name}`);
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
