import { readdir, rename, rm, stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = 'build/web';
const SOURCE_FOLDERS = ['web', 'src/domain', 'src/kernel', 'build/kernel'];
const SOURCE_FILES = ['vite.config.ts', 'scripts/build-web.mjs', 'package-lock.json'];

/**
 * Bundles web/, and what it needs of the kernel, which must be built, to build/web/ (index.html and assets/ with hashed names), unless that is newer than all its sources.
 * @returns {Promise<boolean>} whether it built
 */
export async function buildWeb() {
  if (await isFresh()) return false;
  const { build } = await import('vite');
  // Built aside and renamed: an interrupted build leaves the old page or none, never half of one.
  const unfinished = `${ROOT}build/web.${process.pid}`;
  try {
    await build({ configFile: `${ROOT}vite.config.ts`, logLevel: 'warn', build: { outDir: unfinished } });
    await rm(ROOT + OUTPUT, { recursive: true, force: true });
    await rename(unfinished, ROOT + OUTPUT);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return true;
}

async function isFresh() {
  const built = await modified(`${OUTPUT}/index.html`);
  const folders = await Promise.all(SOURCE_FOLDERS.map(filesUnder));
  const times = await Promise.all([...folders.flat(), ...SOURCE_FILES].map(modified));
  return times.every((time) => time < built);
}

async function filesUnder(folder) {
  const entries = await readdir(ROOT + folder, { recursive: true });
  return entries.map((name) => `${folder}/${name}`);
}

/** Milliseconds since 1970; 0 when there is no such file. */
async function modified(path) {
  const status = await stat(ROOT + path).catch(() => undefined);
  return status?.mtimeMs ?? 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log((await buildWeb()) ? `web: built ${OUTPUT}` : `web: ${OUTPUT} is up to date`);
}
