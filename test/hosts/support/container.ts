import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { signalAll } from '../../support/servers/processes.ts';
import { until } from '../../support/until.ts';
import type { Image } from './images.ts';

/** How a container's engine would start one, as far as it is said; else as the image says. */
export interface ContainerOptions {
  readonly command?: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly readOnly?: boolean;
  /** no capability is left, nor can one be had */
  readonly dropsAll?: boolean;
  readonly noNewPrivileges?: boolean;
  /** folders or files of this machine */
  readonly volumes?: readonly { readonly source: string; readonly target: string; readonly readOnly?: boolean }[];
  /** as Compose writes it: a path, and behind a colon what mount is told */
  readonly tmpfs?: readonly string[];
  /** a network namespace; by default it is on this machine's network */
  readonly net?: string;
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** What makes its files those of the container: the image's, with what lies on them. */
function mountsOf(files: string, { volumes = [], tmpfs = [], readOnly = false }: ContainerOptions): string[] {
  const root = quote(files);
  const at = (path: string) => quote(files + path);
  const lines = [`mount --bind ${root} ${root}`, `mount -t proc proc ${at('/proc')}`, `mount --bind /dev ${at('/dev')}`];
  for (const { source, target, readOnly } of volumes) {
    lines.push(`if [ -d ${quote(source)} ]; then mkdir -p ${at(target)}; else touch ${at(target)}; fi`);
    lines.push(`mount --bind ${quote(source)} ${at(target)}`);
    if (readOnly) lines.push(`mount -o remount,ro,bind ${at(target)}`);
  }
  for (const each of tmpfs) {
    const [path, options = 'mode=1777'] = each.split(':') as [string, string?];
    lines.push(`mkdir -p ${at(path)}`, `mount -t tmpfs -o nosuid,nodev,noexec,${options} tmpfs ${at(path)}`);
  }
  if (readOnly) lines.push(`mount -o remount,ro,bind ${root}`);
  return lines;
}

/** A program of an image as the first process of its own name space, as its user, with its variables. */
export class Container {
  readonly process: ChildProcess;
  readonly user: readonly [uid: string, gid: string];
  readonly #variables: Readonly<Record<string, string>>;
  said = '';

  constructor({ config, files }: Image, options: ContainerOptions = {}) {
    const { command = config.Cmd, user = config.User, environment = {}, net } = options;
    const [uid, gid = uid] = user.split(':') as [string, string?];
    this.user = [uid, gid];
    this.#variables = {
      ...Object.fromEntries(config.Env.map((each) => each.split(/=(.*)/s).slice(0, 2))),
      ...environment,
    };
    const rights = [
      `--reuid=${uid} --regid=${gid} --clear-groups`,
      ...(options.dropsAll ? ['--inh-caps=-all --bounding-set=-all'] : []),
      ...(options.noNewPrivileges ? ['--no-new-privs'] : []),
    ];
    const start = `exec chroot ${quote(files)} /usr/bin/setpriv ${rights.join(' ')} /usr/bin/env -C ${config.WorkingDir} "$@"`;
    const spaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
    const script = [...mountsOf(files, options), start].join('\n');
    const words = ['unshare', ...spaces, 'sh', '-ec', script, 'sh', ...command];
    const all = net ? ['/sbin/ip', 'netns', 'exec', net, ...words] : words;
    this.process = spawn(all[0]!, all.slice(1), { env: this.#variables, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.setEncoding('utf8').on('data', (text) => (this.said += text));
  }

  /** The first process, as this machine numbers it. */
  async first(): Promise<number> {
    return Number(await readFile(`/proc/${this.process.pid}/task/${this.process.pid}/children`, 'utf8'));
  }

  /** Resolves with its exit status when it has come to its end. */
  async ended(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit');
    return this.process.exitCode;
  }

  /** As an engine of containers stops it. @returns its exit status */
  async stop(): Promise<number | null> {
    process.kill(await this.first(), 'SIGTERM');
    return await this.ended();
  }

  /** Runs a command beside it, as its user, with its variables. */
  async exec(command: readonly string[]): Promise<{ status: number; output: string }> {
    const first = String(await this.first());
    // Its own view of its files: with /proc and /dev.
    const spaces = ['--mount', '--pid', '--net', `--root=/proc/${first}/root`, `--wd=/proc/${first}/root`];
    const words = ['--target', first, ...spaces, `--setuid=${this.user[0]}`, `--setgid=${this.user[1]}`, ...command];
    return await new Promise((resolve) => {
      execFile('nsenter', words, { env: this.#variables }, (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
    });
  }

  /** Resolves when it has said so. @throws with all that it said when it ends instead */
  async awaitWords(words: string): Promise<void> {
    const { process } = this;
    await until(() => this.said.includes(words) || process.exitCode !== null || process.signalCode !== null, 60_000);
    if (!this.said.includes(words)) throw new Error(`it ended:\n${this.said}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    // That its parent dies does not reach it: it has another user since.
    signalAll([await this.first()], 'SIGKILL');
    await this.ended();
  }
}
