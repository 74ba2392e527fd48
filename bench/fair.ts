import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DELIVERY } from '../src/domain/delivery.ts';
import { parseFractalId } from '../src/domain/ids.ts';
import type { OrderBody } from '../src/http/schemas.ts';
import { Farm } from '../test/faults/support/farm.ts';
import { anOrder, finished, order, send } from '../test/support/orders.ts';
import { until } from '../test/support/until.ts';
import { median, round } from './support/measure.ts';

/*
 * Whether a farm of two workers (RabbitMQ, PostgreSQL, one API, on this machine's cores) is fair. How long a small picture takes behind a poster of 30,000 x 30,000
 * pixels, against twice its time alone and a band of the poster: from order to done, by the database's clock. And how a large picture gets on under small orders
 * without end, more than the workers can draw: before it is old enough to go first now and then (`neglectedAfterMs`), and after that.
 */

const SMALLS = Number(process.argv[2] ?? 20);
const VIEW = { formula: 'mandelbrot', xa: -0.75, xb: -0.74, ya: 0.1, yb: 0.11 } as const;
const SMALL: OrderBody = anOrder({ ...VIEW, width: 256, height: 256, iterations: 500 });
const POSTER: OrderBody = anOrder({ ...VIEW, width: 30_000, height: 30_000, iterations: 500 });
/** A quarter of a second or so: the workers, not those who order, are what there is too little of. */
const TRAFFIC: OrderBody = anOrder({ ...VIEW, width: 512, height: 512, iterations: 20_000 });
const LARGE: OrderBody = anOrder({ ...VIEW, width: 4_000, height: 4_000, iterations: 2_000 });
/** Small orders that are unfinished at any time. */
const CROWD = 24;
const PATIENCE_MS = 600_000;

const fractalOf = async (farm: Farm, uuid: string) => (await farm.repository.fractals.find(parseFractalId(uuid)))!;

/** From order to done, milliseconds. */
async function timeOf(farm: Farm, body: OrderBody): Promise<number> {
  const { uuid } = await order(farm.url(), body);
  await finished(farm.url(), uuid, 'done', PATIENCE_MS);
  const { createdAt, finishedAt } = await fractalOf(farm, uuid);
  return finishedAt! - createdAt;
}

async function timesOf(farm: Farm, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    times.push(await timeOf(farm, SMALL));
    // At another moment of the poster's bands each time.
    await sleep(Math.random() * 500);
  }
  return times;
}

async function behindPoster(farm: Farm) {
  await timesOf(farm, 5);
  const alone = await timesOf(farm, SMALLS);
  const { uuid } = await order(farm.url(), POSTER);
  await until(async () => (await fractalOf(farm, uuid)).bandsDone >= 4, PATIENCE_MS);
  const behind = await timesOf(farm, SMALLS);
  const { renderMs, bandsDone, cut } = await fractalOf(farm, uuid);
  await send(`${farm.url()}/v1/fractal/${uuid}/cancel`, 'POST');
  const bandMs = renderMs / bandsDone;
  const allowed = 2 * median(alone) + bandMs;
  const ratios = behind.map((ms) => ms / allowed).sort((a, b) => a - b);
  return {
    'small alone, ms, median': round(median(alone)),
    'small behind a poster, ms, median': round(median(behind)),
    'band of the poster, ms, mean': round(bandMs),
    'bands of the poster': cut.bands,
    'against twice alone and a band, least': round(ratios[0]!),
    'against twice alone and a band, median': round(median(ratios)),
    'against twice alone and a band, most': round(ratios.at(-1)!),
  };
}

/** Small orders without end: whenever one is done another is ordered. */
async function keepCrowded(farm: Farm, signal: AbortSignal, times: number[]): Promise<void> {
  const client = async () => {
    while (!signal.aborted) times.push(await timeOf(farm, TRAFFIC));
  };
  await Promise.all(Array.from({ length: CROWD }, client));
}

async function underTraffic(farm: Farm) {
  const alone = await timeOf(farm, LARGE);
  const over = new AbortController();
  const smalls: number[] = [];
  const crowd = keepCrowded(farm, over.signal, smalls);
  await until(() => smalls.length >= CROWD, PATIENCE_MS);
  smalls.length = 0;
  const { uuid } = await order(farm.url(), LARGE);
  const { createdAt } = await fractalOf(farm, uuid);
  let [young, youngSmalls, leastWaiting] = [0, 0, Number.POSITIVE_INFINITY];
  const ended = await until(async () => {
    await sleep(250);
    const [fractal, { waiting }] = [await fractalOf(farm, uuid), await farm.repository.backlog.read()];
    const left = fractal.cut.bands - fractal.bandsDone;
    if (fractal.finishedAt === null) leastWaiting = Math.min(leastWaiting, waiting - left);
    if (Date.now() - createdAt < DELIVERY.neglectedAfterMs) [young, youngSmalls] = [fractal.bandsDone, smalls.length];
    return fractal.finishedAt === null ? null : fractal;
  }, PATIENCE_MS);
  over.abort();
  const oldSmalls = smalls.length - youngSmalls;
  await crowd;
  const tookMs = ended.finishedAt! - createdAt;
  return {
    'large alone, s': round(alone / 1000),
    'large under small orders without end, s': round(tookMs / 1000),
    'bands of the large one': ended.cut.bands,
    'of these in its first minute': young,
    'small ones meanwhile': youngSmalls,
    'of these after that': ended.cut.bands - young,
    'in seconds': round((tookMs - DELIVERY.neglectedAfterMs) / 1000),
    'small ones in that time': oldSmalls,
    'small ones that waited, at least': leastWaiting,
  };
}

await using farm = await Farm.open({ seed: 1, apis: 1, workers: 2, direct: true, apiFlags: ['--log-level=warn'] });
const result = { ...(await behindPoster(farm)), ...(await underTraffic(farm)) };
console.table(result);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/fair.json', `${JSON.stringify(result, null, 2)}\n`);
