import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { until } from '../until.ts';

/** A process and all that it started, directly or not. Servers put their children into process groups of their own, so groups do not tell. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const status = /^\d+$/.test(name) ? statusOf(Number(name)) : null;
    if (status) children.set(status.parent, [...(children.get(status.parent) ?? []), Number(name)]);
  }
  const family = [pid];
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family;
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone.
    }
  }
}

/** Resolves when none of them runs any more. */
export async function awaitEnd(pids: readonly number[]): Promise<void> {
  await until(() => pids.every((pid) => ['Z', undefined].includes(statusOf(pid)?.state)));
}

/** SIGSTOP. Resolves when no thread of them runs any more: the signal is sent at once, but a thread on another core goes on for a moment. */
export async function freezeAll(pids: readonly number[]): Promise<void> {
  signalAll(pids, 'SIGSTOP');
  await until(() => pids.every((pid) => threadStatesOf(pid).every((state) => ['T', 'Z', 'X'].includes(state))));
}

function threadStatesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => statusOf(`${pid}/task/${thread}`)?.state ?? []);
  } catch {
    return [];
  }
}

const guarded = new Set<number>();
let isOnGuard = false;

/** Kills a process, with all that it started, when this one ends before; only SIGKILL is too fast for that. @returns what undoes it */
export function endWithThisProcess(pid: number): () => void {
  guarded.add(pid);
  if (!isOnGuard) standGuard();
  return () => void guarded.delete(pid);
}

function standGuard(): void {
  isOnGuard = true;
  const killAll = () => {
    for (const pid of guarded) signalAll(familyOf(pid), 'SIGKILL');
  };
  process.once('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAll();
      // What the signal does without this listener.
      process.kill(process.pid, signal);
    });
  }
}

/** @param task of a process or a thread, below /proc */
function statusOf(task: number | string): { state: string; parent: number } | null {
  try {
    // The second word is the program's name in brackets and may hold anything.
    const [state, parent] = readFileSync(`/proc/${task}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
    return { state: state!, parent: Number(parent) };
  } catch {
    return null;
  }
}

/**
 * A port of 127.0.0.1 that nobody listens on, below those that the system gives to outgoing connections, so that nobody takes it
 * while its server is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
