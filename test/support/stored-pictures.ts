import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { hashToken } from '../../src/actions/lease-token.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { type ObjectKey, pictureKey } from '../../src/domain/store.ts';
import { ENGINE_VERSION } from '../../src/engine/version.ts';
import { buildServer } from '../../src/http/server.ts';
import { openAccess } from './access.ts';
import { openParts } from './service-parts.ts';
import { aFractal, aSpec } from './specs.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Large enough that a picture of it may be large. */
export const LARGE = aSpec({ width: 4000, height: 4000 });

/** The API in this process, over pictures that the test puts there itself. */
export async function servePictures() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const parts = stack.use(await openParts(folder.path));
  const images = join(folder.path, 'images');
  let log = '';
  const write: Writable['_write'] = (chunk, _encoding, done) => {
    log += chunk;
    done();
  };
  const webRoot = new URL('../../build/web/', import.meta.url);
  const draining = new AbortController().signal;
  const lines = new Writable({ write });
  const serve = async (ports = parts.ports) => {
    const app = await buildServer(ports, {
      log: pino(lines),
      version: '0.0.0',
      webRoot,
      draining,
      access: openAccess(ports.repository),
    });
    stack.defer(() => app.close());
    return await app.listen({ host: '127.0.0.1', port: 0 });
  };
  const fileOf = (key: ObjectKey) => join(images, key.slice(0, 2), key);

  /** A finished fractal with these bytes as its picture. */
  async function finishedWith(bytes: Uint8Array, { engineVersion = ENGINE_VERSION, spec = LARGE } = {}) {
    const { fractals, bands, assemblies } = parts.ports.repository;
    const order = { ...aFractal({ engineVersion, spec }), cut: { bandRows: spec.height, bands: 1, mirrored: false } };
    await fractals.add(order);
    const tokenHash = hashToken(crypto.randomUUID());
    const claim = { fractal: order.id, band: 0, tokenHash, leaseMs: 60_000, host: 'tester', engineVersion };
    const { attempt } = (await bands.claim(claim))!;
    const result = { sha256: 'a'.repeat(64), sizeBytes: 1, split: 1, adler: 1, mirrorAdler: 1, renderMs: 1 };
    await bands.accept({ fractal: order.id, band: 0, attempt, tokenHash }, result);
    const assembly = (await assemblies.claim(60_000))!;
    const key = pictureKey(order.storeKey, assembly.attempt);
    await parts.ports.store.put(key, bytes);
    const checksum = createHash('sha256').update(bytes).digest('hex');
    const picture = { checksum, sizeBytes: bytes.length, key, sums: null };
    await assemblies.finish(order.id, assembly.attempt, picture);
    return { id: order.id, file: fileOf(key), picture };
  }

  return {
    parts,
    images,
    url: await serve(),
    serve,
    fileOf,
    finishedWith,
    log: () => log,
    find: async (id: FractalId) => (await parts.ports.repository.fractals.find(id))!,
    stateOf: async (id: FractalId) => (await parts.ports.repository.fractals.find(id))?.state,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export type StoredPictures = Awaited<ReturnType<typeof servePictures>>;

export async function flipBit(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at]! ^= 1;
  await writeFile(file, bytes);
}

export const bodyOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
