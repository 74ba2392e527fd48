import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assembleNext } from '../../src/actions/assemble-fractal.ts';
import { cancelFractal } from '../../src/actions/end-fractal.ts';
import { expireFractals } from '../../src/actions/expire-fractals.ts';
import { findFractal, findPicture } from '../../src/actions/find-fractal.ts';
import { sweepTrash } from '../../src/actions/keep-house.ts';
import { readStatus } from '../../src/actions/read-status.ts';
import { EVERYBODY } from '../../src/domain/access.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { drawn, orderIn } from '../support/work-server.ts';

const SMALL = { width: 64, height: 48, iterations: 20 };
const goOn = async () => true;

describe('what need not be kept', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let parts: Awaited<ReturnType<typeof openParts>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
    parts = await openParts(folder.path);
  });
  afterEach(async () => {
    await parts[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  /** Ordered, drawn and assembled. */
  async function picture(): Promise<FractalId> {
    const id = await orderIn(parts, SMALL);
    const doorbell = { fractal: id, band: 0 };
    const assignment = await parts.dispatcher.claim(doorbell, { host: 'tester', engineVersion: parts.engine.version });
    const { band, thumbnail } = await drawn(parts, assignment!);
    const sha256 = createHash('sha256').update(band.bytes).digest('hex');
    await parts.dispatcher.deliver(assignment!.lease, { ...band, sha256 }, thumbnail);
    await assembleNext(parts.ports);
    return id;
  }
  const sizeOf = async (id: FractalId) => (await findPicture(parts.ports, id)).sizeBytes;
  const isThere = (id: FractalId) =>
    findFractal(parts.ports, id).then(
      () => true,
      () => false,
    );
  const objects = () =>
    readdirSync(join(folder.path, 'images'), { recursive: true, withFileTypes: true }).filter((each) => each.isFile());

  it('goes when it is too old, whatever became of it, and its objects with it; what is unfinished stays', async () => {
    const [old, cancelled, unfinished] = [await picture(), await orderIn(parts, SMALL), await orderIn(parts, SMALL)];
    await cancelFractal(parts.ports, cancelled, EVERYBODY);
    await sleep(1_500);
    const young = await picture();
    expect(await expireFractals(parts.ports, { maxAgeMs: 1_000, maxBytes: null }, goOn)).toBe(2);
    expect(await Promise.all([old, cancelled, unfinished, young].map(isThere))).toEqual([false, false, true, true]);
    await expect(findPicture(parts.ports, old)).rejects.toMatchObject({ code: 'not_found' });
    await sweepTrash(parts.ports, 0);
    expect(objects()).toHaveLength(2);
  });

  it('goes, the oldest first, when all pictures take more than they may; the status tells what they take', async () => {
    const ids: FractalId[] = [];
    for (let i = 0; i < 15; i++) ids.push(await picture());
    const size = await sizeOf(ids[0]!);
    expect((await readStatus(parts.ports)).backlog.storedBytes).toBe(15 * size);
    expect(await expireFractals(parts.ports, { maxAgeMs: null, maxBytes: 3 * size }, goOn)).toBe(12);
    expect(await Promise.all(ids.map(isThere))).toEqual(ids.map((_, i) => i >= 12));
    expect((await readStatus(parts.ports)).backlog.storedBytes).toBe(3 * size);
    expect(await expireFractals(parts.ports, { maxAgeMs: null, maxBytes: 3 * size }, goOn)).toBe(0);
  });

  it('goes in batches, which end when the service does', async () => {
    for (let i = 0; i < 12; i++) await picture();
    const stop = async () => false;
    expect(await expireFractals(parts.ports, { maxAgeMs: -1, maxBytes: null }, stop)).toBe(10);
    expect(await expireFractals(parts.ports, { maxAgeMs: -1, maxBytes: null }, stop)).toBe(2);
  });
});
