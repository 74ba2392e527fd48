import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readState } from '../../../src/cli/cloud-state.ts';
import type { Ran } from '../../support/run-faafo.ts';
import type { TestProject } from './project.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/faafo.js', import.meta.url));

/** Somebody at a command line, with a home of their own. */
export interface Operator {
  readonly home: string;
  /** Runs `faafo cloud …` to its end. */
  run(...words: string[]): Promise<Ran>;
  /** Starts it. */
  start(
    words: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): { readonly child: ChildProcess; readonly ended: Promise<Ran> };
  /** What is kept of a deployment. */
  state(name?: string): ReturnType<typeof readState>;
}

/** An operator of a project, with an SSH key as ssh-keygen makes it. */
export async function newOperator(project: TestProject): Promise<Operator> {
  const home = await mkdtemp(join(tmpdir(), 'operator-'));
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'operator@test', '-f', join(home, '.ssh/id_ed25519')]);
  const start: Operator['start'] = (words, env = {}) => {
    const all = { ...process.env, HOME: home, FAAFO_CONFIG_FILE: '/dev/null', ...project.env, ...env };
    const child = spawn(process.execPath, [PROGRAM, 'cloud', ...words], {
      env: all,
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const status = new Promise<number | null>((resolve) => child.on('close', resolve));
    const ended = Promise.all([text(child.stdout), text(child.stderr), status]).then(([stdout, stderr, code]) => ({
      status: code,
      stdout,
      stderr,
    }));
    return { child, ended };
  };
  return {
    home,
    start,
    run: (...words) => start(words).ended,
    state: (name = 'faafo') => readState(join(home, '.local/state/faafo/deployments', project.id, `${name}.json`)),
  };
}
