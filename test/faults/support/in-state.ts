import { parseFractalId } from '../../../src/domain/ids.ts';
import type { FractalState } from '../../../src/domain/states.ts';
import type { FractalResource, OrderBody } from '../../../src/http/schemas.ts';
import { anOrder, finished, look, order, SIEGEL_DISC, send } from '../../support/orders.ts';
import { until } from '../../support/until.ts';
import type { Farm } from './farm.ts';
import { claimByHand, holding, postWork, withWorkersStill } from './hand-worker.ts';
import { cpuSeconds } from './usage.ts';

/** Bands that take several seconds each, and many of them. */
const ENDLESS: OrderBody = anOrder({ ...SIEGEL_DISC, width: 1024, height: 1024, iterations: 1_000_000 });
const TWO_BANDS: OrderBody = anOrder({ width: 600, height: 600, iterations: 200, c_re: -0.8, c_im: 0.156 });
/** What a worker has used that is at it. */
const AT_WORK_CPU_S = 0.5;

/** Orders one and brings it to a state, in which it is while `act` runs. */
export async function inState<T>(farm: Farm, state: FractalState, act: (fractal: FractalResource) => Promise<T>): Promise<T> {
  switch (state) {
    case 'queued':
      return await withWorkersStill(farm, async () => await act(await order(farm.url(), TWO_BANDS)));
    case 'rendering':
      return await act(await whileRendering(farm));
    case 'assembling':
      return await whileAssembling(farm, act);
    case 'done':
      return await act(await finished(farm.url(), (await order(farm.url(), TWO_BANDS)).uuid, 'done', 60_000));
    case 'failed':
      return await withWorkersStill(farm, async () => await act(await failByHand(farm)));
    case 'cancelled':
      return await withWorkersStill(farm, async () => {
        const { uuid } = await order(farm.url(), TWO_BANDS);
        await send(`${farm.url()}/v1/fractal/${uuid}/cancel`, 'POST');
        return await act(await look(farm.url(), uuid));
      });
  }
}

/** Every worker is at it. */
async function whileRendering(farm: Farm): Promise<FractalResource> {
  const before = farm.workers.map(({ pid }) => cpuSeconds(pid));
  const { uuid } = await order(farm.url(), ENDLESS);
  await until(() => farm.workers.every(({ pid }, i) => cpuSeconds(pid) - before[i]! > AT_WORK_CPU_S), 60_000);
  return await look(farm.url(), uuid);
}

/** Assembling is a hundred questions to the database, and each takes a while now. */
async function whileAssembling<T>(farm: Farm, act: (fractal: FractalResource) => Promise<T>): Promise<T> {
  for (const link of farm.apiDatabaseLinks) link.delayMs = 20;
  try {
    const { uuid } = await order(farm.url(), TWO_BANDS);
    await until(async () => (await farm.repository.fractals.find(parseFractalId(uuid)))?.state === 'assembling', 60_000);
    return await act(await look(farm.url(1), uuid));
  } finally {
    for (const link of farm.apiDatabaseLinks) link.delayMs = 0;
  }
}

async function failByHand(farm: Farm): Promise<FractalResource> {
  const { uuid } = await order(farm.url(), TWO_BANDS);
  while ((await look(farm.url(), uuid)).state !== 'failed') {
    // It rests after each failure.
    const claimed = await until(() => claimByHand(farm.url(), uuid).catch(() => null));
    await postWork(farm.url(), 'fail', claimed, holding(claimed.lease.token));
  }
  return await look(farm.url(), uuid);
}
