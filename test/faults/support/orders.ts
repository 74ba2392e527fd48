import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseFractalId } from '../../../src/domain/ids.ts';
import { DEFAULT_LIMITS } from '../../../src/domain/limits.ts';
import { parseOrder } from '../../../src/domain/parse-order.ts';
import { drawPng } from '../../../src/engine/draw-png.ts';
import { createEngine } from '../../../src/engine/engine.ts';
import { createPngFrame } from '../../../src/engine/png.ts';
import type { OrderBody } from '../../../src/http/schemas.ts';
import { anOrder } from '../../support/orders.ts';
import type { Farm } from './farm.ts';

/** Few pictures, so that the checker has to draw each only once; some of one band, some of several, classic and smooth. */
export const MENU: readonly OrderBody[] = [
  anOrder({ width: 96, height: 64, c_re: -0.8, c_im: 0.156 }),
  anOrder({ width: 600, height: 500, iterations: 300, c_re: -0.8, c_im: 0.156 }),
  anOrder({ formula: 'mandelbrot', xa: -2, xb: 0.5, ya: -1.25, yb: 1.25, width: 700, height: 800, iterations: 400 }),
  anOrder({ width: 320, height: 240, c_re: 0.285, c_im: 0.01, palette: 'ember', samples: 2 }),
  anOrder({ formula: 'burning-ship', xa: -2, xb: 1, ya: -1.5, yb: 1.5, width: 900, height: 900, iterations: 200 }),
];
/** Costs the engine next to nothing. */
export const SMALL: OrderBody = MENU[0]!;
/** Several bands of a second or so each: something is always under way. */
export const SLOW: OrderBody = anOrder({
  formula: 'mandelbrot',
  xa: -0.75,
  xb: -0.74,
  ya: 0.1,
  yb: 0.11,
  width: 1024,
  height: 1024,
  iterations: 20_000,
});

/** Clients wait while more is unfinished: a minute after the fault all of it has to be done, on a busy machine too. */
const MOST_UNFINISHED = 40;
const WATCH_EVERY_MS = 300;

/** What clients were told, whatever became of the service. */
export class OrderBook {
  /** orders answered 201 or 200, by uuid */
  readonly answered = new Map<string, OrderBody>();
  /** how many times each status was answered; 0 for broken connections */
  readonly statuses = new Map<number, number>();
  /** finished pictures that a scene damaged: each is rightly finished once more */
  readonly redrawn = new Set<string>();
  /** milliseconds that answers took, of those that came */
  readonly answerMs: number[] = [];

  /** One order, one try. @returns the status; 0 when no answer came */
  async send(url: string, body: OrderBody, uuid: string = crypto.randomUUID(), timeoutMs = 10_000): Promise<number> {
    const before = performance.now();
    const status = await fetch(`${url}/v1/fractal`, {
      method: 'POST',
      body: JSON.stringify({ ...body, uuid }),
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    }).then(
      async (response) => {
        await response.text();
        return response.status;
      },
      () => 0,
    );
    if (status !== 0) this.answerMs.push(performance.now() - before);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status === 201 || status === 200) this.answered.set(uuid, body);
    return status;
  }

  /**
   * Orders from the menu at any API of the farm until the signal aborts, as several clients that pause between orders. An order that was not answered is
   * sometimes sent again under its uuid, as our own clients do.
   */
  async keepOrdering(farm: Farm, signal: AbortSignal, { clients = 2, pauseMs = 120 } = {}): Promise<void> {
    const unfinished = watchUnfinished(farm, signal);
    const client = async () => {
      while (!signal.aborted) {
        if (unfinished() > MOST_UNFINISHED) {
          await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
          continue;
        }
        const [body, uuid] = [farm.pick(MENU), crypto.randomUUID()];
        const api = Math.floor(farm.random() * farm.apis.length);
        const status = await this.send(farm.url(api), body, uuid);
        if (status === 0 && farm.random() < 0.5) await this.send(farm.url(api + 1), body, uuid);
        await sleep(pauseMs * farm.random(), undefined, { signal }).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
  }
}

/** Counts what is unfinished, over and over; a database that does not answer leaves the number as it was. @returns the last number */
function watchUnfinished(farm: Farm, signal: AbortSignal): () => number {
  let unfinished = 0;
  const watch = async () => {
    while (!signal.aborted) {
      const { fractals } = await farm.repository.backlog.read();
      unfinished = fractals.queued + fractals.rendering + fractals.assembling;
      await sleep(WATCH_EVERY_MS, undefined, { signal });
    }
  };
  const persist = (): unknown => signal.aborted || watch().catch(() => sleep(WATCH_EVERY_MS).then(persist));
  persist();
  return () => unfinished;
}

const REFERENCE_ID = parseFractalId('154c7b41-108e-4696-a059-1bde9bf03d0a');
const references = new Map<string, Promise<string>>();

/** SHA-256 of the picture of an order, drawn here, by an engine that no fault has touched. */
export function referenceOf(body: OrderBody): Promise<string> {
  const key = JSON.stringify(body);
  const known = references.get(key) ?? draw(body);
  references.set(key, known);
  return known;
}

async function draw(body: OrderBody): Promise<string> {
  const { uuid: _, xa, xb, ya, yb, c_re: cRe, c_im: cIm, formula = 'julia', palette = 'classic', ...same } = body;
  const spec = parseOrder(REFERENCE_ID, { ...same, formula, palette, viewport: { xa, xb, ya, yb }, cRe, cIm }, DEFAULT_LIMITS);
  await using engine = await createEngine({ threads: 1 });
  const hash = createHash('sha256');
  for await (const piece of drawPng(engine, createPngFrame(), spec)) hash.update(piece);
  return hash.digest('hex');
}
