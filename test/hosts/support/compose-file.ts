import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { needProgram, runProgram } from '../../support/servers/private-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface ComposeService {
  readonly command?: string[] | null;
  readonly user?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
  readonly cap_add?: string[];
  readonly security_opt?: string[];
  readonly tmpfs?: string[];
  /** `tokens:/data:ro` */
  readonly volumes?: string[];
  readonly ports?: { readonly target: number }[];
  readonly healthcheck?: { readonly test?: string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
export interface ComposeFile {
  readonly status: number;
  readonly said: string;
  readonly services: Readonly<Record<string, ComposeService>>;
}

/** compose.yaml as docker-compose understands it, which holds it to the schema of the Compose specification. @param env what .env holds */
export async function readCompose(env: string): Promise<ComposeFile> {
  const program = needProgram('/usr/bin/docker-compose', 'docker-compose');
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'env');
  await writeFile(file, env);
  const words = ['--env-file', file, '--project-directory', ROOT, '-f', join(ROOT, 'compose.yaml'), 'config'];
  return await new Promise((resolve) => {
    execFile(program, words, { env: { PATH: process.env.PATH } }, (error, stdout, stderr) => {
      const status = error ? Number(error.code) : 0;
      // It writes $$ for $, so that what it writes can be read again.
      const services = status === 0 ? parse(stdout, (_, value) => plain(value)).services : {};
      resolve({ status, said: stderr, services });
    });
  });
}
const plain = (value: unknown): unknown => (typeof value === 'string' ? value.replaceAll('$$', '$') : value);

/** What deploy/compose-env.sh writes: new passwords. */
export const composeEnv = (): Promise<string> => runProgram(['sh', join(ROOT, 'deploy/compose-env.sh')]);
