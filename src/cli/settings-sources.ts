import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse as parseIni } from 'ini';
import { nearest } from '../domain/nearest.ts';
import { UsageError } from './usage-error.ts';

/** One setting as somebody wrote it. */
export interface SettingOrigin {
  readonly text: string;
  /** for complaints: `--bind-port`, `FAAFO_BIND_PORT` or `bind_port in /etc/faafo/faafo.conf` */
  readonly where: string;
  readonly source: Source;
  /** of the configuration file */
  readonly path?: string;
}

/** Weakest first. */
const SOURCES = ['file', 'environment', 'flag'] as const;
type Source = (typeof SOURCES)[number];

type Environment = Readonly<Record<string, string | undefined>>;

export const flagOf = (name: string): string => `--${name.replaceAll('_', '-')}`;
export const variableOf = (name: string): string => `FAAFO_${name.toUpperCase()}`;

/**
 * What was said about each setting by the strongest source that says anything. Empty environment variables say nothing.
 * @param names all settings there are
 * @param rivals pairs of settings that say the same in two ways: the one from the stronger source is taken
 * @throws {UsageError} on a name that is none of them, and when the configuration file cannot be read
 */
export function gatherSettings(
  names: readonly string[],
  flags: Readonly<Record<string, string | undefined>>,
  env: Environment,
  rivals: readonly (readonly [string, string])[] = [],
): Map<string, SettingOrigin> {
  refuseUnknownVariables(names, env);
  const found = configuredIn(names, usedConfiguration(flags.config_file, env));
  for (const name of names) {
    const text = env[variableOf(name)];
    if (text) found.set(name, { text, where: variableOf(name), source: 'environment' });
  }
  for (const name of names) {
    const text = flags[name];
    if (text !== undefined) found.set(name, { text, where: flagOf(name), source: 'flag' });
  }
  for (const pair of rivals) settle(found, pair);
  return found;
}

function settle(found: Map<string, SettingOrigin>, [one, other]: readonly [string, string]): void {
  const [first, second] = [found.get(one), found.get(other)];
  if (!first || !second) return;
  const ahead = SOURCES.indexOf(first.source) - SOURCES.indexOf(second.source);
  if (ahead === 0) throw new UsageError(`Give either ${first.where} or ${second.where}, not both.`);
  found.delete(ahead > 0 ? other : one);
}

function refuseUnknownVariables(names: readonly string[], env: Environment): void {
  const known = ['config_file', ...names].map(variableOf);
  const unknown = Object.keys(env).find((name) => name.startsWith('FAAFO_') && !known.includes(name));
  if (unknown) throw new UsageError(`The environment variable ${unknown} is unknown${hint(unknown, known)}`);
}

/** The configuration file that counts; null when there is none. @throws {UsageError} when it is named and not there, or cannot be read */
export function usedConfiguration(flag: string | undefined, env: Environment): { path: string; text: string } | null {
  const named = flag ?? (env.FAAFO_CONFIG_FILE || undefined);
  const places = named === undefined ? usualPlaces(env) : [named];
  for (const path of places) {
    const text = readIfThere(path);
    if (text !== undefined) return { path, text };
  }
  if (named === undefined) return null;
  throw new UsageError(`The configuration file ${named} does not exist.`);
}

function usualPlaces(env: Environment): string[] {
  const home = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return [join(home, 'faafo', 'faafo.conf'), '/etc/faafo/faafo.conf'];
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`The configuration file ${path} cannot be read (${code}).`, { cause });
  }
}

const configuredIn = (names: readonly string[], used: { path: string; text: string } | null): Map<string, SettingOrigin> =>
  used === null ? new Map() : parseConfiguration(names, used.path, used.text);

/** Keys stand at the top or in a section [DEFAULT], as oslo.config has it; no other section means anything. */
function parseConfiguration(names: readonly string[], path: string, text: string): Map<string, SettingOrigin> {
  const { DEFAULT: section, ...top } = parseIni(text) as Record<string, unknown>;
  const found = new Map<string, SettingOrigin>();
  for (const [name, value] of [...Object.entries(top), ...Object.entries(section ?? {})]) {
    if (value !== null && typeof value === 'object') {
      throw new UsageError(`${path}: there is no section [${name}]: settings stand at the top or in [DEFAULT].`);
    }
    if (!names.includes(name)) throw new UsageError(`${path}: the setting '${name}' is unknown${hint(name, names)}`);
    found.set(name, { text: String(value), where: `${name} in ${path}`, source: 'file', path });
  }
  return found;
}

function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near ? `: did you mean ${near}?` : `; known ones are ${known.join(', ')}.`;
}
