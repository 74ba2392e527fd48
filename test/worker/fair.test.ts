import { describe, expect, it } from 'vitest';
import { orderFractal } from '../../src/actions/order-fractal.ts';
import { ringDueDoorbells } from '../../src/actions/ring-doorbells.ts';
import { parseFractalId } from '../../src/domain/ids.ts';
import { work } from '../../src/worker/work.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const VIEW = { formula: 'mandelbrot', viewport: { xa: -0.75, xb: -0.74, ya: 0.1, yb: 0.11 }, palette: 'classic' } as const;
/** Bands of some tenths of a second, each several turns of the queue. */
const POSTER = { ...VIEW, width: 4096, height: 4096, iterations: 6_000 };
const SMALL = { ...VIEW, width: 200, height: 150, iterations: 100 };

describe('a small picture behind a poster', () => {
  it('waits for few of its bands, whatever was rung before', async () => {
    await using home = await temporaryFolder();
    await using parts = await openParts(home.path);
    const { ports, queue: listener, engine, dispatcher } = parts;
    const order = async (request: typeof POSTER | typeof SMALL) => {
      const { fractal } = await orderFractal(ports, parseFractalId(crypto.randomUUID()), request, {
        client: 'tester',
        owner: null,
      });
      return fractal.id;
    };
    const look = async (id: Awaited<ReturnType<typeof order>>) => (await ports.repository.fractals.find(id))!;
    const stop = new AbortController();
    const complain = (what: string, error: unknown) => console.error(what, error);
    const about = { id: 'w', host: 'h', version: '1', onError: complain, onDetail: complain };
    const working = work({ ...about, listener, engine, dispatcher }, stop.signal, 1000);
    const poster = await order(POSTER);
    expect((await look(poster)).cut.bands).toBeGreaterThan(20);
    const ring = () => ringDueDoorbells(ports, 8);
    await until(async () => (await ring()) >= 0 && (await look(poster)).bandsDone >= 2);

    const before = (await look(poster)).bandsDone;
    const small = await order(SMALL);
    await until(async () => (await ring()) >= 0 && (await look(small)).bandsDone === 1);
    // The one in work, the one that was delivered meanwhile and one whose turn it was already.
    expect((await look(poster)).bandsDone - before).toBeLessThanOrEqual(3);
    await ports.repository.fractals.cancel(poster);
    stop.abort();
    await working;
  });
});
