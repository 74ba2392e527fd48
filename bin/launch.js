// Starts a program of this package. Written for any Node from 18 on, so that an old one gets a sentence and no syntax error.

const NEEDED_MAJOR = 24;

/** Runs src/cli/NAME.ts in a clone, dist/cli/NAME.js in the published package. */
export async function launch(name) {
  if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
    const { launchWithOwnNode } = await import('./launch-with-own-node.js');
    return launchWithOwnNode(NEEDED_MAJOR);
  }
  // Not imported: that evaluates all that Node's fs has, streams too, and delays every start.
  const { existsSync } = process.getBuiltinModule('node:fs');
  silenceExperiments();
  keepCompiled(existsSync);
  const inClone = existsSync(new URL('../src/', import.meta.url));
  return import(inClone ? `../src/cli/${name}.ts` : `../dist/cli/${name}.js`);
}

/**
 * What Node has compiled is kept for the next start, which then takes half the time. In the user's own folder: in one that others may write, they could put
 * code of theirs in our place. Without such a folder nothing is kept. Source: https://nodejs.org/docs/latest-v24.x/api/module.html#module-compile-cache
 */
function keepCompiled(existsSync) {
  if (process.env.NODE_COMPILE_CACHE) return;
  try {
    const home = process.getBuiltinModule('node:os').homedir();
    const { join } = process.getBuiltinModule('node:path');
    const { enableCompileCache } = process.getBuiltinModule('node:module');
    if (existsSync(home)) enableCompileCache(join(process.env.XDG_CACHE_HOME || join(home, '.cache'), 'faafo'));
  } catch {
    // A user without a home folder.
  }
}

/** Early releases of Node 24 announce these two, which work, on stderr; every other warning is shown. */
function silenceExperiments() {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (/^(SQLite|Type Stripping) is an experimental feature/.test(String(warning.message ?? warning))) return;
    emitWarning.call(process, warning, ...rest);
  };
}
