import { constants } from 'node:fs';
import { access, mkdir, open, opendir, readdir, rename, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../domain/fault.ts';
import { type Inventory, isObjectKey, type Leftover, type ObjectKey, type StoredObject } from '../domain/store.ts';
import { FileChunks } from './file-chunks.ts';
import { roomIn } from './room.ts';

/** Holds what is being written. Beside the objects, so that a rename moves no bytes; one folder, so that tidying it costs the same however much is stored. */
const UNFINISHED = 'unfinished';

/**
 * Objects as files of one folder tree, 256 folders wide. An object is written to a temporary file, synced, renamed and its folder synced, so
 * that after kill -9 or a power failure it is there whole or not at all. For one process at a time.
 * @throws {Fault} `unavailable` when the folder cannot be made or written
 */
export async function openFileStore(root: string, { beside = false } = {}): Promise<Inventory> {
  try {
    await mkdir(join(root, UNFINISHED), { recursive: true });
    if (!beside) await removeUnfinished(join(root, UNFINISHED));
  } catch (cause) {
    throw translate(cause, root);
  }
  const store = new FileStore(root);
  await store.ping();
  return store;
}

class FileStore implements Inventory {
  readonly #root: string;
  readonly #folders = new Set<string>();
  #writes = 0;

  constructor(root: string) {
    this.#root = root;
  }

  async put(key: ObjectKey, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(key);
    const folder = this.#folderOf(key);
    const temporary = join(this.#root, UNFINISHED, `${key}.${process.pid}-${this.#writes++}`);
    try {
      await this.#ensureFolder(folder);
      await writeSynced(temporary, content);
      await rename(temporary, path);
      await syncFolder(folder);
    } catch (cause) {
      await unlink(temporary).catch(() => {});
      throw translate(cause, this.#root);
    }
  }

  async get(key: ObjectKey, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>> {
    const explain = (cause: unknown) => translate(cause, this.#root, key);
    const file = await open(this.#path(key), 'r').catch((cause) => {
      throw explain(cause);
    });
    try {
      const { start, end } = range ?? { start: 0, end: (await file.stat()).size };
      return new FileChunks(file, { start, end }, explain);
    } catch (cause) {
      await file.close();
      throw explain(cause);
    }
  }

  async remove(key: ObjectKey): Promise<void> {
    try {
      await unlink(this.#path(key));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw translate(cause, this.#root, key);
    }
  }

  async hasRoom(purpose: 'order' | 'result'): Promise<boolean> {
    return roomIn(await this.space(), purpose);
  }

  async space(): Promise<{ freeBytes: number; totalBytes: number }> {
    const { bavail, blocks, bsize } = await statfs(this.#root).catch((cause) => {
      throw translate(cause, this.#root);
    });
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }

  async ping(): Promise<void> {
    try {
      await access(this.#root, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw translate(cause, this.#root);
    }
  }

  async find(key: ObjectKey): Promise<StoredObject | null> {
    return await this.#look(key, this.#path(key));
  }

  async *list(): AsyncIterable<StoredObject> {
    for await (const folder of await this.#open(this.#root)) {
      if (!folder.isDirectory() || folder.name === UNFINISHED) continue;
      for await (const file of this.#filesIn(join(this.#root, folder.name))) {
        const isHere = file.name.startsWith(folder.name) || !isObjectKey(file.name);
        // Under its name it would be looked for elsewhere.
        yield isHere ? file : { ...file, name: `${folder.name}/${file.name}` };
      }
    }
  }

  async *leftovers(): AsyncIterable<Leftover> {
    const folder = join(this.#root, UNFINISHED);
    for await (const file of this.#filesIn(folder)) {
      yield { ...file, name: `${UNFINISHED}/${file.name}`, remove: () => unlink(join(folder, file.name)).catch(fineWhenGone) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async *#filesIn(folder: string): AsyncIterable<StoredObject> {
    for await (const entry of await this.#open(folder)) {
      const file = entry.isFile() ? await this.#look(entry.name, join(folder, entry.name)) : null;
      if (file) yield file;
    }
  }

  async #look(name: string, path: string): Promise<StoredObject | null> {
    try {
      const { size, mtimeMs } = await stat(path);
      return { name, sizeBytes: size, modifiedAt: mtimeMs };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw translate(cause, this.#root);
    }
  }

  #open(folder: string) {
    return opendir(folder).catch((cause) => {
      throw translate(cause, this.#root);
    });
  }

  #folderOf(key: ObjectKey): string {
    return join(this.#root, key.slice(0, 2));
  }

  #path(key: ObjectKey): string {
    if (!isObjectKey(key)) throw new Fault('invalid', `${JSON.stringify(key)} is no name of an object.`);
    return join(this.#folderOf(key), key);
  }

  async #ensureFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await mkdir(folder, { recursive: true });
    await syncFolder(this.#root);
    this.#folders.add(folder);
  }
}

async function writeSynced(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    if (content instanceof Uint8Array) await file.writeFile(content);
    else for await (const chunk of content) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function fineWhenGone(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'ENOENT') throw cause;
}

/** What a killed process was writing. No other process writes here, so all of it is dead. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await unlink(join(folder, name));
}

function translate(cause: unknown, root: string, key?: ObjectKey): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === undefined || cause instanceof Fault) return cause;
  if (code === 'ENOENT' && key !== undefined) return new Fault('not_found', `The store has no object ${key}.`, { cause });
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Fault('unavailable', 'The store is full.', { cause, retryAfterSeconds: 5 });
  }
  if (code.startsWith('ERR_')) return cause;
  return new Fault('unavailable', `The store ${root} cannot be used (${code}).`, { cause, retryAfterSeconds: 5 });
}
