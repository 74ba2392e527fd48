import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../src/domain/xoshiro128.ts';
import type { FractalResource } from '../../src/http/schemas.ts';
import { anOrder, everyFractal, finished, look, send } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const KILLS = Number(process.env.KILLS ?? 50);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 32);

/** Sizes from one band of a millisecond to some forty bands, so that kills hit orders, rendering, delivery and assembling alike. */
const SIZES = [64, 300, 700, 1500, 3000];

/**
 * kill -9 of the whole service at random moments, with orders coming in all the time. The checker: every order that was answered 201 ends
 * done, exactly once, with the very bytes that an undisturbed service draws, and the store holds nothing else.
 */
describe(`kill -9, ${KILLS} times (SEED=${SEED})`, () => {
  const random = xoshiro128(SEED);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  const answered = new Map<string, number>();
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await api.stop();
    await folder[Symbol.asyncDispose]();
  });

  /** Orders until the service dies; notes what was answered 201 and nothing else. */
  async function orderUntilKilled(url: string, killed: () => boolean): Promise<void> {
    while (!killed()) {
      const uuid = crypto.randomUUID();
      const side = pick(SIZES);
      const body = anOrder({ uuid, width: side, height: side, iterations: 200, c_re: -0.8, c_im: 0.156 });
      const response = await send(`${url}/v1/fractal`, 'POST', body).catch(() => null);
      if (response?.status === 201) answered.set(uuid, side);
      await sleep(random() * 60);
    }
  }

  it('interrupts whatever is going on', async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      api = await startApi({ dataDir: folder.path });
      let killed = false;
      const ordering = orderUntilKilled(api.url, () => killed);
      await sleep(random() * 500);
      await api.kill();
      killed = true;
      await ordering;
    }
    expect(answered.size).toBeGreaterThan(KILLS / 2);
  }, 240_000);

  it('loses no order, doubles none, and tears no picture', async () => {
    api = await startApi({ dataDir: folder.path });
    const drawn = new Map<number, Set<string>>();
    for (const [uuid, side] of answered) {
      const fractal = await finished(api.url, uuid, 'done', 120_000);
      const png = Buffer.from(await (await fetch(`${api.url}/fractal/${uuid}`)).arrayBuffer());
      expect(createHash('sha256').update(png).digest('hex')).toBe(fractal.checksum);
      drawn.set(side, (drawn.get(side) ?? new Set()).add(fractal.checksum ?? ''));
    }
    // Independent of all kills: an undisturbed service draws the same bytes.
    for (const [side, checksums] of drawn) {
      expect(checksums.size).toBe(1);
      const undisturbed = (await (
        await send(
          `${api.url}/v1/fractal`,
          'POST',
          anOrder({ width: side, height: side, iterations: 200, c_re: -0.8, c_im: 0.156 }),
        )
      ).json()) as FractalResource;
      expect([...checksums]).toEqual([(await finished(api.url, undisturbed.uuid)).checksum]);
    }
    // Orders whose answer was cut off may exist too, but every one is whole.
    const all = await everyFractal(api.url);
    expect(new Set(all.map(({ uuid }) => uuid)).size).toBe(all.length);
    for (const { uuid } of all) await finished(api.url, uuid, 'done', 60_000);
  }, 240_000);

  it('leaves a picture and its thumbnail in the store, and no trash', async () => {
    const all = await everyFractal(api.url);
    const files = () =>
      readdirSync(join(folder.path, 'images'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name);
    // Swept some 20 s after they became trash.
    await until(() => files().filter((name) => !/\.(png|webp)$/.test(name)).length === 0, 90_000);
    await until(() => files().length === 2 * all.length, 90_000);
    for (const { uuid } of all) expect(files().filter((name) => name.startsWith(uuid))).toHaveLength(2);
    expect((await look(api.url, all[0]?.uuid ?? '')).state).toBe('done');
  }, 200_000);
});
