import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../until.ts';
import { awaitEnd, endWithThisProcess, familyOf, freezeAll, signalAll } from './processes.ts';

/** A server that belongs to one test file: its own folder, its own ports on 127.0.0.1, gone on dispose. */
export interface PrivateServer extends AsyncDisposable {
  readonly url: string;
  /** its data and its log; removed on dispose */
  readonly folder: string;
  /** what it has written to its output so far */
  log(): Promise<string>;
  /** SIGKILL to all of its processes; resolves when they are gone */
  kill(): Promise<void>;
  /** A clean end; resolves when its processes are gone. */
  stop(): Promise<void>;
  /** Again, on the same ports and data; resolves when it answers. @throws with its log when it does not come up */
  start(): Promise<void>;
  /** SIGSTOP to all of its processes: connections stay open and nothing answers. Resolves when they stand still. */
  pause(): Promise<void>;
  resume(): void;
  /** all of its processes */
  pids(): number[];
}

export interface PrivateDatabase extends PrivateServer {
  /** A new, empty database on the same server. @returns its URL */
  createDatabase(name: string): Promise<string>;
}

export interface ServerPlan {
  readonly folder: string;
  readonly url: string;
  /** program and arguments; it stays in the foreground */
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** makes the program end cleanly */
  readonly stopSignal: NodeJS.Signals;
  /** whether it answers; may reject while it does not */
  isReady(log: string): Promise<boolean>;
  /** how long it may take to come up; a minute by default */
  readonly patienceMs?: number;
}

/** Starts a server as planned. @throws with its log when it does not come up; then nothing of it is left */
export async function startServer(plan: ServerPlan): Promise<PrivateServer> {
  const server = prepareServer(plan);
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

function prepareServer(plan: ServerPlan): PrivateServer {
  const logFile = join(plan.folder, 'log.txt');
  const log = () => readFile(logFile, 'utf8').catch(() => '');
  let child: ChildProcess | undefined;
  let unguard = (): void => {};

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child?.pid) return;
    const family = familyOf(child.pid);
    if (signal === 'SIGKILL') signalAll(family, signal);
    else {
      signalAll(family, 'SIGCONT');
      child.kill(signal);
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    // Helpers that serve nobody any more; those of a server that ended by itself are still in its group.
    signalAll([...family, -child.pid], 'SIGKILL');
    await awaitEnd(family);
    unguard();
    child = undefined;
  };

  const kill = () => end('SIGKILL');

  return {
    url: plan.url,
    folder: plan.folder,
    log,
    kill,
    stop: () => end(plan.stopSignal),
    start: async () => {
      const started = spawnLogged(plan, logFile);
      await once(started, 'spawn');
      child = started;
      unguard = endWithThisProcess(started.pid!);
      const hasEnded = () => started.exitCode !== null || started.signalCode !== null;
      const isReady = async () => await plan.isReady(await log()).catch(() => false);
      await until(async () => hasEnded() || (await isReady()), plan.patienceMs ?? 60_000).catch(() => {});
      if (!hasEnded() && (await isReady())) return;
      await kill();
      throw new Error(`${plan.command.join(' ')} did not come up:\n${await log()}`);
    },
    pause: async () => {
      if (child?.pid) await freezeAll(familyOf(child.pid));
    },
    resume: () => child?.pid && signalAll(familyOf(child.pid), 'SIGCONT'),
    pids: () => (child?.pid ? familyOf(child.pid) : []),
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(plan.folder, { recursive: true, force: true });
    },
  };
}

function spawnLogged({ command, env, folder }: ServerPlan, logFile: string): ChildProcess {
  const output = openSync(logFile, 'w');
  try {
    const [program, ...words] = command;
    // In a session of its own: a Ctrl-C for the tests is no Ctrl-C for the server.
    return spawn(program!, words, { cwd: folder, env: env ?? process.env, detached: true, stdio: ['ignore', output, output] });
  } finally {
    closeSync(output);
  }
}

export const serverFolder = (name: string): Promise<string> => mkdtemp(join(tmpdir(), `faafo-test-${name}-`));

/** @throws with the command that installs the Debian package, when the program is missing */
export function needProgram(program: string, debianPackage: string): string {
  if (existsSync(program)) return program;
  throw new Error(
    `${program} is missing; install it with: apt-get install -y --no-install-recommends ${debianPackage} (as root), or run npm test once as root.`,
  );
}

const execute = promisify(execFile);

/** Runs a program to its end. @returns what it wrote to stdout. @throws with what it wrote to stderr */
export async function runProgram(command: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const [program, ...words] = command;
  const { stdout } = await execute(program!, words, { env: env ?? process.env, cwd: '/' });
  return stdout;
}
