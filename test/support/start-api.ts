import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/faafo-api.js', import.meta.url));

export interface RunningApi extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** what it has written to stderr so far */
  readonly log: () => string;
  /** SIGTERM; resolves with the exit status when it has ended */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when it has ended */
  kill(): Promise<void>;
}

export interface StartOptions {
  readonly dataDir: string;
  /** 0 takes a free one */
  readonly port?: number;
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** the program to start: this clone's by default */
  readonly program?: string;
}

/** A real faafo-api process on a port of 127.0.0.1, with its data in a folder of the test's. @throws with its log when it does not come up */
export async function startApi({
  dataDir,
  port = 0,
  flags = [],
  env = {},
  program = PROGRAM,
}: StartOptions): Promise<RunningApi> {
  const args = [program, '--data-dir', dataDir, '--bind-port', String(port), ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...cleanEnvironment(), ...env } });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await ended;
    }
  };
  const url = await readUrl(child, () => log).catch(async (error) => {
    await end('SIGKILL');
    throw error;
  });
  return {
    url,
    process: child,
    log: () => log,
    stop: async () => {
      await end('SIGTERM');
      return child.exitCode;
    },
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}

async function readUrl(child: ChildProcess, log: () => string): Promise<string> {
  let said = '';
  return await new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /^faafo is ready: (\S+)\n/m.exec(said)?.[1];
      if (url) resolve(url);
    });
    child.on('error', reject);
    child.on('exit', (status, signal) =>
      reject(new Error(`faafo-api ended (${status ?? signal}) before it was ready:\n${said}${log()}`)),
    );
  });
}

/** The tester's own settings must not leak into the service. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('FAAFO_') && !name.startsWith('VITEST'));
  return { ...Object.fromEntries(kept), FAAFO_CONFIG_FILE: '/dev/null', NODE_ENV: 'production' };
}
