import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from './start-api.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/faafo-worker.js', import.meta.url));

export interface RunningWorker extends AsyncDisposable {
  readonly process: ChildProcess;
  /** what it has written to stdout and stderr so far */
  readonly said: () => string;
  readonly log: () => string;
  /** resolves with the exit status when it has ended by itself */
  readonly ended: Promise<number | null>;
  /** SIGTERM; resolves with the exit status when it has ended */
  stop(): Promise<number | null>;
}

/** A real faafo-worker process. It need not be ready yet. */
export function startWorker(flags: readonly string[], env: NodeJS.ProcessEnv = {}): RunningWorker {
  const options = { stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'], env: { ...cleanEnvironment(), ...env } };
  const child = spawn(process.execPath, [PROGRAM, ...flags], options);
  let [said, log] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return await ended;
  };
  return {
    process: child,
    said: () => said,
    log: () => log,
    ended,
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
    },
  };
}
