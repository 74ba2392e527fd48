import { randomUUID } from 'node:crypto';
import { constants, type FileHandle, link, mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { judgeToken, newAccessToken } from '../actions/access-token.ts';
import { UsageError } from './usage-error.ts';

const OTHERS = 0o077;

/**
 * The token that a file keeps; a new one when it is not there. It is whole and on the disk before anybody is told of it, and of several processes that make it
 * at the same time all get the same.
 * @param path absolute; its folder is made @throws {UsageError} when it cannot be kept, or is not to be trusted
 */
export async function keepOwnToken(path: string): Promise<string> {
  try {
    const kept = await readOwnToken(path);
    if (kept !== null) return kept;
    await makeOwnToken(path);
    const made = await readOwnToken(path);
    if (made !== null) return made;
    throw new UsageError(`state_dir: ${path} is gone right after it was made.`);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new UsageError(
      `state_dir: ${path} cannot be kept (${code}): name a folder that this user may write with --state-dir.`,
      {
        cause,
      },
    );
  }
}

/** The token in a file; null when there is none. @throws {UsageError} for a file that others could have put there or can read */
export async function readOwnToken(path: string): Promise<string | null> {
  // A link would lead to what somebody else has written.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(unlessMissing);
  if (file === null) return null;
  try {
    await refuseForeign(file, path);
    const token = (await file.readFile('utf8')).trim();
    if (judgeToken(token) === 'possible') return token;
    throw new UsageError(`${path} holds no token of faafo: delete it, and this worker is enrolled anew.`);
  } finally {
    await file.close();
  }
}

/** Whoever knows the token before it is enrolled has it enrolled for himself. */
async function refuseForeign(file: FileHandle, path: string): Promise<void> {
  const { uid, mode } = await file.stat();
  const isForeign = process.getuid !== undefined && uid !== process.getuid();
  if (isForeign || (mode & OTHERS) !== 0)
    throw new UsageError(
      `${path} holds a token, and is ${isForeign ? 'of another user' : 'open to others'}: delete it, and this worker is enrolled anew.`,
    );
}

/** Writes it beside its place; to give it its name is one step, and only the first who does so succeeds. */
async function makeOwnToken(path: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const part = join(folder, `.${basename(path)}.${randomUUID()}.part`);
  try {
    const file = await open(part, 'wx', 0o600);
    try {
      await file.writeFile(`${newAccessToken().text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(part, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(part, { force: true });
  }
  const entry = await open(folder, 'r');
  await entry.sync().finally(() => entry.close());
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
