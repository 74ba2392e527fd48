import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Its only word, a folder, names all that is to end with whoever started it. */
const isProgram = process.argv[1] === fileURLToPath(import.meta.url);

/**
 * A process that outlives this one by a moment: however this one ends, also by SIGKILL, it kills every process that has the folder among its words or in its environment, and removes the folder.
 * @param folder of this run alone; TMPDIR of all that it starts
 */
export function guard(folder: string): void {
  const words = ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url), folder];
  // Its input ends when this process does; in a session of its own no Ctrl-C reaches it.
  const guardian = spawn(process.execPath, words, { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' });
  guardian.unref();
  // An open pipe keeps nobody waiting.
  (guardian.stdin as unknown as { unref(): void }).unref();
}

/** Those who belong to a folder, but for this process. */
export function belonging(folder: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.filter((pid) => ['environ', 'cmdline'].some((file) => read(`/proc/${pid}/${file}`).includes(folder))).map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended, or is somebody else's.
    return '';
  }
}

async function sweep(folder: string): Promise<void> {
  for (let pids = belonging(folder); pids.length > 0; pids = belonging(folder)) {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It is gone.
      }
    }
    await sleep(50);
  }
  await rm(folder, { recursive: true, force: true });
}

if (isProgram) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  for await (const _ of process.stdin);
  await sweep(process.argv[2]!);
}
