import { parseFractalId } from '../../../src/domain/ids.ts';
import type { FractalResource, OrderBody } from '../../../src/http/schemas.ts';
import { send } from '../../support/orders.ts';
import { until } from '../../support/until.ts';
import type { Farm } from '../support/farm.ts';
import { BandKills, claimAnswered } from '../support/hands.ts';
import {
  acknowledgement,
  answerTo,
  atMoment,
  commitOf,
  confirmationOf,
  cutOff,
  doorbellOf,
  orderOf,
  PICTURE_STORED,
  RESULT_STORED,
} from '../support/moments.ts';
import { MENU } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';

/* Processes that end at the very line that hurts: what passes on a link tells where they are, and the piece that shows it goes no further. */

interface AnOrder {
  readonly body: OrderBody;
  readonly uuid: string;
  /** number of the API that it goes to */
  readonly api: number;
}

/** As often as asked, at one API after the other. */
const eachOrder = (step: (stage: Stage, order: AnOrder) => Promise<void>, menu = MENU): Scene['play'] => {
  return async (stage) => {
    const { farm, times } = stage;
    for (let i = 0; i < times; i++) {
      await step(stage, { body: farm.pick(menu), uuid: crypto.randomUUID(), api: i % farm.apis.length });
    }
    return times;
  };
};

const place = ({ farm, book }: Stage, { body, uuid, api }: AnOrder): Promise<number> => book.send(farm.url(api), body, uuid);

/** The client asks again, elsewhere, until it is answered. @returns the status */
async function repeat(stage: Stage, order: AnOrder): Promise<number> {
  return await until(async () => {
    const status = await place(stage, { ...order, api: order.api + 1 });
    return status === 0 || status === 503 ? null : status;
  }, 60_000);
}

const killApi = (farm: Farm) => async (api: number) => await cutOff(farm.apis[api]!);

const isKnown = async (farm: Farm, uuid: string): Promise<boolean> =>
  (await farm.repository.fractals.find(parseFractalId(uuid))) !== null;

const beforeCommit = eachOrder(async (stage, order) => {
  const { farm, complain } = stage;
  const kill = () => killApi(farm)(order.api);
  const killed = atMoment([farm.apiDatabaseLinks[order.api]!], commitOf(...orderOf(order.uuid)), kill);
  const [status] = await Promise.all([place(stage, order), killed]);
  if (status !== 0) complain(`an order that was not committed was answered ${status}`);
  if (await isKnown(farm, order.uuid)) complain(`${order.uuid} is known, and its commit never reached the database`);
  const again = await repeat(stage, order);
  if (again !== 201) complain(`an order that was never made was answered ${again} when it was repeated`);
  await farm.apis[order.api]!.start();
});

/** Of several bands: an only band may be taken in a bundle, or at another's doorbell, before its own is rung. */
const RUNG = MENU.filter(({ formula }) => formula === 'mandelbrot' || formula === 'burning-ship');

/** Either API may ring: the one that does is ended. */
const atItsDoorbell = (moment: typeof doorbellOf) =>
  eachOrder(async (stage, order) => {
    const { farm, complain } = stage;
    const killed = atMoment(farm.apiBrokerLinks, moment(order.uuid), killApi(farm));
    const [status, api] = await Promise.all([place(stage, order), killed]);
    if (!(await isKnown(farm, order.uuid))) complain(`the doorbell of ${order.uuid} was rung, and the database does not know it`);
    const again = status === 0 ? await repeat(stage, order) : 200;
    if (again !== 200) complain(`an order whose doorbell was rung was answered ${again} when it was repeated`);
    await farm.apis[api]!.start();
  }, RUNG);

/** By turns a band and a whole picture. */
const storedButNotCommitted: Scene['play'] = async ({ farm, times }) => {
  for (let i = 0; i < times; i++) {
    const api = await atMoment(farm.apiDatabaseLinks, commitOf(...(i % 2 === 0 ? RESULT_STORED : PICTURE_STORED)), killApi(farm));
    await farm.apis[api]!.start();
  }
  return times;
};

/** By turns the API ends, and the connection alone. */
const answerLost: Scene['play'] = async (stage) => {
  const { farm, times, complain } = stage;
  for (let i = 0; i < times; i++) {
    const order = { body: farm.pick(MENU), uuid: crypto.randomUUID(), api: (i >> 1) % farm.apis.length };
    const part = farm.apis[order.api]!;
    const lost = atMoment([farm.clientLinks[order.api]!], answerTo('POST /v1/fractal', 201, order.uuid), () =>
      i % 2 === 0 ? cutOff(part) : 'reset',
    );
    const [status] = await Promise.all([place(stage, order), lost]);
    if (status !== 0) complain(`an answer that was lost came all the same: ${status}`);
    const committed = await farm.repository.fractals.find(parseFractalId(order.uuid));
    if (!committed) complain(`201 was on its way for ${order.uuid}, and the database does not know it`);
    const again = await repeat(stage, order);
    if (again !== 200) complain(`an order whose answer was lost was answered ${again} when it was repeated`);
    const response = await send(`${farm.url(order.api + 1)}/v1/fractal`, 'POST', { ...order.body, uuid: order.uuid });
    const { uuid, created_at } = (await response.json()) as FractalResource;
    if (uuid !== order.uuid || Date.parse(created_at) !== committed?.createdAt)
      complain(`the repeated order made another fractal`);
    if (!part.isAlive) await part.start();
  }
  return times;
};

const afterClaim: Scene['play'] = async ({ farm, times }) => {
  const kills = new BandKills();
  for (let i = 0; i < times; i++) {
    const worker = await atMoment(farm.workLinks, claimAnswered(kills), (worker) => cutOff(farm.workers[worker]!));
    await farm.workers[worker]!.start();
  }
  return times;
};

/** A worker acknowledges while it delivers: the acknowledgement is held up until the delivery was answered. */
const beforeAck: Scene['play'] = async ({ farm, times }) => {
  for (let i = 0; i < times; i++) {
    const number = i % farm.workers.length;
    const [worker, work, broker] = [farm.workers[number]!, farm.workLinks[number]!, farm.workerBrokerLinks[number]!];
    await atMoment([work], answerTo('POST /v1/work/claim', 200), () => 'pass');
    const delivered = atMoment([work], answerTo('PUT /v1/work/result', 200), () => 'pass');
    const killed = atMoment([broker], acknowledgement, async () => {
      await delivered;
      return await cutOff(worker);
    });
    await Promise.all([delivered, killed]);
    await worker.start();
  }
  return times;
};

const FEW = { short: 4, long: 30 };

export const scenes: readonly Scene[] = [
  { number: 1, name: 'API killed before commit', times: FEW, play: beforeCommit },
  { number: 2, name: 'API killed after commit, before doorbell', times: FEW, play: atItsDoorbell(doorbellOf) },
  { number: 3, name: 'API killed after doorbell, before confirm', times: FEW, play: atItsDoorbell(confirmationOf) },
  { number: 4, name: 'API killed: stored, row not committed', times: FEW, play: storedButNotCommitted },
  { number: 5, name: 'committed, answer lost', times: FEW, play: answerLost },
  { number: 6, name: 'worker killed after claim', times: FEW, play: afterClaim },
  { number: 8, name: 'worker killed after delivery, before ack', times: FEW, play: beforeAck },
];
