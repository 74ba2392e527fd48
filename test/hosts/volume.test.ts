import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runProgram, serverFolder } from '../support/servers/private-server.ts';
import { type Host, startHost } from './support/host.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

/* What docs/tutorial/16-volume.md says, word for word, on a disk that is taken out of one host and put into the next. */

const PAGE = resolve(import.meta.dirname, '../../docs/tutorial/16-volume.md');
const DATABASE = 'mysql://faafo:database-secret@127.0.0.1:3306/faafo';
const INSTALL = `bash /root/install.sh -i database -d ${DATABASE} 2>&1`;
const BYTES = 512 * 2 ** 20;
/** Whoever is root already has no sudo there. */
const SUDO = 'set -eu; sudo() { "$@"; }\n';

const [first, next] = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]!);

let network: HostNetwork;
let disk: string;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  network = stack.use(await openNetwork());
  const file = join(await serverFolder('volume'), 'volume');
  await using handle = await open(file, 'w');
  await handle.truncate(BYTES);
  disk = (await runProgram(['/sbin/losetup', '--find', '--show', file])).trim();
  stack.defer(async () => void (await runProgram(['/sbin/losetup', '--detach', disk])));
});
afterAll(() => stack.disposeAsync());

/** A new host with an empty database, and the disk in it. */
async function hostWithDisk(name: string): Promise<Host> {
  const host = await startHost(network, { name, tarball: inject('tarball') });
  expect(await host.run(INSTALL)).toEqual({ status: 0, output: expect.stringContaining('faafo: done in ') });
  await host.ask(`mknod ${disk} b 7 ${disk.replace('/dev/loop', '')}`);
  return host;
}

const asFaafo = (statement: string): string => `mariadb -h 127.0.0.1 -u faafo -pdatabase-secret -Ne '${statement}' faafo`;

it('a database moves to a volume, and is found on it by the next instance', async () => {
  await using lost = await hostWithDisk('services-1');
  await lost.ask(asFaafo('CREATE TABLE kept (what TEXT); INSERT INTO kept VALUES ("before")'));
  await lost.ask(SUDO + first!.replace('/dev/vdb', disk));
  expect(await lost.ask(asFaafo('SELECT what FROM kept; SELECT @@datadir'))).toBe('before\n/srv/database/mysql/\n');
  await lost.ask(asFaafo('INSERT INTO kept VALUES ("on the volume")'));
  // No goodbye: the database has to mend what it was in the midst of.
  await lost.kill();

  await using fresh = await hostWithDisk('services-2');
  expect(await fresh.run(asFaafo('SELECT what FROM kept'))).toMatchObject({ status: 1 });
  await fresh.ask(SUDO + next!);
  expect(await fresh.ask(asFaafo('SELECT what FROM kept'))).toBe('before\non the volume\n');
  // What is written on it as root stays what it was: the database alone may read it.
  expect(await fresh.ask('stat -c "%U %a" /srv/database/mysql')).toMatch(/^mysql 7[05][05]\n$/);
}, 600_000);
