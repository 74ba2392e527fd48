import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { until } from '../../support/until.ts';
import { CannotInject } from './scene.ts';

const STRACE = '/usr/bin/strace';

/** A system call that fails. */
export interface FailingCall {
  readonly call: string;
  readonly error: 'EIO' | 'ENOSPC';
  /** which of the calls fails first, from 1; each thread counts its own */
  readonly first: number;
  /** every how many after that */
  readonly every: number;
}

/** Makes system calls of a process fail until it is disposed of. */
export class FailingCalls implements AsyncDisposable {
  readonly #strace: ChildProcess;
  readonly #output: string;

  private constructor(strace: ChildProcess, output: string) {
    this.#strace = strace;
    this.#output = output;
  }

  /**
   * @param output a file for what strace tells
   * @throws {CannotInject}
   */
  static async in(pid: number, { call, error, first, every }: FailingCall, output: string): Promise<FailingCalls> {
    if (!existsSync(STRACE)) throw new CannotInject('strace is missing: apt-get install strace');
    const inject = `inject=${call}:error=${error}:when=${first}+${every}`;
    const words = ['-f', '-o', output, '-e', `trace=${call}`, '-e', inject, '-p', String(pid)];
    const strace = spawn(STRACE, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    strace.stderr?.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    await until(() => /attached/.test(said) || strace.exitCode !== null);
    if (strace.exitCode !== null) throw new CannotInject(`strace may not do it here: ${said.trim()}`);
    return new FailingCalls(strace, output);
  }

  /** How many calls have failed. */
  async count(): Promise<number> {
    return (await readFile(this.#output, 'latin1')).split('(INJECTED)').length - 1;
  }

  /** The process goes on undisturbed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#strace.exitCode !== null || this.#strace.signalCode !== null) return;
    const ended = once(this.#strace, 'exit');
    this.#strace.kill('SIGTERM');
    await ended;
  }
}
