import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { Fault } from '../domain/fault.ts';

const PART = '.part';
const beginningOf = (path: string): string => `.${basename(path)}.`;

/** Writes a file beside its place and renames it when it is whole; on failure nothing of it is left. Whoever is killed meanwhile leaves it (see sweepParts). */
export async function replaceFile(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  // Not by the process's number: in a container the next one has the same.
  const temporary = join(dirname(path), `${beginningOf(path)}${randomUUID()}${PART}`);
  const file = await open(temporary, 'wx');
  try {
    await fill(file);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes what was being written in the place of a file by those who were killed. @param restMs what was touched since is somebody's who is at it */
export async function sweepParts(path: string, restMs: number): Promise<void> {
  const folder = dirname(path);
  const isPart = (name: string) => name.startsWith(beginningOf(path)) && name.endsWith(PART);
  for (const name of (await readdir(folder).catch(() => [])).filter(isPart)) {
    const part = join(folder, name);
    const touched = await stat(part).catch(() => null);
    if (touched !== null && Date.now() - touched.mtimeMs >= restMs) await rm(part, { force: true });
  }
}

export async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
}

/** For `catch`: what the system says about the place becomes a sentence; other errors pass. @throws always */
export const refuseUnwritable =
  (path: string) =>
  (error: unknown): never => {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    throw new Fault('unavailable', `${path} cannot be written: ${getSystemErrorMessage(errno)}.`, { cause: error });
  };
