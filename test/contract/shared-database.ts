import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LeaseKey, NewFractal, Repository } from '../../src/domain/repository.ts';
import { pictureKey } from '../../src/domain/store.ts';
import type { OpenedDatabase } from '../../src/repository/build.ts';
import { FaultProxy, type Verdict } from '../faults/support/fault-proxy.ts';
import type { PrivateDatabase } from '../support/servers/private-server.ts';
import { aFractal } from '../support/specs.ts';
import { until } from '../support/until.ts';
import { ledgerContract } from './ledger.ts';
import { storeContract } from './store.ts';

const RESULT = { sha256: 'a'.repeat(64), sizeBytes: 100, split: 60, adler: 1, mirrorAdler: 1, renderMs: 1.5 };

/** What a database that many processes share promises beyond what every repository does. */
export function sharedDatabaseContract(
  server: () => PrivateDatabase,
  open: (url: string, queryMs?: number) => Promise<OpenedDatabase>,
): void {
  describe('when it is shared', () => {
    it('is brought up to date once by ten that start at the same time', async () => {
      const url = await server().createDatabase('ten');
      const opened = await Promise.all(Array.from({ length: 10 }, () => open(url)));
      const epochs = await Promise.all(opened.map((each) => each.events.epoch()));
      expect(new Set(epochs).size).toBe(1);
      const keys = await Promise.all(opened.map((each) => each.secrets.signingKey()));
      expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
      const order = aFractal();
      expect((await opened[3]!.fractals.add(order)).added).toBe(true);
      expect((await opened[7]!.fractals.add({ ...order, storeKey: `${order.id}-1` })).added).toBe(false);
      await Promise.all(opened.map((each) => each[Symbol.asyncDispose]()));
    });

    it('tells every event to every reader, in one order, whoever writes at the same time', async () => {
      const url = await server().createDatabase('events');
      await using one = await open(url);
      await using two = await open(url);
      const writing = Promise.all(
        Array.from({ length: 200 }, async (_, i) => {
          const order = aFractal();
          await (i % 2 ? one : two).fractals.add(order);
          await (i % 3 ? one : two).fractals.cancel(order.id);
        }),
      );
      const read = async (repository: Repository): Promise<string[]> => {
        const seen: string[] = [];
        let position = 0;
        await until(async () => {
          const events = await repository.events.after(position, 50);
          for (const { number, type, fractal } of events) {
            if (number !== position + 1) throw new Error(`event ${number} came after ${position}`);
            position = number;
            seen.push(`${number} ${type} ${fractal}`);
          }
          return seen.length === 400;
        });
        return seen;
      };
      const [first, second] = await Promise.all([read(one), read(two), writing]);
      expect(first).toEqual(second);
    });

    it('lives through many who order, claim, deliver, cancel and delete side by side, and counts right', async () => {
      const url = await server().createDatabase('bustle');
      await using one = await open(url);
      await using two = await open(url);
      await Promise.all(Array.from({ length: 60 }, (_, i) => liveThrough(i % 2 ? one : two, i % 2 ? two : one, i)));
      while (await assembleOne(one)) {
        // Until none is left.
      }
      const { fractals, waiting, leased, outstanding } = await two.backlog.read();
      const all = await two.fractals.list({}, { limit: 1000 });
      for (const [state, n] of Object.entries(fractals)) {
        expect([state, n]).toEqual([state, all.filter((fractal) => fractal.state === state).length]);
      }
      expect({ waiting, leased, outstanding }).toEqual({ waiting: 0, leased: 0, outstanding: 0 });
      expect(await two.fractals.outstanding('tester')).toEqual({ all: 0, ofClient: 0 });
    });

    it('has claimed its last band when a pause has begun, whoever claims side by side', async () => {
      const url = await server().createDatabase('pause');
      await using one = await open(url);
      await using two = await open(url);
      const lease = { leaseMs: 60_000, host: 'host-1', engineVersion: 'e1' };
      for (let round = 0; round < 2; round++) {
        const orders = Array.from({ length: 120 }, () => aFractal());
        await Promise.all(orders.map((order) => one.fractals.add(order)));
        const before = (await one.backlog.read()).leased;
        const claims = orders.map(async ({ id }, i) => {
          const [repository, tokenHash] = [i % 2 ? one : two, crypto.randomUUID()];
          const claimed = await repository.bands.claim({ fractal: id, band: 0, tokenHash, ...lease });
          const more = claimed ? await repository.bands.claimMore({ limit: 2, maxCost: 1e9 }, { tokenHash, ...lease }) : [];
          return (claimed ? 1 : 0) + more.length;
        });
        await claims[30 * round];
        await two.pause.begin('ann', null);
        const then = (await one.backlog.read()).leased;
        const given = (await Promise.all(claims)).reduce((sum, each) => sum + each, 0);
        expect((await two.backlog.read()).leased).toBe(then);
        expect(then - before).toBe(given);
        await one.pause.end();
      }
    });

    it('has a pause wait for a claim under way', async () => {
      const url = new URL(await server().createDatabase('claiming'));
      const port = url.port;
      await using link = await FaultProxy.open(() => Number(port));
      await using working = await open(url.href);
      url.port = String(link.port);
      await using slow = await open(url.href);
      const order = aFractal();
      await working.fractals.add(order);
      const held = Promise.withResolvers<void>();
      const isHeld = Promise.withResolvers<void>();
      link.watch(async (piece, to): Promise<Verdict> => {
        // Not a setting of that name in the connection's first packet.
        if (to === 'server' && /(?<!_)commit/.test(piece.toString('latin1'))) {
          isHeld.resolve();
          await held.promise;
        }
        return 'pass';
      });
      const lease = { tokenHash: 'a-token', leaseMs: 60_000, host: 'host-1', engineVersion: 'e1' };
      const claiming = slow.bands.claim({ fractal: order.id, band: 0, ...lease });
      await isHeld.promise;
      let hasBegun = false;
      const pausing = working.pause.begin('ann', null).then(() => {
        hasBegun = true;
      });
      await sleep(400);
      expect(hasBegun).toBe(false);
      held.resolve();
      expect(await claiming).not.toBeNull();
      await pausing;
      expect((await working.backlog.read()).leased).toBe(1);
    });

    it('says that it cannot be reached while it is away, and goes on when it is back', async () => {
      const url = await server().createDatabase('away');
      await using repository = await open(url);
      const order = aFractal();
      await repository.fractals.add(order);
      await server().kill();
      await expect(repository.fractals.find(order.id)).rejects.toMatchObject({ code: 'unavailable' });
      await expect(repository.fractals.add(aFractal())).rejects.toMatchObject({ code: 'unavailable' });
      await server().start();
      const found = await until(() => repository.fractals.find(order.id).catch(() => null));
      expect(found.id).toBe(order.id);
    });

    it('gives up a connection that lost its other end, and goes on with others', async () => {
      const port = new URL(server().url).port;
      await using link = await FaultProxy.open(() => Number(port));
      const url = new URL(server().url);
      url.port = String(link.port);
      await using repository = await open(url.href, 1_000);
      const order = aFractal();
      let isLost = false;
      const lose = async () => {
        isLost = false;
        link.watch(() => {
          if (isLost) return 'pass';
          isLost = true;
          return 'lose';
        });
      };
      await lose();
      await expect(repository.fractals.find(order.id)).rejects.toMatchObject({ code: 'unavailable' });
      await lose();
      await expect(repository.fractals.add(order)).rejects.toMatchObject({ code: 'unavailable' });
      expect((await repository.fractals.add(order)).added).toBe(true);
    });

    it('undoes the transaction of a process that was frozen in it', async () => {
      const url = new URL(await server().createDatabase('frozen'));
      const port = url.port;
      await using link = await FaultProxy.open(() => Number(port));
      await using working = await open(url.href);
      url.port = String(link.port);
      await using frozen = await open(url.href);
      const order = aFractal();
      const held = Promise.withResolvers<void>();
      const isHeld = Promise.withResolvers<void>();
      link.watch(async (piece, to): Promise<Verdict> => {
        if (to === 'server' && /commit/.test(piece.toString('latin1'))) {
          isHeld.resolve();
          await held.promise;
        }
        return 'pass';
      });
      const adding = frozen.fractals.add(order);
      const outcome = adding.catch((error) => error);
      await isHeld.promise;
      // Waits for the locks of the frozen one, and then comes first.
      expect((await working.fractals.add({ ...order, storeKey: `${order.id}-1` })).added).toBe(true);
      held.resolve();
      expect(await outcome).toMatchObject({ code: 'unavailable' });
      expect((await frozen.fractals.add(order)).added).toBe(false);
    });

    it('says what is wrong with a URL that names no database', async () => {
      const url = server().url.replace(/\/faafo$/, '/nowhere');
      await expect(open(url)).rejects.toMatchObject({ code: 'unavailable', message: /cannot be opened: .*nowhere/ });
    });
  });

  ledgerContract(() => open(server().url));

  describe('its objects', () => {
    storeContract(async () => {
      const repository = await open(server().url);
      return { ...repository.objects, [Symbol.asyncDispose]: () => repository[Symbol.asyncDispose]() };
    });
  });
}

/** One small fractal's life, with an end of its own. */
async function liveThrough(here: Repository, there: Repository, i: number): Promise<void> {
  const order: NewFractal = { ...aFractal({ bands: 3 }), client: 'tester', cost: 5 };
  await here.fractals.add(order);
  await there.doorbells.takeDue(2);
  const leases = await Promise.all([0, 1, 2].map((band) => claim(band % 2 ? here : there, order, band)));
  await here.bands.reap(5);
  if (i % 5 === 1) await there.fractals.cancel(order.id);
  if (i % 5 === 2) await there.bands.fail(leases[0]!, 'why', () => null);
  const accepted = await Promise.all(leases.map((lease, band) => (band % 2 ? there : here).bands.accept(lease, RESULT)));
  if (i % 5 === 0) expect(accepted.filter((answer) => answer === 'complete')).toHaveLength(1);
  if (i % 5 === 3) await here.fractals.remove(order.id);
  await assembleOne(there);
}

async function claim(repository: Repository, order: NewFractal, band: number): Promise<LeaseKey> {
  const tokenHash = crypto.randomUUID();
  const worker = { tokenHash, leaseMs: 60_000, host: 'h', engineVersion: 'e1' };
  const claimed = await repository.bands.claim({ fractal: order.id, band, ...worker });
  return { fractal: order.id, band, attempt: claimed?.attempt ?? 0, tokenHash };
}

async function assembleOne(repository: Repository): Promise<boolean> {
  const assembly = await repository.assemblies.claim(60_000);
  if (!assembly) return false;
  const { id, storeKey } = assembly.fractal;
  const picture = { checksum: 'c'.repeat(64), sizeBytes: 7, key: pictureKey(storeKey, assembly.attempt), sums: null };
  await repository.assemblies.finish(id, assembly.attempt, picture);
  return true;
}
