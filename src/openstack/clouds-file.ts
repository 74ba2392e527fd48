import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../domain/fault.ts';
import type { CloudText } from './clouds.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Tree = Record<string, unknown>;

const ENDINGS = ['yaml', 'yml', 'json'];

/**
 * One cloud of clouds.yaml, with what secure.yaml says of the same name laid over it: the one that OS_CLOUD names, or the only one.
 * @throws {Fault} `invalid`
 */
export async function readCloud(env: Environment): Promise<{ name: string; text: CloudText }> {
  const found = await readFirst('clouds', env.OS_CLIENT_CONFIG_FILE, env);
  if (!found) {
    const how = env.OS_CLOUD
      ? `OS_CLOUD is ${env.OS_CLOUD}, and there is`
      : 'Neither OS_AUTH_URL nor OS_CLOUD is set, and there is';
    throw new Fault('invalid', `${how} no clouds.yaml in this folder, ~/.config/openstack or /etc/openstack.`);
  }
  const clouds = cloudsOf(found);
  const names = Object.keys(clouds);
  const name = env.OS_CLOUD || (names.length === 1 ? names[0]! : '');
  if (name === '') throw new Fault('invalid', `${found.path} has several clouds: set OS_CLOUD to one of ${names.join(', ')}.`);
  if (!isTree(clouds[name])) throw new Fault('invalid', `${found.path} has no cloud ${name}; it has ${names.join(', ')}.`);
  const secure = await readFirst('secure', env.OS_CLIENT_SECURE_FILE, env);
  const secret = secure ? cloudsOf(secure)[name] : undefined;
  return { name, text: isTree(secret) ? laidOver(clouds[name], secret) : clouds[name] };
}

async function readFirst(
  stem: string,
  named: string | undefined,
  env: Environment,
): Promise<{ path: string; tree: Tree } | null> {
  const home = env.HOME || homedir();
  const folders = ['.', join(env.XDG_CONFIG_HOME || join(home, '.config'), 'openstack'), '/etc/openstack'];
  const usual = folders.flatMap((folder) => ENDINGS.map((ending) => join(folder, `${stem}.${ending}`)));
  for (const path of [...(named ? [named] : []), ...usual]) {
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
      throw new Fault('invalid', `${path} cannot be read (${cause.code}).`, { cause });
    });
    if (text !== null) return { path, tree: await parseTree(path, text) };
  }
  return null;
}

async function parseTree(path: string, text: string): Promise<Tree> {
  const { parse } = await import('yaml');
  try {
    const tree: unknown = parse(text);
    if (isTree(tree)) return tree;
  } catch (cause) {
    // Its message shows lines, which may hold a password.
    throw new Fault('invalid', `${path} is no YAML.`, { cause });
  }
  throw new Fault('invalid', `${path} holds no clouds.`);
}

function cloudsOf({ path, tree }: { path: string; tree: Tree }): Tree {
  if (isTree(tree.clouds)) return tree.clouds;
  throw new Fault('invalid', `${path} holds no clouds.`);
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function laidOver(below: Tree, above: Tree): Tree {
  const both = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = both[key];
    both[key] = isTree(under) && isTree(value) ? laidOver(under, value) : value;
  }
  return both;
}
