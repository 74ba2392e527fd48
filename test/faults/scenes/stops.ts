import type { FaultProxy } from '../support/fault-proxy.ts';
import { Hands, idle } from '../support/hands.ts';
import { InterruptionCount } from '../support/interruption-count.ts';
import {
  acknowledgement,
  answerTo,
  atMoment,
  commitOf,
  doorbellOf,
  type Moment,
  orderOf,
  PICTURE_STORED,
  RESULT_STORED,
  requestOf,
} from '../support/moments.ts';
import { MENU, SLOW } from '../support/orders.ts';
import type { Part } from '../support/part.ts';
import type { Scene, Stage } from '../support/scene.ts';

/** What a supervisor gives a process. */
const PATIENCE_MS = 30_000;
/** An API that is away for longer than a lease lasts interrupts its workers, as it must: only a very busy machine takes so long. */
const LONG_MS = 10_000;

/** SIGTERM in every state, and a rolling restart of all parts, with new orders coming in. Nothing of it may count against a band. */
const politely: Scene['play'] = async (stage) => {
  const { farm, book, times, complain } = stage;
  const stops = new Stops(stage);
  await idle(farm);
  await using interruptions = await InterruptionCount.open(farm);
  await stops.now(farm.workers[0]!);
  await stops.now(farm.apis[0]!);
  const ended = new AbortController();
  const ordering = book.keepOrdering(farm, ended.signal);
  try {
    for (let i = 0; i < times; i++) {
      await stopWorker(stage, stops, i % farm.workers.length);
      await stopApi(stage, stops, i % farm.apis.length);
      for (const part of farm.parts) await stops.now(part);
    }
  } finally {
    ended.abort();
    await ordering;
  }
  await idle(farm);
  const counted = await interruptions.read();
  if (counted > 0 && stops.longestMs < LONG_MS) complain(`${counted} attempts were counted as interruptions`);
  return stops.count;
};

async function stopWorker({ farm, book }: Stage, stops: Stops, number: number): Promise<void> {
  const [part, work, broker] = [farm.workers[number]!, farm.workLinks[number]!, farm.workerBrokerLinks[number]!];
  await stops.at(part, work, answerTo('POST /v1/work/claim', 200));
  await stops.at(part, work, requestOf('PUT /v1/work/result'));
  await stops.at(part, broker, acknowledgement);
  const uuid = crypto.randomUUID();
  await book.send(farm.url(), SLOW, uuid);
  using hands = new Hands(farm);
  const { worker } = await hands.drawing((band) => band.startsWith(uuid), 50);
  await stops.now(farm.workers[worker]!);
}

async function stopApi({ farm, book, complain }: Stage, stops: Stops, number: number): Promise<void> {
  const [part, broker, database] = [farm.apis[number]!, farm.apiBrokerLinks[number]!, farm.apiDatabaseLinks[number]!];
  const uuid = crypto.randomUUID();
  const stopping = stops.at(part, database, commitOf(...orderOf(uuid)));
  const [status] = await Promise.all([book.send(farm.url(number), farm.pick(MENU), uuid), stopping]);
  if (status !== 201) complain(`an order that was being committed when its API was told to stop was answered ${status}`);
  await stops.at(part, broker, doorbellOf());
  await stops.at(part, database, commitOf(...RESULT_STORED));
  await stops.at(part, database, commitOf(...PICTURE_STORED));
  const stream = await fetch(`${farm.url(number)}/v1/events`);
  const reading = stream.text().catch((error) => complain(`an event stream was not ended, but broke: ${error}`));
  await stops.now(part);
  await reading;
}

/** Ends parts by SIGTERM and starts them again. */
class Stops {
  readonly #stage: Stage;
  count = 0;
  /** that a part was away */
  longestMs = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async now(part: Part): Promise<void> {
    await this.#watch(part, part.stop());
  }

  /** When the moment is seen on the link; that piece goes on. */
  async at(part: Part, link: FaultProxy, moment: Moment): Promise<void> {
    let stopping: Promise<number | null> | undefined;
    await atMoment([link], moment, () => {
      stopping = part.stop();
      return 'pass';
    });
    await this.#watch(part, stopping!);
  }

  async #watch(part: Part, stopping: Promise<number | null>): Promise<void> {
    const { complain } = this.#stage;
    const before = performance.now();
    const status = await stopping;
    const tookMs = performance.now() - before;
    if (status !== 0) complain(`${part.name} ended with status ${status} after SIGTERM`);
    if (tookMs > PATIENCE_MS) complain(`${part.name} took ${Math.round(tookMs / 1000)} s to end after SIGTERM`);
    await part.start();
    this.count++;
    this.longestMs = Math.max(this.longestMs, performance.now() - before);
  }
}

export const scenes: readonly Scene[] = [
  {
    number: 31,
    name: 'SIGTERM at each state, rolling restart',
    keepsOrdering: false,
    times: { short: 1, long: 6 },
    play: politely,
  },
];
