import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { belonging } from '../support/servers/openstack/guardian.ts';
import { until } from '../support/until.ts';

const GUARDIAN = join(import.meta.dirname, '../support/servers/openstack/guardian.ts');

/** Starts what a run starts: a process that loses its parent and its session, but not its environment. */
const SCRIPT = (folder: string) => `
  import { spawn } from 'node:child_process';
  import { guard } from ${JSON.stringify(GUARDIAN)};
  process.env.TMPDIR = ${JSON.stringify(folder)};
  guard(process.env.TMPDIR);
  spawn('/bin/sh', ['-c', 'setsid sleep 1000 & exec sleep 1001'], { detached: true, stdio: 'ignore' }).unref();
  setInterval(() => {}, 1000);
`;

it('a run that is killed with -9 leaves no process and no folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faafo-cloud-guarded-'));
  const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', SCRIPT(folder)];
  const run = spawn(process.execPath, words, { stdio: 'inherit' });
  // Itself, its guardian, and the two that sleep.
  await until(() => belonging(folder).length === 4);
  run.kill('SIGKILL');
  await until(() => belonging(folder).length === 0 && !existsSync(folder));
  expect(belonging(folder)).toEqual([]);
});
