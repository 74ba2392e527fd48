// Starts a program of this package. Written for any Node from 18 on, so that an old one gets a sentence and no syntax error.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/** Runs src/cli/NAME.ts in a clone, dist/cli/NAME.js in the published package. */
export function launch(name) {
  if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) return launchWithOwnNode();
  silenceExperiments();
  keepCompiled();
  const inClone = existsSync(new URL('../src/', import.meta.url));
  return import(inClone ? `../src/cli/${name}.ts` : `../dist/cli/${name}.js`);
}

/**
 * What Node has compiled is kept for the next start, which then takes half the time. In the user's own folder: in one that others may write, they could put
 * code of theirs in our place. Without such a folder nothing is kept. Source: https://nodejs.org/docs/latest-v24.x/api/module.html#module-compile-cache
 */
function keepCompiled() {
  if (process.env.NODE_COMPILE_CACHE) return;
  try {
    const home = homedir();
    if (existsSync(home)) nodeModule.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(home, '.cache'), 'faafo'));
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

/** A clone has its own Node among its dependencies. */
async function launchWithOwnNode() {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    process.stderr.write(
      `faafo: Node ${NEEDED_MAJOR} or newer is needed, this is ${process.versions.node} (in a clone: run \`npm start\` once).\n`,
    );
    process.exitCode = 1;
    return;
  }
  // Loaded late, as the programs are: each part of Node that is loaded delays every start.
  const { spawn } = await import('node:child_process');
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  passSignalsOn(child);
  child.on('error', (error) => {
    process.stderr.write(`faafo: ${node} does not start: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status);
    for (const each of PASSED_ON) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

function passSignalsOn(child) {
  // Ctrl-C in a terminal reaches the child by itself; sending it once more would look like an impatient second one.
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of PASSED_ON) {
    process.on(signal, () => {
      if (inTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT')) return;
      child.kill(signal);
    });
  }
}
