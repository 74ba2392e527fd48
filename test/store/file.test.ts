import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pictureKey } from '../../src/domain/store.ts';
import { openFileStore } from '../../src/store/file.ts';
import { storeContract } from '../contract/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const files = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('the file store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faafo-test-'));
  afterAll(() => rm(folder, { recursive: true }));
  storeContract(() => openFileStore(join(folder, 'images')));

  it('leaves nothing unfinished behind, also after kill -9', async () => {
    await using home = await temporaryFolder();
    await openFileStore(home.path);
    await writeFile(join(home.path, 'unfinished', 'torn.png.0'), 'half a pictu');
    const store = await openFileStore(home.path);
    await store.put(pictureKey('a', 1), Buffer.from('whole'));
    expect(files(home.path)).toEqual(['a.1.png']);
  });

  it('says which folder it cannot use', async () => {
    await using home = await temporaryFolder();
    const path = join(home.path, 'file');
    await writeFile(path, 'in the way');
    await expect(openFileStore(path)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(path) });
  });

  it.runIf(process.getuid?.() === 0)('on a full disk refuses orders first, then results, and still removes', async () => {
    await using home = await temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', home.path]);
    try {
      const store = await openFileStore(home.path);
      const fill = pictureKey('fill', 1);
      expect([await store.hasRoom('order'), await store.hasRoom('result')]).toEqual([true, true]);
      await store.put(fill, Buffer.alloc(200 * 2 ** 20));
      expect([await store.hasRoom('order'), await store.hasRoom('result')]).toEqual([true, false]);
      await store.put(pictureKey('more', 1), Buffer.alloc(80 * 2 ** 20));
      expect([await store.hasRoom('order'), await store.hasRoom('result')]).toEqual([false, false]);
      await expect(store.put(pictureKey('last', 1), Buffer.alloc(50 * 2 ** 20))).rejects.toMatchObject({ code: 'unavailable' });
      expect(files(join(home.path, 'unfinished'))).toEqual([]);
      await store.remove(fill);
      await store.put(pictureKey('last', 1), Buffer.alloc(50 * 2 ** 20));
    } finally {
      execFileSync('umount', [home.path]);
    }
  });
});
