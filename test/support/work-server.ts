import { Writable } from 'node:stream';
import { pino } from 'pino';
import { orderFractal } from '../../src/actions/order-fractal.ts';
import type { Dispatcher } from '../../src/domain/dispatcher.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { buildWorkServer } from '../../src/http/routes/work.ts';
import { NO_TOKENS } from './access.ts';
import type { openParts } from './service-parts.ts';

export type Parts = Awaited<ReturnType<typeof openParts>>;

/** What workers talk to, on a port of 127.0.0.1; it can go away and come back. */
export async function serveWork(dispatcher: Dispatcher, access = NO_TOKENS) {
  let log = '';
  const lines = new Writable({
    write: (chunk, _encoding, done) => {
      log += chunk;
      done();
    },
  });
  const listen = async (port: number) => {
    const app = await buildWorkServer(dispatcher, { log: pino({ level: 'trace' }, lines), access });
    return { app, url: await app.listen({ host: '127.0.0.1', port }) };
  };
  let { app, url } = await listen(0);
  const away = async () => {
    await app.close();
  };
  return {
    url,
    log: () => log,
    away,
    back: async () => {
      ({ app } = await listen(Number(new URL(url).port)));
    },
    [Symbol.asyncDispose]: away,
  };
}

/** Two bands, of which the first comes with the thumbnail. */
export const TWO_BANDS = {
  formula: 'julia' as const,
  viewport: { xa: -2, xb: 2, ya: -1.5, yb: 1.5 },
  width: 600,
  height: 600,
  iterations: 200,
  cRe: -0.8,
  cIm: 0.156,
  seed: undefined,
  palette: 'classic' as const,
};

export async function orderIn({ ports }: Pick<Parts, 'ports'>, override: Partial<typeof TWO_BANDS> = {}): Promise<FractalId> {
  const id = crypto.randomUUID() as FractalId;
  await orderFractal(ports, id, { ...TWO_BANDS, ...override }, { client: 'tester', owner: null });
  return id;
}

/** Draws the band of an assignment, with its thumbnail. */
export async function drawn(
  { engine }: Pick<Parts, 'engine'>,
  assignment: NonNullable<Awaited<ReturnType<Dispatcher['claim']>>>,
) {
  const { spec, band, thumbnail } = assignment;
  return {
    band: await engine.renderBand(spec, band),
    thumbnail: thumbnail ? (await engine.renderThumbnail(spec)).bytes : null,
  };
}
