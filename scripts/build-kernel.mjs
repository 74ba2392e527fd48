import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = 'build/kernel';
const STAMP = `${OUTPUT}/built`;
const FLAGS = '--runtime stub --noAssert -O3 --converge --enable simd --importMemory --use abort='.split(' ');

/**
 * Compiles kernel/picture.ts, and kernel/entry.ts with each class in kernel/formulas/, to modules in build/kernel/, unless those are newer than all
 * sources. A file's only class makes a module of the file's name; where there are more, each adds its own.
 * @returns {Promise<boolean>} whether it compiled
 */
export async function buildKernel() {
  if (await isFresh()) return false;
  await mkdir(ROOT + OUTPUT, { recursive: true });
  // The stamp goes first and comes last: a build that was cut off is no build.
  await rm(ROOT + STAMP, { force: true });
  const modules = ['picture'];
  await compile('picture', 'picture.ts');
  for (const file of await readdir(`${ROOT}kernel/formulas`)) {
    const source = await readFile(`${ROOT}kernel/formulas/${file}`, 'utf8');
    const classes = [...source.matchAll(/^export class (\w+) extends Step/gm)].map(([, name]) => name);
    for (const name of classes) {
      const formula = basename(file, '.ts');
      const module = classes.length === 1 ? formula : `${formula}-${name.toLowerCase()}`;
      await compile(module, 'entry.ts', { formula, name });
      modules.push(module);
    }
  }
  // Modules of classes that are gone; what is unfinished may be another build's.
  const outdated = (await readdir(ROOT + OUTPUT)).filter(
    (file) => file.endsWith('.wasm') && !modules.includes(basename(file, '.wasm')),
  );
  for (const file of outdated) await rm(`${ROOT + OUTPUT}/${file}`, { force: true });
  await writeFile(ROOT + STAMP, '');
  return true;
}

/** @param as the formula that takes the tricorn's place in entry.ts */
async function compile(module, source, as = { formula: 'tricorn', name: 'Tricorn' }) {
  // Written aside and renamed: whoever starts meanwhile finds the old module or the new one, whole.
  const unfinished = `${OUTPUT}/${module}.${process.pid}.unfinished`;
  const { error, stderr } = await asc.main([`kernel/${source}`, '--baseDir', ROOT, '-o', unfinished, ...FLAGS], {
    readFile: async (name, folder) => {
      const text = await readFile(resolve(folder, name), 'utf8').catch(() => null);
      return text && name.endsWith('entry.ts')
        ? text.replace('{ Tricorn ', `{ ${as.name} `).replace('/tricorn', `/${as.formula}`)
        : text;
    },
  });
  if (error) throw new Error(`kernel/${source}, ${as.name}, does not compile:\n${stderr}`, { cause: error });
  await rename(ROOT + unfinished, `${ROOT + OUTPUT}/${module}.wasm`);
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
