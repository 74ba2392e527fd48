import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../domain/fault.ts';
import type { FractalResource } from '../http/schemas.ts';
import { ProgressBar } from './progress-bar.ts';
import { refuseUnwritable, replaceFile, writeAll } from './replace-file.ts';
import type { Session } from './session.ts';

/** Below this a download is over before a bar could be read. */
const BAR_FROM_BYTES = 2 ** 20;

/**
 * Fetches the picture of a finished fractal and checks it against its checksum.
 * A file is written beside its place and renamed when it is right; pipes and devices are written as the bytes come.
 * @param output a file, a folder (the file is named after the uuid then) or `-`
 * @returns where it was written
 * @throws {Fault} when the bytes are not the picture's
 */
export async function download(session: Session, fractal: FractalResource, output: string): Promise<string> {
  return await fetchInto(session, fractal, output).catch(refuseUnwritable(output));
}

async function fetchInto(session: Session, fractal: FractalResource, output: string): Promise<string> {
  if (output === '-') {
    await copy(session, fractal, async (piece) => {
      if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
    });
    return 'standard output';
  }
  const there = await stat(output).catch(() => null);
  const path = there?.isDirectory() ? join(output, `${fractal.uuid}.png`) : output;
  if (there && !there.isDirectory() && !there.isFile()) {
    await using file = await open(path, 'w');
    await copy(session, fractal, (piece) => writeAll(file, piece));
    return path;
  }
  await replaceFile(path, (file) => copy(session, fractal, (piece) => writeAll(file, piece)));
  return path;
}

async function copy({ client }: Session, fractal: FractalResource, write: (piece: Uint8Array) => Promise<void>): Promise<void> {
  const { bytes } = await client.picture(fractal.uuid);
  const size = fractal.size ?? 0;
  const hash = createHash('sha256');
  let received = 0;
  using bar = new ProgressBar();
  for await (const piece of bytes) {
    hash.update(piece);
    await write(piece);
    received += piece.length;
    if (size >= BAR_FROM_BYTES) bar.show(received / size, `${(received / 1e6).toFixed(1)} of ${(size / 1e6).toFixed(1)} MB`);
  }
  const checksum = hash.digest('hex');
  if (checksum === fractal.checksum) return;
  throw new Fault(
    'conflict',
    `the ${received} bytes that came are not the picture (SHA-256 ${checksum}, not ${fractal.checksum}).`,
  );
}
