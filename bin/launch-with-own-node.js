// For a Node that is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/** A clone has its own Node among its dependencies. @param neededMajor the oldest Node that these programs run on */
export function launchWithOwnNode(neededMajor) {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    process.stderr.write(
      `faafo: Node ${neededMajor} or newer is needed, this is ${process.versions.node} (in a clone: run \`npm start\` once).\n`,
    );
    process.exitCode = 1;
    return;
  }
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
