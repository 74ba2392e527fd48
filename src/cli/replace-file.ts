import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { Fault } from '../domain/fault.ts';

/** Writes a file beside its place and renames it when it is whole; on failure nothing of it is left. */
export async function replaceFile(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
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
