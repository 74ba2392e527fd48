import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/until.ts';

const PROGRAM = (name: string) => fileURLToPath(new URL(`../../../bin/${name}.js`, import.meta.url));

/** How a part's process is started; faults change these between two starts. */
export interface PartPlan {
  readonly program: 'faafo-api' | 'faafo-worker';
  readonly flags: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** programs and words in front, such as strace or faketime */
  readonly wrapper?: readonly string[];
}

/** One process of a farm, which is killed and started again. */
export class Part implements AsyncDisposable {
  readonly name: string;
  plan: PartPlan;
  /** of all lives so far */
  log = '';
  kills = 0;
  #child: ChildProcess | null = null;

  constructor(name: string, plan: PartPlan) {
    this.name = name;
    this.plan = plan;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  get isAlive(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it says that it is ready. @throws with its log when it ends before */
  async start(): Promise<void> {
    const { program, flags, env, wrapper = [] } = this.plan;
    const [command, ...words] = [...wrapper, process.execPath, PROGRAM(program), ...flags];
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('FAAFO_') && !name.startsWith('VITEST'));
    const clean = { ...Object.fromEntries(kept), FAAFO_CONFIG_FILE: '/dev/null', NODE_ENV: 'production' };
    const child = spawn(command!, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...clean, ...env } });
    this.#child = child;
    let said = '';
    const hear = (text: string) => {
      said += text;
      this.log += text;
    };
    child.stdout?.setEncoding('utf8').on('data', hear);
    child.stderr?.setEncoding('utf8').on('data', hear);
    await until(() => said.includes('is ready') || child.exitCode !== null || child.signalCode !== null, 90_000);
    if (!said.includes('is ready')) throw new Error(`${this.name} ended before it was ready:\n${said.slice(-4000)}`);
  }

  /** SIGKILL, to what a wrapper started, too. */
  async kill(): Promise<void> {
    this.kills++;
    await this.#end('SIGKILL');
  }

  /** SIGTERM. @returns the exit status */
  async stop(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.#child?.exitCode ?? null;
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || !this.isAlive) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    if (signal === 'SIGKILL') child.kill('SIGCONT');
    await ended;
  }
}
