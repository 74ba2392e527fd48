import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { needProgram, runProgram } from '../../support/servers/private-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CACHE, makeBootable } from './debian-root.ts';

const DEPLOY = resolve(import.meta.dirname, '../../../deploy');
const FAAFO_IMAGE = join(DEPLOY, 'image/faafo-image');

/**
 * A folder that holds what deploy/image/faafo-image bakes, as it lies on the disk of an instance; baked again (two minutes) when the package, faafo-image or install.sh
 * is another one.
 */
export async function bakedRoot(tarball: string): Promise<string> {
  needProgram('/usr/bin/mmdebstrap', 'mmdebstrap');
  const hash = createHash('sha256');
  const ours = ['baked-root.ts', 'debian-root.ts'].map((name) => join(import.meta.dirname, name));
  for (const path of [tarball, FAAFO_IMAGE, join(DEPLOY, 'install.sh'), ...ours]) hash.update(readFileSync(path));
  const root = join(CACHE, `baked-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(root)) return root;
  await mkdir(CACHE, { recursive: true });
  const old = readdirSync(CACHE).filter((name) => name.startsWith('baked-'));
  await Promise.all(old.map((name) => rm(join(CACHE, name), { recursive: true, force: true })));
  await using folder = await temporaryFolder();
  const tar = join(folder.path, 'faafo.tar');
  // What it mounts is gone when it is killed, and what it has begun goes with the folder.
  const alone = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'env', `TMPDIR=${folder.path}`];
  await runProgram([...alone, FAAFO_IMAGE, '-k', tarball, tar]);
  const unfinished = `${root}.${process.pid}`;
  await mkdir(unfinished);
  await runProgram(['tar', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-C', unfinished, '-xpf', tar]);
  await makeBootable(unfinished);
  await rename(unfinished, root);
  return root;
}
