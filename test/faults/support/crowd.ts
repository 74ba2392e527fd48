import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OrderBody } from '../../../src/http/schemas.ts';
import { endWithThisProcess } from '../../support/servers/processes.ts';
import { shareBytes } from './usage.ts';

/** As it is published, which needs less memory and starts sooner than its sources do; scripts/test-faults.mjs builds it. */
const PROGRAM = fileURLToPath(new URL('../../../dist/cli/faafo.js', import.meta.url));
/** Hundreds share the memory of one machine; and what one has compiled need not be compiled again. */
const THRIFTY = {
  NODE_OPTIONS: '--max-semi-space-size=1',
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../build/crowd-cache', import.meta.url)),
};

/** One `faafo create` of one fractal, in a process of its own. */
export interface Creation {
  readonly uuid: string;
  /** whether it has told that it was refused and goes on trying */
  readonly hasWaited: boolean;
  readonly hasEnded: boolean;
  /** null for one that a signal ended */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The order as words of the command line. */
const wordsOf = (body: OrderBody): string[] =>
  Object.entries(body).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`);

/** Many `faafo create` that all live at the same time; those that still do are killed on dispose. */
export class Crowd implements AsyncDisposable {
  readonly #children: ChildProcess[] = [];
  readonly creations: Creation[] = [];

  /** @param endpoint of the API */
  add(endpoint: string, body: OrderBody): void {
    const uuid = crypto.randomUUID();
    const env = { ...process.env, FAAFO_ENDPOINT_URL: endpoint, FAAFO_CONFIG_FILE: '/dev/null', ...THRIFTY };
    const words = [PROGRAM, 'create', '--tasks=1', `--uuid=${uuid}`, ...wordsOf(body)];
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    }
    const unguard = endWithThisProcess(child.pid!);
    let hasEnded = false;
    child.once('close', () => {
      hasEnded = true;
      unguard();
    });
    this.#children.push(child);
    this.creations.push({
      uuid,
      get hasWaited() {
        return said.stderr.includes('Trying again.');
      },
      get hasEnded() {
        return hasEnded;
      },
      get status() {
        return child.exitCode;
      },
      get stdout() {
        return said.stdout;
      },
      get stderr() {
        return said.stderr;
      },
    });
  }

  count(which: (creation: Creation) => boolean): number {
    return this.creations.filter(which).length;
  }

  /** Memory of those that live, bytes; what they share is counted once. */
  memoryBytes(): number {
    return this.#children.reduce((sum, { pid }) => sum + (pid === undefined ? 0 : shareBytes(pid)), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const alive = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ends = alive.map((child) => once(child, 'exit'));
    for (const child of alive) child.kill('SIGKILL');
    await Promise.all(ends);
  }
}
