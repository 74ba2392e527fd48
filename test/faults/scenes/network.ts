import { setTimeout as sleep } from 'node:timers/promises';
import { expectAnswers } from '../support/answers.ts';
import type { Farm } from '../support/farm.ts';
import { FaultProxy, type Watcher } from '../support/fault-proxy.ts';
import { LossyNetwork } from '../support/lossy-network.ts';
import { CannotInject, type Scene, type Stage } from '../support/scene.ts';

const SLOW_MS = 10_000;
/** A bad line to the worker, and a database some way off: milliseconds each piece waits, and bytes a second. */
const TO_WORKER = { delayMs: 60, rate: 200_000 };
const TO_DATABASE = { delayMs: 8, rate: 2_000_000 };

const CUTS: readonly { ms: number; links: (farm: Farm) => (FaultProxy | undefined)[] }[] = [
  { ms: 5_000, links: ({ workLinks, workerBrokerLinks }) => [workLinks[0], workerBrokerLinks[1]] },
  // Longer than a lease.
  { ms: 20_000, links: ({ workLinks, workerBrokerLinks }) => [workLinks[0], workerBrokerLinks[0]] },
  { ms: 120_000, links: ({ workLinks }) => [workLinks[1]] },
  { ms: 120_000, links: ({ workerBrokerLinks }) => [workerBrokerLinks[1]] },
];

const BAD_MS = 8_000;
const LOSS = 0.3;
/** Of the pieces of all conversations. */
const RESETS = 0.005;
const HALF_OPEN = 0.003;

async function slowDown({ farm, book, times, complain }: Stage): Promise<number> {
  for (let i = 0; i < times; i++) {
    const before = book.answered.size;
    for (const link of farm.workLinks) Object.assign(link, TO_WORKER);
    for (const link of farm.apiDatabaseLinks) Object.assign(link, TO_DATABASE);
    await sleep(SLOW_MS);
    for (const link of farm.links) link.heal();
    if (book.answered.size === before) complain('no order was answered while links were slow');
  }
  for (const [status, orders] of book.statuses) if (status !== 201) complain(`${orders} orders were answered ${status}`);
  return times;
}

async function cut(stage: Stage): Promise<number> {
  const { farm, times, complain } = stage;
  const countDone = () => farm.repository.fractals.count({ state: 'done' });
  for (let i = 0; i < times; i++) {
    const { ms, links } = CUTS[i % CUTS.length]!;
    for (const link of links(farm)) link?.silence();
    const before = await countDone();
    await expectAnswers(stage, 'a worker was cut off', ms);
    if (ms > 5_000 && (await countDone()) === before) complain('nothing was drawn while one of two workers was cut off');
    for (const link of farm.links) link.heal();
  }
  return times;
}

/** Connections that are reset or go silent for ever at any piece, between any two parts; then a worker most of whose packets are lost. */
async function spoil(stage: Stage): Promise<number> {
  let injected = 0;
  for (let i = 0; i < stage.times; i++) injected += await breakConnections(stage);
  try {
    await using network = await LossyNetwork.open();
    for (let i = 0; i < stage.times; i++) injected += await losePackets(stage, network);
  } catch (error) {
    if (!(error instanceof CannotInject)) throw error;
    throw new CannotInject(`${injected} connections broken, but no packets lost: ${error.message}`);
  }
  return injected;
}

async function breakConnections({ farm }: Stage): Promise<number> {
  let broken = 0;
  const watcher: Watcher = () => {
    const dice = farm.random();
    if (dice >= RESETS + HALF_OPEN) return 'pass';
    broken++;
    return dice < RESETS ? 'reset' : 'lose';
  };
  for (const link of farm.links) link.watch(watcher);
  await sleep(BAD_MS);
  for (const link of farm.links) link.watch(null);
  return broken;
}

/** @returns 1 */
async function losePackets({ farm }: Stage, network: LossyNetwork): Promise<number> {
  const worker = farm.workers[0]!;
  const { plan } = worker;
  const plans = farm.apis.map((api) => api.plan);
  await using stack = new AsyncDisposableStack();
  let { flags } = plan;
  for (const { port } of [farm.workLinks[0]!, farm.workerBrokerLinks[0]!]) {
    const link = stack.use(await FaultProxy.open(() => port, network.host));
    flags = flags.map((flag) => flag.replace(`127.0.0.1:${port}`, `${network.host}:${link.port}`));
  }
  stack.defer(async () => {
    worker.plan = plan;
    await worker.restart();
    for (const [i, api] of farm.apis.entries()) {
      api.plan = plans[i]!;
      await api.restart();
    }
  });
  // The worker asks for them by an address that is none of this machine's own.
  for (const api of farm.apis) {
    api.plan = { ...api.plan, flags: [...api.plan.flags, `--allowed-hosts=${network.host}`] };
    await api.restart();
  }
  worker.plan = { ...plan, flags, wrapper: network.wrapper };
  await worker.restart();
  await network.lose(LOSS);
  await sleep(BAD_MS);
  await network.heal();
  return 1;
}

export const scenes: readonly Scene[] = [
  { number: 17, name: 'slow links', times: { short: 1, long: 3 }, play: slowDown },
  { number: 18, name: 'worker cut off', times: { short: 2, long: 4 }, play: cut },
  { number: 19, name: 'packets lost, connections reset and half open', times: { short: 1, long: 6 }, play: spoil },
];
