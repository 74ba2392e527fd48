import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What became of a first boot. */
export interface FirstBoot {
  readonly status: number;
  readonly output: string;
  /** words that install.sh was called with */
  readonly flags: readonly string[];
  /** text of the files that those name, by flag */
  readonly said: Readonly<Record<string, string>>;
  /** Runs another of the files that it has left. */
  again(file: string): Promise<number>;
}

/** It tells Heat, which may be slow to answer. */
const PATIENCE_MS = 150_000;
const FOLDERS = ['/var/lib/faafo-install', '/usr/local/bin', '/etc/systemd/system'];

/**
 * The user data of an instance, run as its guest would, but for install.sh, in whose place a few lines tell what they are called with. Nothing of this machine is
 * changed: the folders that it writes to are the test's.
 * @param folder of the test
 * @param given.install lines in the place of install.sh
 * @param given.faafo what /usr/local/bin/faafo runs
 */
export async function firstBoot(
  folder: string,
  userData: string,
  given: { readonly install?: string; readonly faafo?: string } = {},
): Promise<FirstBoot> {
  const [begin, end] = ["<<'END_OF_INSTALL_SH'\n", '\nEND_OF_INSTALL_SH\n'];
  const [before, rest] = split(userData, begin);
  const [, after] = split(rest, end);
  const install = given.install ?? 'exit 0';
  await writeFile(join(folder, 'user-data'), `${before}${begin}printf '%s\\n' "$@" >flags\n${install}${end}${after}`);
  for (const each of FOLDERS) await mkdir(join(folder, each), { recursive: true });
  await writeFile(join(folder, '/usr/local/bin/faafo'), `#!/bin/sh\n${given.faafo ?? 'exit 1'}\n`, { mode: 0o755 });
  const mounts = FOLDERS.map((each) => `mkdir -p ${each}; mount --bind ${folder}${each} ${each}`).join('\n');
  const run = (script: string) =>
    new Promise<{ status: number; output: string }>((resolve) => {
      const words = [
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        '--propagation',
        'private',
        'bash',
        '-ec',
        `${mounts}\nbash ${script}`,
      ];
      execFile('unshare', words, { cwd: '/', timeout: PATIENCE_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr }),
      );
    });
  const ran = await run(join(folder, 'user-data'));
  const left = join(folder, '/var/lib/faafo-install');
  const names = (await readdir(left)).filter((name) => name.startsWith('said-'));
  const texts = await Promise.all(
    names.map(async (name) => [name.slice('said-'.length), await readFile(join(left, name), 'utf8')]),
  );
  return {
    ...ran,
    flags: (await readFile(join(left, 'flags'), 'utf8')).trimEnd().split('\n'),
    said: Object.fromEntries(texts.filter(([, text]) => text !== '')),
    again: async (file) => (await run(`/var/lib/faafo-install/${file}`)).status,
  };
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  if (index < 0) throw new Error(`${JSON.stringify(at)} is not in the user data.`);
  return [text.slice(0, index), text.slice(index + at.length)];
}
