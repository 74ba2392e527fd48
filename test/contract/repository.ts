import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fractal } from '../../src/domain/fractal.ts';
import type { LeaseKey, NewFractal, NewToken, Plan, Repository, WorkerReport } from '../../src/domain/repository.ts';
import { bandKey, pictureKey, sumsKey, thumbnailKey } from '../../src/domain/store.ts';
import { aFractal, aSpec } from '../support/specs.ts';

/** What every repository promises (src/domain/repository.ts), on a fresh database. */
export function repositoryContract(open: () => Promise<Repository>): void {
  let repository: Repository;
  beforeAll(async () => {
    repository = await open();
  });
  afterAll(async () => {
    await repository[Symbol.asyncDispose]();
  });

  const add = async (order: NewFractal = aFractal()) => (await repository.fractals.add(order)).fractal;
  const result = {
    sha256: 'a'.repeat(64),
    sizeBytes: 100,
    split: 60,
    adler: 0xffff_fff1,
    mirrorAdler: 0xffff_fff0,
    renderMs: 1.5,
  };

  async function claim(order: { id: NewFractal['id'] }, band = 0, leaseMs = 60_000, host = 'host-1'): Promise<LeaseKey | null> {
    const tokenHash = crypto.randomUUID();
    const claimed = await repository.bands.claim({ fractal: order.id, band, tokenHash, leaseMs, host, engineVersion: 'e1' });
    return claimed && { fractal: order.id, band, attempt: claimed.attempt, tokenHash };
  }

  async function must<T>(promise: Promise<T | null>): Promise<T> {
    const value = await promise;
    if (value === null) throw new Error('refused');
    return value;
  }

  /** Ordered, claimed, delivered and assembled. */
  async function finished() {
    const order = aFractal();
    await add(order);
    await repository.bands.accept(await must(claim(order)), result);
    const assembly = await must(repository.assemblies.claim(60_000));
    const key = pictureKey(order.storeKey, assembly.attempt);
    await repository.assemblies.finish(order.id, assembly.attempt, { checksum: 'c'.repeat(64), sizeBytes: 7, key, sums: null });
    return { order, key };
  }

  /** The picture that is stored for the only band of a fractal. */
  async function pictureFor(lease: LeaseKey) {
    const standing = await repository.bands.check(lease);
    if (!('picture' in standing)) throw new Error(standing.answer);
    const { picture: key } = standing;
    return { key, picture: { checksum: 'c'.repeat(64), sizeBytes: 7, key, sums: null } };
  }

  const drainTrash = async () => {
    const trash = await repository.trash.list(10_000, -60_000);
    await repository.trash.forget(trash.map(({ id }) => id));
    return trash.map(({ key }) => key as string).sort();
  };

  describe('fractals', () => {
    it('keeps every bit of a spec', async () => {
      const spec = aSpec({
        viewport: { xa: 0.1 + 0.2, xb: 5e-324, ya: -1e100, yb: 1 / 3 },
        c: { re: -0.7269, im: 2 ** -1074 },
        cSource: 'window',
        seed: 4_294_967_295,
        iterations: 16_777_216,
      });
      const order = aFractal({ spec });
      await add(order);
      expect((await repository.fractals.find(order.id))?.spec).toEqual(spec);
    });

    it('leaves an existing uuid as it is', async () => {
      const order = aFractal();
      const first = await repository.fractals.add(order);
      const again = await repository.fractals.add({ ...order, spec: aSpec({ width: 5 }), storeKey: `${order.id}-1` });
      expect([first.added, again.added]).toEqual([true, false]);
      expect(again.fractal).toEqual(first.fractal);
    });

    it('orders the same uuid once when many ask at the same time', async () => {
      const order = aFractal();
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) => repository.fractals.add({ ...order, storeKey: `${order.id}-${i}` })),
      );
      expect(answers.filter(({ added }) => added)).toHaveLength(1);
      expect(new Set(answers.map(({ fractal }) => fractal.seq)).size).toBe(1);
    });

    it('lists newest first, by offset and by keyset alike', async () => {
      const ids = [];
      for (let i = 0; i < 5; i++) ids.unshift((await add()).id);
      const firstThree = await repository.fractals.list({}, { limit: 3 });
      expect(firstThree.map(({ id }) => id)).toEqual(ids.slice(0, 3));
      const skipped = await repository.fractals.list({}, { limit: 2, offset: 3 });
      const after = await repository.fractals.list({}, { limit: 2, beforeSeq: firstThree[2]?.seq ?? 0 });
      expect(skipped.map(({ id }) => id)).toEqual(ids.slice(3));
      expect(after).toEqual(skipped);
    });

    it('filters by state and by the beginning of the uuid, and counts what it lists', async () => {
      const order = aFractal();
      await add(order);
      await repository.fractals.cancel(order.id);
      const cancelled = await repository.fractals.list({ state: 'cancelled' }, { limit: 100 });
      expect(cancelled.map(({ id }) => id)).toContain(order.id);
      expect(cancelled.every(({ state }) => state === 'cancelled')).toBe(true);
      expect(await repository.fractals.count({ state: 'cancelled' })).toBe(cancelled.length);
      expect((await repository.fractals.list({ idPrefix: order.id.slice(0, 13) }, { limit: 9 })).map(({ id }) => id)).toEqual([
        order.id,
      ]);
      expect(await repository.fractals.count({ idPrefix: order.id })).toBe(1);
      const all = await repository.fractals.list({}, { limit: 10_000 });
      expect(await repository.fractals.count({})).toBe(all.length);
    });

    it('filters by any mixture of owner, formula, palette and state, in both directions, and counts what it lists', async () => {
      const owners = [null, 'filters-ann', 'filters-bob'];
      const [formulas, palettes] = [
        ['julia', 'tricorn'],
        ['ember', 'sepia'],
      ] as const;
      const every = owners.flatMap((owner) =>
        formulas.flatMap((formula) => palettes.map((palette) => aFractal({ spec: aSpec({ formula, palette }), owner }))),
      );
      const added: Fractal[] = [];
      for (const order of [...every, ...every.map((each) => aFractal(each))]) added.unshift(await add(order));
      for (const fractal of added.filter((_, i) => i % 3 === 0)) await repository.fractals.cancel(fractal.id);
      await repository.fractals.remove(added.pop()!.id);
      const all = await repository.fractals.list({}, { limit: 10_000 });
      expect(all.length).toBeGreaterThan(20);
      const either = <T>(values: readonly T[]) => [undefined, ...values];
      for (const owner of either(['filters-ann', 'filters-bob', 'filters-nobody'])) {
        for (const formula of either(formulas)) {
          for (const palette of either(palettes)) {
            for (const state of either(['queued', 'cancelled', 'failed'] as const)) {
              const filter = {
                ...(owner && { owner }),
                ...(formula && { formula }),
                ...(palette && { palette }),
                ...(state && { state }),
              };
              const wanted = all
                .filter((each) => !owner || each.owner === owner)
                .filter(({ spec }) => (!formula || spec.formula === formula) && (!palette || spec.palette === palette))
                .filter((each) => !state || each.state === state);
              expect(await repository.fractals.count(filter)).toBe(wanted.length);
              expect(await repository.fractals.list(filter, { limit: 10_000 })).toEqual(wanted);
              const middle = added[7]!.seq;
              const [above, below] = [wanted.filter(({ seq }) => seq > middle), wanted.filter(({ seq }) => seq < middle)];
              expect(await repository.fractals.list(filter, { limit: 3, beforeSeq: middle })).toEqual(below.slice(0, 3));
              expect(await repository.fractals.list(filter, { limit: 3, afterSeq: middle })).toEqual(above.slice(-3));
              expect(await repository.fractals.list(filter, { limit: 3, offset: 2 })).toEqual(wanted.slice(2, 5));
            }
          }
        }
      }
    });

    it('deletes in any state, never gives a seq out again, and makes its objects trash', async () => {
      await drainTrash();
      const order = aFractal({ bands: 2 });
      const { seq } = await add(order);
      await repository.bands.accept(await must(claim(order, 0)), result);
      await repository.bands.release(await must(claim(order, 1)));
      await claim(order, 1);
      expect(await repository.fractals.remove(order.id)).toBe('removed');
      expect(await repository.fractals.remove(order.id)).toBe('unknown');
      expect(await repository.fractals.find(order.id)).toBeNull();
      expect(await drainTrash()).toEqual([
        bandKey(order.storeKey, 0, 1),
        bandKey(order.storeKey, 1, 1),
        bandKey(order.storeKey, 1, 2),
        thumbnailKey(order.storeKey),
      ]);
      expect((await add()).seq).toBeGreaterThan(seq);
    });

    it('deletes a finished picture', async () => {
      const { order, key } = await finished();
      await drainTrash();
      await repository.fractals.remove(order.id);
      expect(await drainTrash()).toEqual([key, thumbnailKey(order.storeKey)]);
    });

    it('cancels what is not final, and says what it did', async () => {
      const order = aFractal();
      await add(order);
      const lease = await must(claim(order));
      expect(await repository.fractals.cancel(order.id)).toBe('cancelled');
      expect(await repository.fractals.cancel(order.id)).toBe('refused');
      expect(await repository.fractals.cancel(aFractal().id)).toBe('unknown');
      expect(await repository.bands.renew(lease, 1000)).toBe('cancelled');
      expect(await repository.bands.accept(lease, result)).toBe('cancelled');
      const { order: done } = await finished();
      expect(await repository.fractals.cancel(done.id)).toBe('refused');
    });
  });

  describe('retries and costs', () => {
    const plan = (order: NewFractal): Plan => ({ ...order, engineVersion: 'e2', storeKey: `${order.id}-again` });

    it('draw again what failed, and nothing else', async () => {
      const order = aFractal({ bands: 2 });
      await add(order);
      expect(await repository.fractals.retry(order.id, plan(order))).toBe('refused');
      expect(await repository.fractals.retry(aFractal().id, plan(order))).toBe('unknown');
      await repository.bands.accept(await must(claim(order, 0)), result);
      await repository.bands.fail(await must(claim(order, 1)), 'out of paint', () => null);
      expect(await repository.fractals.retry(order.id, plan(order))).toBe('retried');
      expect(await repository.fractals.find(order.id)).toMatchObject({
        state: 'queued',
        error: null,
        finishedAt: null,
        bandsDone: 0,
        engineVersion: 'e2',
        hosts: [],
      });
      expect(await repository.fractals.retry(order.id, plan(order))).toBe('refused');
      await repository.fractals.cancel(order.id);
    });

    it('draw again a finished picture that is damaged, once, and sweep the damaged one', async () => {
      const { order, key } = await finished();
      expect(await repository.fractals.redraw(order.id, bandKey(order.storeKey, 0, 1), plan(order))).toBe('refused');
      expect(await repository.fractals.redraw(aFractal().id, key, plan(order))).toBe('unknown');
      await drainTrash();
      const before = (await repository.fractals.outstanding('tester')).ofClient;
      expect(await repository.fractals.redraw(order.id, key, plan(order))).toBe('redrawn');
      expect(await repository.fractals.redraw(order.id, key, plan(order))).toBe('refused');
      const redrawn = { state: 'queued', picture: null, finishedAt: null, bandsDone: 0, engineVersion: 'e2', hosts: [] };
      expect((await repository.fractals.find(order.id))?.expectedChecksum).toBe('c'.repeat(64));
      expect(await repository.fractals.find(order.id)).toMatchObject(redrawn);
      expect((await repository.fractals.outstanding('tester')).ofClient).toBe(before + order.cost);
      expect(await drainTrash()).toEqual([key, thumbnailKey(order.storeKey)]);
      expect(await claim({ ...order }, 0, 60_000)).toBeNull();
      await repository.fractals.cancel(order.id);
    });

    it('give up a damaged picture whose engine is gone, and keep what is left of it until it is tried again', async () => {
      const { order, key } = await finished();
      await drainTrash();
      expect(await repository.fractals.condemn(order.id, bandKey(order.storeKey, 0, 1), 'no')).toBe('refused');
      expect(await repository.fractals.condemn(aFractal().id, key, 'no')).toBe('unknown');
      expect(await repository.fractals.condemn(order.id, key, 'its engine is gone')).toBe('condemned');
      expect(await repository.fractals.condemn(order.id, key, 'no')).toBe('refused');
      const given = { state: 'failed', error: 'its engine is gone', picture: null, expectedChecksum: 'c'.repeat(64) };
      expect(await repository.fractals.find(order.id)).toMatchObject(given);
      expect(await drainTrash()).toEqual([]);
      const sameEngine = { ...plan(order), engineVersion: order.engineVersion };
      expect(await repository.fractals.retry(order.id, sameEngine)).toBe('retried');
      expect(await repository.fractals.find(order.id)).toMatchObject({ state: 'queued', expectedChecksum: 'c'.repeat(64) });
      expect(await drainTrash()).toEqual([key, thumbnailKey(order.storeKey)]);
      const other = await finished();
      await repository.fractals.condemn(other.order.id, other.key, 'its engine is gone');
      expect(await repository.fractals.retry(other.order.id, plan(other.order))).toBe('retried');
      expect(await repository.fractals.find(other.order.id)).toMatchObject({ state: 'queued', expectedChecksum: null });
      for (const { id } of [order, other.order]) await repository.fractals.cancel(id);
    });

    it('fail what came out with other bytes; tried again it may have any', async () => {
      const { order, key } = await finished();
      const again = { ...plan(order), engineVersion: order.engineVersion };
      await repository.fractals.redraw(order.id, key, again);
      await repository.bands.accept(await must(claim(order)), result);
      const assembly = await must(repository.assemblies.claim(60_000));
      expect(assembly.fractal.expectedChecksum).toBe('c'.repeat(64));
      await drainTrash();
      expect(await repository.assemblies.fail(order.id, assembly.attempt + 1, 'no')).toBe(false);
      expect(await repository.assemblies.fail(order.id, assembly.attempt, 'other bytes')).toBe(true);
      const failed = { state: 'failed', error: 'other bytes', expectedChecksum: null };
      expect(await repository.fractals.find(order.id)).toMatchObject(failed);
      const pictures = [1, 2].map((attempt) => pictureKey(again.storeKey, attempt));
      const left = [bandKey(again.storeKey, 0, 1), ...pictures, thumbnailKey(again.storeKey)];
      expect(await drainTrash()).toEqual(left.sort());
    });

    it('give a finished picture checksums of its blocks, and sweep them with a large one', async () => {
      const spec = aSpec({ width: 4000, height: 4000 });
      const order = aFractal({ spec });
      await add({ ...order, cut: { bandRows: 4000, bands: 1, mirrored: false } });
      await repository.bands.accept(await must(claim(order)), result);
      const { attempt } = await must(repository.assemblies.claim(60_000));
      const key = pictureKey(order.storeKey, attempt);
      const picture = { checksum: 'c'.repeat(64), sizeBytes: 7, key, sums: null };
      await repository.assemblies.finish(order.id, attempt, picture);
      const sums = { key: sumsKey(order.storeKey, attempt), checksum: 'f'.repeat(64) };
      expect(await repository.fractals.addSums(order.id, thumbnailKey(order.storeKey), sums)).toBe(false);
      for (let i = 0; i < 2; i++) expect(await repository.fractals.addSums(order.id, key, sums)).toBe(true);
      expect((await repository.fractals.find(order.id))?.picture).toEqual({ ...picture, sums });
      await drainTrash();
      await repository.fractals.remove(order.id);
      expect(await drainTrash()).toEqual([key, sums.key, thumbnailKey(order.storeKey)].sort());
      expect(await repository.fractals.addSums(order.id, key, sums)).toBe(false);
    });

    it('are outstanding until a fractal is final, for everybody and for its client', async () => {
      const client = `client-${crypto.randomUUID()}`;
      const cost = async () => {
        const { all, ofClient } = await repository.fractals.outstanding(client);
        return [all - before, ofClient];
      };
      const before = (await repository.fractals.outstanding(client)).all;
      const orders = Array.from({ length: 20 }, () => ({ ...aFractal(), client, cost: 2 ** 44 }));
      await Promise.all(orders.map((order) => add(order)));
      expect(await cost()).toEqual([20 * 2 ** 44, 20 * 2 ** 44]);
      await Promise.all(orders.slice(0, 18).map(({ id }) => repository.fractals.cancel(id)));
      const [failing, last] = orders.slice(18) as [(typeof orders)[0], (typeof orders)[0]];
      await repository.bands.fail(await must(claim(failing)), 'why', () => null);
      expect(await cost()).toEqual([2 ** 44, 2 ** 44]);
      await repository.fractals.retry(failing.id, plan(failing));
      expect(await cost()).toEqual([2 * 2 ** 44, 2 * 2 ** 44]);
      await repository.fractals.remove(failing.id);
      await repository.bands.accept(await must(claim(last)), result);
      const assembly = await must(repository.assemblies.claim(60_000));
      const picture = { checksum: 'd'.repeat(64), sizeBytes: 12, key: pictureKey(last.storeKey, assembly.attempt), sums: null };
      expect(await repository.assemblies.finish(last.id, assembly.attempt, picture)).toBe(true);
      expect(await cost()).toEqual([0, 0]);
    });
  });

  describe('workers and the backlog', () => {
    const report = (id: string): WorkerReport => ({
      id,
      host: 'host-1',
      version: '1.0.0',
      engineVersion: 'e1',
      cores: 2,
      threads: 2,
      load: 0.5,
      uptime: 12,
      bands: 3,
      speed: 1234.5,
      bandsPerSecond: 0.25,
      pixelsPerSecond: 65536.5,
      state: 'working',
      work: [{ fractal: aFractal().id, band: 1, ms: 250 }],
    });

    it('are what they said last, while they are heard of', async () => {
      const first = report('worker-b');
      await repository.workers.report(first);
      await repository.workers.report(report('worker-a'));
      await repository.workers.report({ ...first, state: 'stopping', work: [] });
      const seen = await repository.workers.list(60_000);
      expect(seen.map(({ id }) => id)).toEqual(['worker-a', 'worker-b']);
      const { seenAt, silentMs, ...said } = seen[1]!;
      expect(said).toEqual({ ...first, state: 'stopping', work: [] });
      expect(seenAt).toBeGreaterThan(1.7e12);
      expect(silentMs).toBeLessThan(60_000);
      await repository.workers.remove('worker-a');
      await sleep(20);
      expect(await repository.workers.list(10)).toEqual([]);
      expect((await repository.workers.list(60_000))[0]?.silentMs).toBeGreaterThan(10);
      await repository.workers.prune(10);
      expect(await repository.workers.list(60_000)).toEqual([]);
    });

    it('knows no more of one of an earlier release than that has said', async () => {
      const { pixelsPerSecond: _, ...older } = report('worker-old');
      await repository.workers.report(older as WorkerReport);
      expect(await repository.workers.list(60_000)).toMatchObject([{ id: 'worker-old', pixelsPerSecond: 0 }]);
      await repository.workers.remove('worker-old');
    });

    it('keeps one reading for each ten seconds, whoever takes it', async () => {
      const reading = {
        ...{ bandsPerSecond: 1.5, pixelsPerSecond: 98_304.25, speed: 12.5, workers: 2, waiting: 7, leased: 3 },
        ...{ oldestMs: 1_234, isPaused: false },
      };
      expect(await repository.readings.list()).toEqual([]);
      expect(await repository.readings.isDue()).toBe(true);
      await repository.readings.add(reading);
      await Promise.all(
        [1, 2, 3].map((n) => repository.readings.add({ ...reading, waiting: n, oldestMs: null, isPaused: true })),
      );
      const [first, second] = await repository.readings.list();
      expect(first).toEqual({ ...reading, at: expect.any(Number) });
      // At most one more, when another ten seconds began meanwhile.
      if (second) expect(second.at - first!.at).toBe(10_000);
      expect(first!.at % 10_000).toBe(0);
      expect(await repository.readings.list(first!.at - 1)).toContainEqual(first);
      expect(await repository.readings.list(first!.at)).not.toContainEqual(first);
    });

    it('tells what waits and what is in work', async () => {
      const before = await repository.backlog.read();
      const order = { ...aFractal({ bands: 3 }), cost: 7 };
      await add(order);
      await must(claim(order, 1));
      await sleep(5);
      const after = await repository.backlog.read();
      expect(after.waiting - before.waiting).toBe(2);
      expect(after.leased - before.leased).toBe(1);
      expect(after.outstanding - before.outstanding).toBe(7);
      expect(after.fractals.rendering - before.fractals.rendering).toBe(1);
      expect(after.oldestMs).toBeGreaterThanOrEqual(5);
      await repository.fractals.remove(order.id);
    });
  });

  describe('bands', () => {
    it('gives a band to one of many claimants', async () => {
      const order = aFractal();
      await add(order);
      const claims = await Promise.all(Array.from({ length: 8 }, () => claim(order)));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect((await repository.fractals.find(order.id))?.state).toBe('rendering');
    });

    it('refuses to give bands that do not exist, or to another engine version', async () => {
      const order = aFractal();
      await add(order);
      expect(await claim(order, 1)).toBeNull();
      expect(await claim(aFractal())).toBeNull();
      const other = { fractal: order.id, band: 0, tokenHash: 't', leaseMs: 1, host: 'h', engineVersion: 'e2' };
      expect(await repository.bands.claim(other)).toBeNull();
    });

    it('accepts a result once, and the same one again', async () => {
      const order = aFractal({ bands: 2 });
      await add(order);
      const first = await must(claim(order, 0));
      expect(await repository.bands.accept(first, result)).toBe('progress');
      expect(await repository.bands.accept(first, result)).toBe('again');
      expect(await repository.bands.accept(first, { ...result, sha256: 'b'.repeat(64) })).toBe('stale');
      const second = await must(claim(order, 1, 60_000, 'host-2'));
      expect(await repository.bands.accept(second, result)).toBe('complete');
      const fractal = await repository.fractals.find(order.id);
      expect(fractal).toMatchObject({ state: 'assembling', bandsDone: 2, renderMs: 3, hosts: ['host-1', 'host-2'] });
      await repository.fractals.remove(order.id);
      expect(await repository.bands.accept(second, result)).toBe('unknown');
    });

    it('moves a fractal to assembling once, when its last bands come at the same time', async () => {
      const order = aFractal({ bands: 6 });
      await add(order);
      const leases = await Promise.all(Array.from({ length: 6 }, (_, band) => must(claim(order, band))));
      const answers = await Promise.all(leases.map((lease) => repository.bands.accept(lease, result)));
      expect(answers.filter((answer) => answer === 'complete')).toHaveLength(1);
      await repository.fractals.remove(order.id);
    });

    it('finishes a fractal with its only band, and says again that it did', async () => {
      await drainTrash();
      const order = { ...aFractal(), client: `client-${crypto.randomUUID()}` };
      await add(order);
      await repository.bands.release(await must(claim(order)));
      const lease = await must(claim(order));
      const { picture, key } = await pictureFor(lease);
      expect(key).not.toBe(pictureKey(order.storeKey, 1));
      expect(await repository.bands.finish({ ...lease, tokenHash: 'forged' }, result, picture)).toBe('stale');
      expect(await repository.bands.finish(lease, result, { ...picture, key: pictureKey(order.storeKey, 1) })).toBe('stale');
      expect(await repository.bands.finish(lease, result, picture)).toBe('complete');
      expect(await repository.bands.finish(lease, result, picture)).toBe('again');
      expect(await repository.fractals.find(order.id)).toMatchObject({
        state: 'done',
        picture,
        hosts: ['host-1'],
        drawnBy: [{ host: 'host-1', bands: 1, renderMs: 1.5, ranges: [[0, 0]] }],
        renderMs: 1.5,
      });
      expect((await repository.fractals.outstanding(order.client)).ofClient).toBe(0);
      // What the first attempt may have left.
      expect(await drainTrash()).toEqual([bandKey(order.storeKey, 0, 1), pictureKey(order.storeKey, 1)]);
      await repository.fractals.remove(order.id);
      expect(await drainTrash()).toEqual([key, thumbnailKey(order.storeKey)]);
      expect(await repository.bands.finish(lease, result, picture)).toBe('unknown');
    });

    it('answers each of those that finish at the same time as if it were alone', async () => {
      const orders = Array.from({ length: 5 }, () => aFractal());
      await Promise.all(orders.map((order) => add(order)));
      const leases = await Promise.all(orders.map((order) => must(claim(order))));
      const pictures = await Promise.all(leases.map((lease) => pictureFor(lease).then(({ picture }) => picture)));
      await repository.fractals.cancel(orders[1]!.id);
      await repository.fractals.remove(orders[2]!.id);
      const late = { ...leases[3]!, attempt: 7 };
      const deliveries = [leases[0]!, leases[1]!, leases[2]!, late, leases[4]!, leases[0]!];
      const answers = deliveries.map((lease, i) => repository.bands.finish(lease, result, pictures[i % 5]!));
      expect(await Promise.all(answers)).toEqual(['complete', 'cancelled', 'unknown', 'stale', 'complete', 'again']);
      const standings = await Promise.all(deliveries.map((lease) => repository.bands.check(lease)));
      expect(standings.map(({ answer }) => answer)).toEqual(['stale', 'cancelled', 'unknown', 'stale', 'stale', 'stale']);
      await repository.fractals.remove(orders[3]!.id);
    });

    it('leaves what an only band stored to the sweeper, when its fractal ends otherwise', async () => {
      for (const end of [
        (order: NewFractal) => repository.fractals.cancel(order.id),
        (order: NewFractal) => repository.fractals.remove(order.id),
        async (order: NewFractal) => await repository.bands.fail(await must(claim(order)), 'why', () => null),
      ]) {
        const order = aFractal();
        await add(order);
        const lease = await must(claim(order));
        const { key } = await pictureFor(lease);
        await repository.bands.release(lease);
        await drainTrash();
        await end(order);
        expect(await drainTrash()).toContain(key);
      }
    });

    it('are told with who has or has drawn them, while their fractal is unfinished', async () => {
      const order = aFractal({ bands: 4 });
      await add(order);
      await repository.bands.accept(await must(claim(order, 0, 60_000, 'host-1')), result);
      await claim(order, 2, 60_000, 'host-2');
      await repository.bands.release(await must(claim(order, 3, 60_000, 'host-3')));
      expect(await repository.bands.places(order.id)).toEqual([
        { state: 'done', host: 'host-1' },
        { state: 'waiting', host: null },
        { state: 'leased', host: 'host-2' },
        { state: 'waiting', host: null },
      ]);
      await repository.fractals.cancel(order.id);
      expect(await repository.bands.places(order.id)).toEqual([]);
      expect(await repository.bands.places(aFractal().id)).toEqual([]);
    });

    it('refuses a wrong token and an older attempt', async () => {
      const order = aFractal();
      await add(order);
      const old = await must(claim(order));
      expect(await repository.bands.accept({ ...old, tokenHash: 'forged' }, result)).toBe('stale');
      expect(await repository.bands.release(old)).toBe('held');
      const current = await must(claim(order));
      expect(current.attempt).toBe(old.attempt + 1);
      for (const move of [repository.bands.accept(old, result), repository.bands.renew(old, 1), repository.bands.release(old)]) {
        expect(await move).toBe('stale');
      }
      expect(await repository.bands.check(current)).toMatchObject({ answer: 'held' });
    });

    it('welcomes a late result of the current attempt, even after its lease was reaped', async () => {
      const order = aFractal({ bands: 2 });
      await add(order);
      const late = await must(claim(order, 0, 1));
      await sleep(10);
      await repository.bands.reap(5);
      expect(await repository.bands.renew(late, 1000)).not.toBe('held');
      expect(await repository.bands.accept(late, result)).toBe('progress');
      const slow = await must(claim(order, 1, 1));
      await sleep(10);
      await repository.bands.reap(5);
      const next = await must(claim(order, 1));
      expect(await repository.bands.accept(slow, result)).toBe('stale');
      expect(await repository.bands.accept(next, result)).toBe('complete');
      await repository.fractals.remove(order.id);
    });

    it('answers a claim that is repeated with its token as it did the first time, and no other', async () => {
      const order = aFractal();
      await add(order);
      const ask = (tokenHash: string) =>
        repository.bands.claim({ fractal: order.id, band: 0, tokenHash, leaseMs: 60_000, host: 'h', engineVersion: 'e1' });
      const first = await must(ask('mine'));
      expect((await must(ask('mine'))).attempt).toBe(first.attempt);
      expect(await ask('another')).toBeNull();
      await repository.bands.release({ fractal: order.id, band: 0, attempt: first.attempt, tokenHash: 'mine' });
      expect((await must(ask('mine'))).attempt).toBe(first.attempt + 1);
      await repository.fractals.remove(order.id);
    });

    it('gives expired leases to others, and a band that ends its workers up', async () => {
      const order = aFractal();
      await add(order);
      for (let interruption = 1; interruption <= 3; interruption++) {
        expect((await repository.fractals.find(order.id))?.state).not.toBe('failed');
        await must(claim(order, 0, 1));
        await sleep(10);
        expect(await repository.bands.reap(3)).toBeGreaterThanOrEqual(1);
      }
      const failed = await repository.fractals.find(order.id);
      expect(failed).toMatchObject({ state: 'failed' });
      expect(failed?.error).toMatch(/3 times/);
      expect(await claim(order)).toBeNull();
    });

    it('does not reap a lease that is renewed', async () => {
      const order = aFractal();
      await add(order);
      const lease = await must(claim(order, 0, 1));
      expect(await repository.bands.renew(lease, 60_000)).toBe('held');
      await sleep(10);
      await repository.bands.reap(1);
      expect(await repository.bands.check(lease)).toMatchObject({ answer: 'held' });
      expect((await repository.fractals.find(order.id))?.state).toBe('rendering');
    });

    it('lets a failed band rest, then fails the fractal with the reason', async () => {
      const order = aFractal();
      await add(order);
      expect(await repository.bands.fail(await must(claim(order)), 'first', () => 1_500)).toBe('held');
      expect(await claim(order)).toBeNull();
      await sleep(1_600);
      expect(await repository.bands.fail(await must(claim(order)), 'out of paint', (failures) => (failures < 2 ? 0 : null))).toBe(
        'failed',
      );
      expect(await repository.fractals.find(order.id)).toMatchObject({ state: 'failed', error: 'out of paint' });
    });
  });

  describe('doorbells', () => {
    const emptyQueue = async () => {
      while ((await repository.doorbells.takeDue(1000)).length > 0);
    };

    it('come in the order of orders, each once, and again when the queue lost them', async () => {
      await emptyQueue();
      const orders = [aFractal({ bands: 2 }), aFractal()];
      for (const order of orders) await add(order);
      const expected = [
        { fractal: orders[0]?.id, band: 0 },
        { fractal: orders[0]?.id, band: 1 },
        { fractal: orders[1]?.id, band: 0 },
      ];
      const before = await repository.doorbells.countRung();
      expect(await repository.doorbells.takeDue(2)).toEqual(expected.slice(0, 2));
      expect(await repository.doorbells.takeDue(2)).toEqual(expected.slice(2));
      expect(await repository.doorbells.takeDue(2)).toEqual([]);
      expect((await repository.doorbells.countRung()) - before).toBe(3);
      expect(await repository.doorbells.ringAgain()).toBe(before + 3);
      expect(await repository.doorbells.takeDue(1000)).toEqual(expect.arrayContaining(expected));
    });

    it('of a small order go in between those of a poster', async () => {
      await emptyQueue();
      // Each band of the poster fills a turn.
      const poster = { ...aFractal({ bands: 100 }), bandCost: 2 ** 28 };
      await add(poster);
      await repository.doorbells.takeDue(10);
      const small = aFractal();
      await add(small);
      const next = await repository.doorbells.takeDue(2);
      expect(next.map(({ fractal }) => fractal)).toContain(small.id);
    });

    it('are overtaken by what is more urgent and not rung yet, or rung behind', async () => {
      await emptyQueue();
      const poster = { ...aFractal({ bands: 100, engineVersion: 'e9' }), bandCost: 2 ** 28 };
      await add(poster);
      const rung = await repository.doorbells.takeDue(10);
      const tenth = rung[9]!;
      expect(await repository.doorbells.findOvertaking(tenth, 'e9')).toBeNull();
      const small = aFractal({ engineVersion: 'e9' });
      await add(small);
      expect(await repository.doorbells.findOvertaking(rung[0]!, 'e9')).toBeNull();
      expect(await repository.doorbells.findOvertaking(tenth, 'e9')).toEqual({ fractal: small.id, band: 0 });
      expect(await repository.doorbells.findOvertaking(tenth, 'e2')).toBeNull();
      expect(await repository.doorbells.takeDue(1)).toEqual([{ fractal: small.id, band: 0 }]);
      expect(await repository.doorbells.findOvertaking(tenth, 'e9')).toEqual({ fractal: small.id, band: 0 });
      await repository.doorbells.putBack(tenth);
      await repository.fractals.remove(small.id);
      expect(await repository.doorbells.takeDue(1)).toEqual([tenth]);
      await repository.fractals.remove(poster.id);
    });

    it('of small fractals are answered together, as they come next', async () => {
      await emptyQueue();
      const claimant = (tokenHash: string) => ({ tokenHash, leaseMs: 60_000, host: 'h', engineVersion: 'e7' });
      const small = () => ({ ...aFractal({ engineVersion: 'e7' }), bandCost: 10 });
      const orders = Array.from({ length: 4 }, small);
      for (const order of orders) await add(order);
      const idsOf = (claims: readonly { fractal: Fractal }[]) => claims.map(({ fractal }) => fractal.id);
      // Somebody is on the way for what was rung.
      const [rung] = await repository.doorbells.takeDue(1);
      expect(rung).toEqual({ fractal: orders[0]!.id, band: 0 });
      expect(await repository.bands.claimMore({ limit: 9, maxCost: 9 }, claimant('t1'))).toEqual([]);
      const two = await repository.bands.claimMore({ limit: 9, maxCost: 29 }, claimant('t1'));
      expect(idsOf(two)).toEqual([orders[1]!.id, orders[2]!.id]);
      expect(two[0]).toMatchObject({ attempt: 1, fractal: { state: 'rendering' } });
      expect(idsOf(await repository.bands.claimed('t1'))).toEqual(idsOf(two));
      const lease = { fractal: two[0]!.fractal.id, band: 0, attempt: 1, tokenHash: 't1' };
      expect(await repository.bands.finish(lease, result, (await pictureFor(lease)).picture)).toBe('complete');
      expect(idsOf(await repository.bands.claimed('t1'))).toEqual([orders[2]!.id]);
      const large = { ...aFractal({ bands: 2, engineVersion: 'e7' }), bandCost: 1 };
      const behind = small();
      await add(large);
      await add(behind);
      const more = await repository.bands.claimMore({ limit: 9, maxCost: 100 }, claimant('t2'));
      expect(idsOf(more)).toEqual([orders[3]!.id]);
      expect(await repository.bands.claimMore({ limit: 9, maxCost: 100 }, claimant('t3'))).toEqual([]);
      for (const { id } of [...orders, large, behind]) await repository.fractals.remove(id);
    });

    it('are answered once, when many ask for more at the same time', async () => {
      await emptyQueue();
      const orders = Array.from({ length: 12 }, () => aFractal({ engineVersion: 'e7' }));
      await Promise.all(orders.map((order) => add(order)));
      const asking = Array.from({ length: 6 }, (_, i) =>
        repository.bands.claimMore(
          { limit: 12, maxCost: 2 ** 40 },
          { tokenHash: `u${i}`, leaseMs: 60_000, host: 'h', engineVersion: 'e7' },
        ),
      );
      const given = (await Promise.all(asking)).flat().map(({ fractal }) => fractal.id);
      expect(new Set(given).size).toBe(given.length);
      expect(given).toHaveLength(12);
      for (const { id } of orders) await repository.fractals.remove(id);
    });

    it('find the oldest fractal when nobody works on it', async () => {
      const [old, young] = [aFractal({ bands: 3, engineVersion: 'e8' }), aFractal({ engineVersion: 'e8' })];
      await add(old);
      await add(young);
      const take = (order: NewFractal, band: number) =>
        repository.bands.claim({ fractal: order.id, band, tokenHash: 't', leaseMs: 60_000, host: 'h', engineVersion: 'e8' });
      expect(await repository.doorbells.findNeglected('e8', 60_000)).toBeNull();
      expect(await repository.doorbells.findNeglected('e8', 0)).toEqual({ fractal: old.id, band: 0 });
      const { attempt } = await must(take(old, 0));
      expect(await repository.doorbells.findNeglected('e8', 0)).toBeNull();
      await repository.bands.accept({ fractal: old.id, band: 0, attempt, tokenHash: 't' }, result);
      expect(await repository.doorbells.findNeglected('e8', 0)).toEqual({ fractal: old.id, band: 1 });
      await repository.fractals.remove(old.id);
      expect(await repository.doorbells.findNeglected('e8', 0)).toEqual({ fractal: young.id, band: 0 });
      await repository.fractals.remove(young.id);
      expect(await repository.doorbells.findNeglected('e8', 0)).toBeNull();
    });

    it('of a resting band are not rung', async () => {
      await emptyQueue();
      const order = aFractal();
      await add(order);
      await repository.bands.fail(await must(claim(order)), 'why', () => 60_000);
      expect(await repository.doorbells.takeDue(10)).toEqual([]);
    });

    it('are due again after a restart, when leases are void', async () => {
      await emptyQueue();
      const leased = aFractal();
      await add(leased);
      const lease = await must(claim(leased));
      await repository.doorbells.recover();
      expect(await repository.doorbells.takeDue(10_000)).toContainEqual({ fractal: leased.id, band: 0 });
      expect(await repository.bands.renew(lease, 1)).toBe('stale');
    });

    it('are lost only when nobody has heard them for a while', async () => {
      await emptyQueue();
      const order = aFractal();
      await add(order);
      await repository.doorbells.takeDue(10);
      expect(await repository.doorbells.countRung(60_000)).toBe(0);
      expect(await repository.doorbells.ringAgain(60_000)).toBe(0);
      await sleep(20);
      expect(await repository.doorbells.countRung(10)).toBeGreaterThanOrEqual(1);
      expect(await repository.doorbells.ringAgain(10)).toBeGreaterThanOrEqual(1);
      expect(await repository.doorbells.takeDue(10_000)).toContainEqual({ fractal: order.id, band: 0 });
    });

    it('go to one of many who take them at the same time', async () => {
      await emptyQueue();
      const order = aFractal({ bands: 40 });
      await add(order);
      const taken = await Promise.all(Array.from({ length: 8 }, () => repository.doorbells.takeDue(7)));
      const bands = taken.flat().map(({ band }) => band);
      expect(new Set(bands).size).toBe(bands.length);
      while (bands.length < 40) bands.push(...(await must(repository.doorbells.takeDue(40))).map(({ band }) => band));
      expect(bands.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, band) => band));
    });

    it('start over where no engine lives that may go on', async () => {
      const outdated = aFractal({ bands: 3, engineVersion: 'e0' });
      await add(outdated);
      const current = aFractal();
      await add(current);
      const plan = ({ spec }: Fractal): Plan => ({
        cut: { bandRows: spec.height, bands: 1, mirrored: false },
        bandCost: 1,
        engineVersion: 'e1',
        storeKey: `${outdated.id}-1`,
      });
      expect(await repository.doorbells.startOver(['e0', 'e1'], plan)).toBe(0);
      expect(await repository.doorbells.startOver(['e1'], plan)).toBe(1);
      expect(await repository.fractals.find(outdated.id)).toMatchObject({
        engineVersion: 'e1',
        storeKey: `${outdated.id}-1`,
        cut: { bands: 1, bandRows: 3, mirrored: false },
        state: 'queued',
      });
      const due = await repository.doorbells.takeDue(10_000);
      expect(due.filter(({ fractal }) => fractal === outdated.id)).toEqual([{ fractal: outdated.id, band: 0 }]);
      expect(due.filter(({ fractal }) => fractal === current.id)).toHaveLength(1);
      expect(await claim(outdated)).not.toBeNull();
    });

    it('end where no engine lives that would give the bytes it had', async () => {
      const { order, key } = await finished();
      await repository.fractals.redraw(order.id, key, { ...order, engineVersion: 'e0', storeKey: `${order.id}-1` });
      const fresh = vi.fn((fractal: Fractal) => ({ reason: `${fractal.engineVersion} is gone` }));
      expect(await repository.doorbells.startOver(['e1'], fresh)).toBe(1);
      expect(fresh.mock.calls[0]?.[0]).toMatchObject({ id: order.id, expectedChecksum: 'c'.repeat(64) });
      expect(await repository.fractals.find(order.id)).toMatchObject({ state: 'failed', error: 'e0 is gone' });
      expect(await repository.doorbells.startOver(['e1'], fresh)).toBe(0);
    });
  });

  describe('reading again', () => {
    it('goes over finished fractals in their order', async () => {
      const { order: first } = await finished();
      await add();
      const { order: second } = await finished();
      const { seq } = (await repository.fractals.find(first.id))!;
      const found = await repository.fractals.finishedAfter(seq - 1, 1);
      expect(found.map(({ id }) => id)).toEqual([first.id]);
      expect((await repository.fractals.finishedAfter(seq, 9)).map(({ id }) => id)).toEqual([second.id]);
    });

    it('is done by one at a time, goes on where it stopped, and rests after a lap', async () => {
      const { scrub } = repository;
      const none = { position: 0, checked: 0, bytes: 0, damaged: 0, missing: 0, lapStartedAt: null, lapFinishedAt: null };
      expect(await scrub.read()).toEqual(none);
      const claims = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => scrub.claim(holder, 60_000, 0)));
      expect(claims.filter(Boolean)).toHaveLength(1);
      const holder = ['a', 'b', 'c', 'd'][claims.findIndex(Boolean)]!;
      expect(await scrub.advance('another', { seq: 5, bytes: 1, damaged: 0, missing: 0 })).toBe(false);
      expect(await scrub.advance(holder, { seq: 5, bytes: 2 ** 33, damaged: 1, missing: 0 })).toBe(true);
      expect(await scrub.advance(holder, { seq: 5, bytes: 1, damaged: 1, missing: 0 })).toBe(false);
      const middle = { position: 5, checked: 1, bytes: 2 ** 33, damaged: 1, missing: 0, lapFinishedAt: null };
      expect(await scrub.claim(holder, 1, 0)).toMatchObject(middle);
      await sleep(10);
      expect(await scrub.claim('heir', 60_000, 3600_000)).toMatchObject(middle);
      expect(await scrub.finishLap(holder)).toBe(false);
      expect(await scrub.finishLap('heir')).toBe(true);
      const { lapFinishedAt, ...rest } = await scrub.read();
      expect(rest).toEqual({ position: 0, checked: 0, bytes: 0, damaged: 1, missing: 0, lapStartedAt: null });
      expect(Math.abs((lapFinishedAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await scrub.claim('heir', 60_000, 3600_000)).toBeNull();
      expect(await scrub.claim('heir', 60_000, 0)).toMatchObject({ position: 0, damaged: 1 });
    });
  });

  describe('assemblies', () => {
    it('are held by one, with the bands in order, and end once', async () => {
      const order = aFractal({ bands: 3 });
      await add(order);
      for (const band of [2, 0, 1]) await repository.bands.accept(await must(claim(order, band)), { ...result, adler: band });
      await drainTrash();
      const assembly = await must(repository.assemblies.claim(60_000));
      expect(assembly.fractal.id).toBe(order.id);
      expect(await repository.assemblies.claim(60_000)).toBeNull();
      const bands = [];
      for await (const band of assembly.bands('up')) bands.push(band);
      expect(bands).toMatchObject(
        [0, 1, 2].map((number) => ({ number, adler: number, band: { rows: { firstRow: number, lastRow: number + 1 } } })),
      );
      expect(bands[0]).toMatchObject({ split: 60, mirrorAdler: 0xffff_fff0 });
      const downwards = [];
      for await (const { number } of assembly.bands('down')) downwards.push(number);
      expect(downwards).toEqual([2, 1, 0]);
      const key = pictureKey(order.storeKey, assembly.attempt);
      const sums = { key: sumsKey(order.storeKey, assembly.attempt), checksum: 'f'.repeat(64) };
      const picture = { checksum: 'd'.repeat(64), sizeBytes: 12, key, sums };
      expect(await repository.assemblies.renew(order.id, assembly.attempt, 60_000)).toBe(true);
      expect(await repository.assemblies.finish(order.id, assembly.attempt + 1, picture)).toBe(false);
      expect(await repository.assemblies.finish(order.id, assembly.attempt, picture)).toBe(true);
      expect(await repository.assemblies.finish(order.id, assembly.attempt, picture)).toBe(false);
      expect(await repository.fractals.find(order.id)).toMatchObject({ state: 'done', picture });
      expect(await drainTrash()).toEqual([0, 1, 2].map((band) => bandKey(order.storeKey, band, 1)));
    });

    it('pass to another when their holder went silent; only the newer may end them', async () => {
      const order = aFractal();
      await add(order);
      await repository.bands.accept(await must(claim(order)), result);
      const silent = await must(repository.assemblies.claim(1));
      await sleep(10);
      const heir = await must(repository.assemblies.claim(60_000));
      expect(heir.fractal.id).toBe(order.id);
      const picture = (attempt: number) => ({
        checksum: 'e'.repeat(64),
        sizeBytes: 1,
        key: pictureKey(order.storeKey, attempt),
        sums: null,
      });
      expect(await repository.assemblies.finish(order.id, silent.attempt, picture(silent.attempt))).toBe(false);
      await drainTrash();
      expect(await repository.assemblies.finish(order.id, heir.attempt, picture(heir.attempt))).toBe(true);
      expect(await drainTrash()).toContain(pictureKey(order.storeKey, silent.attempt));
    });

    it('keep who drew which of the bands, and how long that took', async () => {
      const order = aFractal({ bands: 4 });
      await add(order);
      for (const [band, host] of ['host-2', 'host-1', 'host-2', 'host-2'].entries()) {
        const lease = await must(claim(order, band, 60_000, host));
        await repository.bands.accept(lease, { ...result, renderMs: 10 ** band });
      }
      expect((await repository.fractals.find(order.id))?.drawnBy).toBeNull();
      const assembly = await must(repository.assemblies.claim(60_000));
      const picture = { checksum: 'e'.repeat(64), sizeBytes: 1, key: pictureKey(order.storeKey, assembly.attempt), sums: null };
      await repository.assemblies.finish(order.id, assembly.attempt, picture);
      expect((await repository.fractals.find(order.id))?.drawnBy).toEqual([
        {
          host: 'host-2',
          bands: 3,
          renderMs: 1101,
          ranges: [
            [0, 0],
            [2, 3],
          ],
        },
        { host: 'host-1', bands: 1, renderMs: 10, ranges: [[1, 1]] },
      ]);
      await repository.fractals.redraw(order.id, picture.key, { ...order, storeKey: `${order.id}-9` });
      expect((await repository.fractals.find(order.id))?.drawnBy).toBeNull();
      await repository.fractals.remove(order.id);
    });

    it('send a damaged band back to be drawn again', async () => {
      const order = aFractal({ bands: 2 });
      await add(order);
      for (const band of [0, 1]) await repository.bands.accept(await must(claim(order, band)), result);
      const assembly = await must(repository.assemblies.claim(60_000));
      expect(await repository.assemblies.redraw(order.id, assembly.attempt, 1)).toBe(true);
      expect(await repository.fractals.find(order.id)).toMatchObject({ state: 'queued', bandsDone: 1 });
      const again = await must(claim(order, 1));
      expect(await repository.bands.accept(again, result)).toBe('complete');
      await repository.fractals.remove(order.id);
    });
  });

  describe('events', () => {
    it('tell the whole life of a fractal in order', async () => {
      const { newest } = await repository.events.range();
      const { order } = await finished();
      await repository.fractals.remove(order.id);
      const events = await repository.events.after(newest, 100);
      expect(events.map(({ type, state }) => [type, state])).toEqual([
        ['ordered', 'queued'],
        ['progress', 'rendering'],
        ['progress', 'assembling'],
        ['done', 'done'],
        ['deleted', null],
      ]);
      expect(events.every(({ fractal }) => fractal === order.id)).toBe(true);
      expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => newest + 1 + i));
      expect(await repository.events.after(newest, 2)).toEqual(events.slice(0, 2));
    });

    it('number at most a hundred steps of progress, however many bands there are', async () => {
      const { newest } = await repository.events.range();
      const order = aFractal({ bands: 250 });
      await add(order);
      for (let band = 0; band < 250; band++) await repository.bands.accept(await must(claim(order, band)), result);
      const steps = (await repository.events.after(newest, 1000)).filter(({ type }) => type === 'progress');
      expect(steps.length).toBeGreaterThan(50);
      expect(steps.length).toBeLessThanOrEqual(102);
      await repository.fractals.remove(order.id);
    });

    it('are forgotten when they are old, but for the newest', async () => {
      await add();
      await sleep(5);
      const { newest } = await repository.events.range();
      await repository.events.prune(1);
      expect(await repository.events.range()).toEqual({ oldest: newest, newest });
      expect(await repository.events.epoch()).toMatch(/^\w+$/);
    });
  });

  describe('retention', () => {
    const BYTES = 7;
    const storedBytes = async () => (await repository.backlog.read()).storedBytes;
    const isThere = async ({ id }: { id: NewFractal['id'] }) => (await repository.fractals.find(id)) !== null;
    beforeEach(async () => {
      while ((await repository.retention.removeOlderThan(-60_000, 100)) > 0);
      await drainTrash();
    });

    it('knows what all pictures take, whatever becomes of them', async () => {
      expect(await storedBytes()).toBe(0);
      const [first, second] = [await finished(), await finished()];
      await add();
      expect(await storedBytes()).toBe(2 * BYTES);
      await repository.fractals.remove(first.order.id);
      expect(await storedBytes()).toBe(BYTES);
      await repository.fractals.redraw(second.order.id, second.key, { ...second.order, storeKey: `${second.order.id}-again` });
      expect(await storedBytes()).toBe(0);
    });

    it('takes away what came to its end long ago, with its objects and an event, the oldest first and few at a time', async () => {
      const { order, key } = await finished();
      const cancelled = aFractal();
      await add(cancelled);
      await repository.fractals.cancel(cancelled.id);
      await drainTrash();
      const { newest } = await repository.events.range();
      expect(await repository.retention.removeOlderThan(60_000, 10)).toBe(0);
      await sleep(2_000);
      const young = await finished();
      const [waiting, drawn] = [aFractal(), aFractal()];
      await add(waiting);
      await add(drawn);
      await must(claim(drawn));
      expect(await repository.retention.removeOlderThan(1_500, 1)).toBe(1);
      expect(await repository.retention.removeOlderThan(1_500, 10)).toBe(1);
      expect(await Promise.all([order, cancelled, young.order, waiting, drawn].map(isThere))).toEqual([
        false,
        false,
        true,
        true,
        true,
      ]);
      expect(await drainTrash()).toEqual(expect.arrayContaining([key, thumbnailKey(order.storeKey)]));
      const events = await repository.events.after(newest, 100);
      expect(events.filter(({ type }) => type === 'deleted').map(({ fractal }) => fractal)).toEqual([order.id, cancelled.id]);
      expect(await repository.fractals.count({ state: 'done' })).toBe(1);
    });

    it('takes the oldest pictures away until the rest take little enough, and no more when many do it at once', async () => {
      const pictures = [];
      for (let i = 0; i < 12; i++) {
        pictures.push(await finished());
        await sleep(2);
      }
      const cancelled = aFractal();
      await add(cancelled);
      await repository.fractals.cancel(cancelled.id);
      expect(await repository.retention.removeBeyond(12 * BYTES, 100)).toBe(0);
      expect(await repository.retention.removeBeyond(11 * BYTES - 1, 1)).toBe(1);
      const removed = await Promise.all(Array.from({ length: 4 }, () => repository.retention.removeBeyond(5 * BYTES + 1, 3)));
      let sum = removed.reduce((all, n) => all + n, 0);
      for (let n = 1; n > 0; sum += n) n = await repository.retention.removeBeyond(5 * BYTES + 1, 3);
      expect([sum, await storedBytes()]).toEqual([6, 5 * BYTES]);
      const left = await Promise.all(pictures.map(({ order }) => isThere(order)));
      expect(left).toEqual([...Array(7).fill(false), ...Array(5).fill(true)]);
      expect(await isThere(cancelled)).toBe(true);
    });
  });

  describe('tokens', () => {
    const aToken = (override: Partial<NewToken> = {}): NewToken => ({
      id: crypto.randomUUID().slice(0, 8),
      hash: crypto.randomUUID().replaceAll('-', '').repeat(2),
      name: 'Ann',
      role: 'creator',
      expiresInMs: null,
      ...override,
    });

    it('are none at first, and are never again none', async () => {
      expect(await repository.tokens.exist()).toBe(false);
      const token = aToken();
      await repository.tokens.create(token);
      await repository.tokens.revoke(token.id);
      expect(await repository.tokens.exist()).toBe(true);
    });

    it('are found by their hash, to the letter, with all that is known of them', async () => {
      const token = aToken({ hash: 'aB'.repeat(32), expiresInMs: 3600_000 });
      const created = await repository.tokens.create(token);
      expect(created).toMatchObject({ id: token.id, name: 'Ann', role: 'creator', revokedAt: null, lastUsedAt: null });
      expect(created.expiresAt! - created.createdAt).toBeCloseTo(3600_000, -3);
      expect(Math.abs(created.createdAt - Date.now())).toBeLessThan(60_000);
      const found = await must(repository.tokens.find(token.hash));
      expect(found).toMatchObject({ ...created, standing: 'valid' });
      expect(found.expiresInMs).toBeGreaterThan(3500_000);
      expect(await repository.tokens.find(token.hash.toLowerCase())).toBeNull();
      expect(await repository.tokens.find(aToken().hash)).toBeNull();
      await expect(repository.tokens.create({ ...aToken(), hash: token.hash })).rejects.toThrow();
    });

    it('expire by the clock of the database, and are revoked once', async () => {
      const [brief, other] = [aToken({ expiresInMs: 1 }), aToken()];
      await repository.tokens.create(brief);
      await repository.tokens.create(other);
      await sleep(20);
      expect(await repository.tokens.find(brief.hash)).toMatchObject({ standing: 'expired', expiresInMs: 0 });
      const revoked = await must(repository.tokens.revoke(other.id));
      expect(await repository.tokens.find(other.hash)).toMatchObject({ standing: 'revoked' });
      await sleep(20);
      expect((await must(repository.tokens.revoke(other.id))).revokedAt).toBe(revoked.revokedAt);
      expect(await repository.tokens.revoke('nothere0')).toBeNull();
      expect(await repository.tokens.revoke("' or 1=1 --")).toBeNull();
      const listed = await repository.tokens.list();
      expect(listed.slice(0, 2).map(({ id }) => id)).toEqual(expect.arrayContaining([other.id]));
      expect(JSON.stringify(listed)).not.toContain(other.hash);
    });

    it('note roughly when they were used', async () => {
      const token = aToken();
      await repository.tokens.create(token);
      await repository.tokens.touch(token.id);
      const first = (await must(repository.tokens.find(token.hash))).lastUsedAt;
      expect(Math.abs(first! - Date.now())).toBeLessThan(60_000);
      await sleep(20);
      await repository.tokens.touch(token.id);
      expect((await must(repository.tokens.find(token.hash))).lastUsedAt).toBe(first);
    });

    describe('for enrolment', () => {
      const toEnrol = async (override: Partial<NewToken> = {}) => {
        const token = aToken({ name: 'farm', role: 'worker', expiresInMs: 3600_000, uses: 1, ...override });
        return { ...(await repository.tokens.create(token)), hash: token.hash };
      };
      const own = () => aToken({ name: `host-${crypto.randomUUID().slice(0, 8)}`, expiresInMs: 86_400_000 });
      const usesLeft = async (id: string) => (await repository.tokens.list()).find((each) => each.id === id)?.usesLeft;

      it('let nobody in, and are exchanged for tokens that do, each use once', async () => {
        const { id, hash, uses } = await toEnrol({ uses: 2 });
        expect([uses, await repository.tokens.find(hash)]).toEqual([2, null]);
        const [mine, yours] = [own(), own()];
        const first = await repository.tokens.enrol(hash, mine);
        expect(first).toMatchObject({ answer: 'enrolled', enrolment: { id, usesLeft: 1 }, standing: 'valid' });
        const found = await must(repository.tokens.find(mine.hash));
        expect(found).toMatchObject({ id: mine.id, name: mine.name, role: 'worker', enrolment: id, uses: null, usesLeft: null });
        expect(found.expiresInMs).toBeGreaterThan(86_300_000);
        expect(await repository.tokens.enrol(hash, yours)).toMatchObject({ answer: 'enrolled', enrolment: { usesLeft: 0 } });
        expect(await repository.tokens.enrol(hash, own())).toMatchObject({ answer: 'used up', enrolment: { id, uses: 2 } });
        // A token that was enrolled enrols nobody.
        expect(await repository.tokens.enrol(mine.hash, own())).toEqual({ answer: 'unknown' });
        expect(await repository.tokens.enrol(own().hash, own())).toEqual({ answer: 'unknown' });
      });

      it('give their last use to one of many who ask at the same time', async () => {
        const { id, hash } = await toEnrol({ uses: 3 });
        const wanted = Array.from({ length: 12 }, own);
        const answers = await Promise.all(wanted.map((each) => repository.tokens.enrol(hash, each)));
        expect(answers.map(({ answer }) => answer).sort()).toEqual([...Array(3).fill('enrolled'), ...Array(9).fill('used up')]);
        const found = await Promise.all(wanted.map((each) => repository.tokens.find(each.hash)));
        expect(found.filter((each) => each !== null)).toHaveLength(3);
        expect(await usesLeft(id)).toBe(0);
      });

      it('answer an exchange that is repeated as before, whatever has become of them, and take no use for it', async () => {
        const { id, hash } = await toEnrol({ uses: 2 });
        const mine = own();
        const same = await Promise.all(Array.from({ length: 6 }, () => repository.tokens.enrol(hash, mine)));
        expect(same.map(({ answer }) => answer).sort()).toEqual([...Array(5).fill('again'), 'enrolled']);
        expect(await usesLeft(id)).toBe(1);
        expect(await repository.tokens.enrol(hash, own())).toMatchObject({ answer: 'enrolled' });
        expect(await repository.tokens.enrol(hash, mine)).toMatchObject({ answer: 'again', token: { name: mine.name } });
        await repository.tokens.revoke(id);
        expect(await repository.tokens.enrol(hash, mine)).toMatchObject({ answer: 'again', standing: 'valid' });
        await repository.tokens.revoke(mine.id);
        expect(await repository.tokens.enrol(hash, mine)).toMatchObject({ answer: 'again', standing: 'revoked' });
        expect(await usesLeft(id)).toBe(0);
      });

      it('are no way to a token that somebody else has', async () => {
        const [one, other] = [await toEnrol({ uses: 5 }), await toEnrol({ uses: 5 })];
        const [theirs, made] = [own(), aToken()];
        await repository.tokens.enrol(one.hash, theirs);
        await repository.tokens.create(made);
        for (const wanted of [
          theirs,
          { ...own(), id: theirs.id },
          made,
          { ...own(), hash: made.hash },
          { ...own(), id: made.id },
        ]) {
          expect(await repository.tokens.enrol(other.hash, wanted)).toMatchObject({ answer: 'conflict' });
        }
        expect(await usesLeft(other.id)).toBe(5);
        expect(await repository.tokens.find(made.hash)).toMatchObject({ role: 'creator', enrolment: null });
      });

      it('end by the clock of the database, and by revocation', async () => {
        const [brief, revoked] = [await toEnrol({ expiresInMs: 1 }), await toEnrol()];
        await sleep(20);
        expect(await repository.tokens.enrol(brief.hash, own())).toMatchObject({ answer: 'expired', enrolment: { usesLeft: 1 } });
        await repository.tokens.revoke(revoked.id);
        expect(await repository.tokens.enrol(revoked.hash, own())).toMatchObject({
          answer: 'revoked',
          enrolment: { usesLeft: 1 },
        });
      });

      it('take what they were exchanged for with them, also what is exchanged at that moment', async () => {
        for (let round = 0; round < 5; round++) {
          const { id, hash } = await toEnrol({ uses: 20 });
          const other = await toEnrol();
          const [kept, wanted] = [own(), Array.from({ length: 8 }, own)];
          await repository.tokens.enrol(other.hash, kept);
          const revoke = async () => {
            await repository.tokens.revoke(id);
            return await repository.tokens.revokeEnrolled(id);
          };
          const asking = wanted.map((each) => repository.tokens.enrol(hash, each));
          const [count, ...answers] = await Promise.all([revoke(), ...asking]);
          const enrolled = answers.filter(({ answer }) => answer === 'enrolled');
          expect(count).toBe(enrolled.length);
          for (const each of wanted) expect((await repository.tokens.find(each.hash))?.standing ?? 'revoked').toBe('revoked');
          expect((await must(repository.tokens.find(kept.hash))).standing).toBe('valid');
          expect(await repository.tokens.revokeEnrolled(id)).toBe(0);
        }
      });
    });
  });

  describe('owners', () => {
    it('are kept, and narrow lists and counts to what is theirs, letter by letter', async () => {
      const [mine, another, nobodys] = [aFractal({ owner: 'Zoe' }), aFractal({ owner: 'zoe' }), aFractal()];
      for (const order of [mine, another, nobodys]) await add(order);
      expect((await repository.fractals.find(mine.id))?.owner).toBe('Zoe');
      expect((await repository.fractals.find(nobodys.id))?.owner).toBeNull();
      expect((await repository.fractals.list({ owner: 'Zoe' }, { limit: 9 })).map(({ id }) => id)).toEqual([mine.id]);
      expect(await repository.fractals.count({ owner: 'zoe' })).toBe(1);
      expect(await repository.fractals.count({ owner: 'zoe', state: 'done' })).toBe(0);
    });

    it('decide who may cancel, retry and delete', async () => {
      const order = aFractal({ owner: 'Zoe', bands: 2 });
      await add(order);
      const { fractals } = repository;
      const asked: (string | null)[] = [];
      const never = (owner: string | null) => {
        asked.push(owner);
        return false;
      };
      expect(await fractals.cancel(order.id, never)).toBe('denied');
      expect(await fractals.retry(order.id, order, never)).toBe('denied');
      expect(await fractals.remove(order.id, never)).toBe('denied');
      expect(asked).toEqual(['Zoe', 'Zoe', 'Zoe']);
      expect((await fractals.find(order.id))?.state).toBe('queued');
      expect(await fractals.cancel(aFractal().id, never)).toBe('unknown');
      expect(await fractals.cancel(order.id, (owner) => owner === 'Zoe')).toBe('cancelled');
      expect(await fractals.remove(order.id, (owner) => owner === 'Zoe')).toBe('removed');
    });
  });

  describe('notes for the audit', () => {
    it('are taken once, the oldest first, however many take them', async () => {
      const before = Date.now();
      const who = `${'x'.repeat(300)}@host`;
      const token = { id: 'abcdefg1', name: 'ann', role: 'creator', expiresInMs: null } as const;
      await repository.tokens.create({ ...token, hash: 'a'.repeat(64) }, who);
      await repository.tokens.revoke('abcdefg1', who);
      // Of what did not happen there is none, nor of what the service itself does.
      await expect(repository.tokens.create({ ...token, id: 'abcdefg2', hash: 'a'.repeat(64) }, who)).rejects.toThrow();
      expect(await repository.tokens.revoke('abcdefg3', who)).toBeNull();
      await repository.tokens.revoke('abcdefg1');
      const all = (await Promise.all([1, 2, 3].map(() => repository.audit.take()))).flat();
      expect(all.map(({ action }) => action).sort()).toEqual(['create-token', 'revoke-token']);
      for (const { at, who, token } of all) {
        expect([who, token]).toEqual(['x'.repeat(255), 'abcdefg1']);
        expect(Math.abs(at - before)).toBeLessThan(60_000);
      }
      expect(await repository.audit.take()).toEqual([]);
    });
  });

  describe('the queue, when it is paused', () => {
    const urgent = { limit: 9, maxCost: 1e9 };
    const claimMore = () =>
      repository.bands.claimMore(urgent, {
        tokenHash: crypto.randomUUID(),
        leaseMs: 60_000,
        host: 'host-1',
        engineVersion: 'e1',
      });

    it('tells who paused it, since when and why, and of the first who did', async () => {
      expect(await repository.pause.read()).toBeNull();
      const first = await repository.pause.begin('ann', 'new disks, « vite »');
      expect(first).toEqual({ since: expect.any(Number), by: 'ann', why: 'new disks, « vite »' });
      expect(Math.abs(first.since - Date.now())).toBeLessThan(60_000);
      await sleep(5);
      expect(await repository.pause.begin(null, null)).toEqual(first);
      expect(await repository.pause.read()).toEqual(first);
      expect([await repository.pause.end(), await repository.pause.end()]).toEqual([true, false]);
      expect(await repository.pause.read()).toBeNull();
      expect(await repository.pause.begin(null, null)).toMatchObject({ by: null, why: null });
      await repository.pause.end();
    });

    it('is paused by each who pauses it, while others let it go on', async () => {
      const pauses = Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 40; i++) expect(await repository.pause.begin('ann', null)).toMatchObject({ by: 'ann' });
      });
      const ends = Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 40; i++) await repository.pause.end();
      });
      await Promise.all([...pauses, ...ends]);
      await repository.pause.end();
    });

    it('gives no band, rings nothing, and takes orders and deliveries', async () => {
      const held = aFractal();
      await add(held);
      const lease = await must(claim(held));
      await repository.doorbells.takeDue(10_000);
      await repository.pause.begin('ann', null);
      const order = aFractal();
      expect((await repository.fractals.add(order)).added).toBe(true);
      expect(await repository.doorbells.takeDue(9)).toEqual([]);
      expect(await claim(order)).toBeNull();
      expect(await claimMore()).toEqual([]);
      expect((await repository.fractals.find(order.id))?.state).toBe('queued');
      expect(await repository.bands.renew(lease, 60_000)).toBe('held');
      // Whose answer was lost has claimed it before.
      const again = {
        fractal: held.id,
        band: 0,
        leaseMs: 60_000,
        host: 'host-1',
        engineVersion: 'e1',
        tokenHash: lease.tokenHash,
      };
      expect((await repository.bands.claim(again))?.attempt).toBe(lease.attempt);
      expect(await repository.bands.accept(lease, result)).toBe('complete');
      await repository.pause.end();
      expect(await repository.doorbells.takeDue(9)).toContainEqual({ fractal: order.id, band: 0 });
      expect(await claim(order)).not.toBeNull();
      for (const { id } of [held, order]) await repository.fractals.remove(id);
    });

    it('has the doorbell that was heard in vain due again', async () => {
      const order = aFractal({ bands: 2 });
      await add(order);
      await repository.doorbells.takeDue(10_000);
      await repository.pause.begin(null, null);
      expect(await claim(order, 1)).toBeNull();
      await repository.pause.end();
      expect(await repository.doorbells.takeDue(10_000)).toEqual([{ fractal: order.id, band: 1 }]);
      await repository.fractals.remove(order.id);
    });
  });

  describe('secrets', () => {
    it('are made once', async () => {
      const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => repository.secrets.signingKey()));
      expect(first).toHaveLength(32);
      expect(new Set(first).size).toBeGreaterThan(8);
      for (const other of others) expect(other).toEqual(first);
    });
  });
}
