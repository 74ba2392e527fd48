import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Spec } from '../../src/domain/spec.ts';

/** A program that draws pictures, called in one way. */
export interface Program {
  readonly name: string;
  /** the Debian package that it comes in; null for this repository's own */
  readonly debianPackage: string | null;
  /** writes the version, among other words, to stdout */
  readonly versionCommand: readonly string[];
  /** How it draws `spec`, with its files in `folder`. */
  drawing(spec: Spec, folder: string): Drawing;
}

export interface Drawing {
  /** what the command reads; null when its arguments say all */
  readonly input: { readonly path: string; readonly text: string } | null;
  readonly command: readonly string[];
  /** the picture that it writes: .png, or .ppm with 8 bits a channel */
  readonly output: string;
  /** 0xRRGGBB of all points inside, and of none outside; null where there is no such colour */
  readonly inside: number | null;
  /** the spec whose points are drawn: half a row off the wanted one where a program cannot be made to draw that */
  readonly drawn: Spec;
}

/** No user's settings, no screen, and decimal points, whoever runs the bench. XDG_RUNTIME_DIR: Qt complains without one. */
export const SETTINGS = { LC_ALL: 'C', QT_QPA_PLATFORM: 'offscreen' };
const environment = (folder: string) => ({ PATH: process.env.PATH, ...SETTINGS, HOME: folder, XDG_RUNTIME_DIR: folder });

/** @returns null when the program is not installed */
export function versionOf({ name, versionCommand: [file, ...args] }: Program, folder: string): string | null {
  const { stdout, stderr, error } = spawnSync(file!, args, { encoding: 'utf8', env: environment(folder) });
  if (error && 'code' in error && error.code === 'ENOENT') return null;
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0]; // whatever the exit status: XaoS ends its help with 255
  if (!version) throw new Error(`${name} does not say its version: ${error ?? stderr}`);
  return version;
}

/**
 * bash's own `time`, around one command whose words go to a log: user and system time of the whole process, its threads and the children that
 * it waited for, from getrusage(2). Not GNU time, which prints hundredths of a second: a tenth of a quick picture.
 */
const TIMED = 'TIMEFORMAT="%3U %3S"; time "$@" >"$0" 2>&1';

/** CPU time of one whole run, user and system, milliseconds. @throws with the command's words when it fails */
export function cpuMsOfRun({ input, command }: Drawing, folder: string): number {
  if (input) writeFileSync(input.path, input.text);
  const log = join(folder, 'log');
  const { stderr, status, error } = spawnSync('bash', ['-c', TIMED, log, ...command], {
    encoding: 'utf8',
    env: environment(folder),
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${readFileSync(log, 'utf8')}`);
  const [user, system] = stderr.trim().split(' ').map(Number);
  return (user! + system!) * 1000;
}
