import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runProgram } from '../../support/servers/private-server.ts';
import { until } from '../../support/until.ts';
import type { TestProject } from './project.ts';

export const TEMPLATES = join(import.meta.dirname, '../../../deploy/heat');
/** Under load each step of Heat takes seconds. */
const PATIENCE_MS = 220_000;

const STACK = z.object({
  id: z.string(),
  stack_status: z.string(),
  stack_status_reason: z.string(),
  outputs: z.array(z.object({ output_key: z.string(), output_value: z.unknown() })).optional(),
});
const SERVER = z.object({ server: z.object({ 'OS-EXT-SRV-ATTR:user_data': z.string() }) });

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface Stack {
  readonly status: string;
  readonly reason: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Heat, as a member of a project asks it. */
export function openStacks(project: TestProject) {
  const heat = project.ask('orchestration');
  const compute = project.ask('compute', 'admin');
  /** What a client sends along with a template: the files that it names. */
  const withFiles = async (template: string, parameters: Parameters) => ({
    template: await readFile(join(TEMPLATES, template), 'utf8'),
    files: {
      'boot.sh': await readFile(join(TEMPLATES, 'boot.sh'), 'utf8'),
      '../install.sh': await readFile(join(TEMPLATES, '../install.sh'), 'utf8'),
    },
    parameters,
  });
  const find = async (name: string): Promise<Stack | null> => {
    const { stacks } = await heat.ask(z.object({ stacks: z.array(z.object({ id: z.string(), stack_name: z.string() })) }), {
      method: 'GET',
      path: '/stacks',
    });
    const id = stacks.find((each) => each.stack_name === name)?.id;
    if (id === undefined) return null;
    const { stack } = await heat.ask(z.object({ stack: STACK }), { method: 'GET', path: `/stacks/${name}/${id}` });
    const outputs = Object.fromEntries((stack.outputs ?? []).map((each) => [each.output_key, each.output_value]));
    return { status: stack.stack_status, reason: stack.stack_status_reason, outputs };
  };
  return {
    find,
    create: async (name: string, template: string, parameters: Parameters) =>
      await heat.do({ method: 'POST', path: '/stacks', body: { stack_name: name, ...(await withFiles(template, parameters)) } }),
    /** What would be made. @throws {Fault} with what is wrong with the template */
    preview: async (template: string, parameters: Parameters) =>
      await heat.ask(z.object({ stack: z.object({ resources: z.array(z.unknown()) }) }), {
        method: 'POST',
        path: '/stacks/preview',
        body: { stack_name: 'preview', ...(await withFiles(template, parameters)) },
      }),
    /** Resolves when it is in a state that lasts. */
    settled: (name: string): Promise<Stack> =>
      until(async () => {
        const stack = await find(name);
        return stack && !stack.status.endsWith('IN_PROGRESS') ? stack : null;
      }, PATIENCE_MS),
    gone: (name: string): Promise<boolean> => until(async () => (await find(name)) === null, PATIENCE_MS),
    /** The user data of an instance, as its guest would get it. */
    userData: async (serverId: string): Promise<string> => {
      const { server } = await compute.ask(SERVER, { method: 'GET', path: `/servers/${serverId}` });
      return Buffer.from(server['OS-EXT-SRV-ATTR:user_data'], 'base64').toString();
    },
  };
}

/** OpenStack's own command, as the documents have it. @returns what it wrote */
export const openstack = (project: TestProject, words: readonly string[]): Promise<string> =>
  runProgram(['/usr/bin/openstack', ...words], {
    ...project.env,
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C.UTF-8',
    HOME: process.env.TMPDIR ?? '/tmp',
  });
