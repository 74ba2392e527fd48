import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { needProgram, runProgram } from '../support/servers/private-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../..');

interface Service {
  readonly command?: string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
  readonly security_opt?: string[];
  readonly ports?: { readonly target: number }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
interface Read {
  readonly status: number;
  readonly said: string;
  readonly services: Readonly<Record<string, Service>>;
}

/** compose.yaml as docker-compose understands it, which holds it to the schema of the Compose specification. */
async function read(env: string): Promise<Read> {
  const program = needProgram('/usr/bin/docker-compose', 'docker-compose');
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'env');
  await writeFile(file, env);
  const words = ['--env-file', file, '--project-directory', ROOT, '-f', join(ROOT, 'compose.yaml'), 'config'];
  return await new Promise((resolve) => {
    execFile(program, words, { env: { PATH: process.env.PATH } }, (error, stdout, stderr) => {
      const status = error ? Number(error.code) : 0;
      resolve({ status, said: stderr, services: status === 0 ? parse(stdout).services : {} });
    });
  });
}

const passwords = () => runProgram(['sh', join(ROOT, 'deploy/compose-env.sh')]);

describe('compose.yaml', () => {
  it('is one of the Compose specification, with passwords that are new each time', async () => {
    const env = await passwords();
    expect(env).toMatch(/^POSTGRES_PASSWORD=[0-9a-f]{48}\nRABBITMQ_PASSWORD=[0-9a-f]{48}\n$/);
    expect(await passwords()).not.toBe(env);
    const { status, said, services } = await read(env);
    expect([status, said]).toEqual([0, '']);
    expect(Object.keys(services).sort()).toEqual(['api', 'postgres', 'rabbitmq', 'tokens', 'worker']);
    const [, postgres, rabbitmq] = /=(.*)\n.*=(.*)\n/.exec(env)!;
    expect(services.api!.environment).toMatchObject({
      FAAFO_DATABASE_URL: `postgresql://faafo:${postgres}@postgres:5432/faafo`,
      FAAFO_TRANSPORT_URL: `amqp://faafo:${rabbitmq}@rabbitmq:5672/faafo`,
    });
  });

  it('says what is missing when there are no passwords', async () => {
    const { status, said } = await read('');
    expect([status, said]).toEqual([1, expect.stringContaining('run sh deploy/compose-env.sh >.env first')]);
  });

  it('gives our programs no right that they do not need, tells workers nothing of the database, and lets people in at the API alone', async () => {
    const { services } = await read(await passwords());
    for (const name of ['api', 'worker', 'tokens']) {
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    }
    expect(Object.keys(services.worker!.environment)).not.toContain('FAAFO_DATABASE_URL');
    expect(Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map(({ target }) => [name, target]))).toEqual([
      ['api', 8080],
    ]);
  });

  it('starts each after what it stands on', async () => {
    const { services } = await read(await passwords());
    const needsOf = (name: string) =>
      Object.entries(services[name]!.depends_on ?? {}).map(([on, { condition }]) => `${on} ${condition}`);
    expect(needsOf('tokens')).toEqual(['postgres service_healthy']);
    expect(needsOf('api')).toEqual([
      'postgres service_healthy',
      'rabbitmq service_healthy',
      'tokens service_completed_successfully',
    ]);
    expect(needsOf('worker')).toEqual(['api service_healthy']);
  });
});
