import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '../support/servers/openstack/guardian.ts';
import { startControlPlane } from '../support/servers/openstack/plane.ts';

// npm run test:cloud: a real OpenStack of its own, and the tests that need one. With `-- up` the plane stays until Ctrl-C, for tests that are run by hand.

const VITEST = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
const CONFIG = join(import.meta.dirname, 'vitest.config.ts');
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

const say = (line: string): void => console.error(`faafo: ${line}`);

// Everything that runs from here on has this folder in its environment: so the guardian finds it.
const folder = await mkdtemp(join(tmpdir(), 'faafo-cloud-'));
process.env.TMPDIR = folder;
guard(folder);

const stopped = Promise.withResolvers<number>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve(STATUS[signal]));

process.exitCode = await Promise.race([stopped.promise, play(process.argv.slice(2))]);
// What is still being started has nobody to wait for it.
process.exit();

async function play(words: readonly string[]): Promise<number> {
  say('starting a control plane (a minute or two) …');
  await using plane = await startControlPlane(say).catch((error: Error) => {
    say(error.message);
    return null;
  });
  if (plane === null) return 1;
  const facts = join(folder, 'plane.json');
  await writeFile(facts, JSON.stringify(plane.facts));
  if (words[0] === 'up') {
    say(`the control plane is up until Ctrl-C; the tests find it by: export CLOUD_PLANE=${facts}`);
    return await stopped.promise;
  }
  const env = { ...process.env, CLOUD_PLANE: facts };
  const vitest = spawn(process.execPath, [VITEST, 'run', '--config', CONFIG, ...words], { stdio: 'inherit', env });
  const [status] = (await once(vitest, 'exit')) as [number | null];
  return status ?? 1;
}
