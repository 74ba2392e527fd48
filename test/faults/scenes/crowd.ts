import { aReport } from '../../support/farm.ts';
import { until } from '../../support/until.ts';
import { Crowd } from '../support/crowd.ts';
import type { Farm } from '../support/farm.ts';
import { SMALL } from '../support/orders.ts';
import { RequestCount } from '../support/request-count.ts';
import { CannotInject, type Scene, type Stage } from '../support/scene.ts';
import { inMib } from '../support/usage.ts';

/** A small picture costs one unit of 2^20. */
const ROOM = 8;
const LIMITS = [`--max-client-cost=${ROOM * 2 ** 20}`, `--max-outstanding-cost=${ROOM * 2 ** 20}`];
/** The statuses of a refusal: the first API holds the client to its limit, the second all together. */
const REFUSALS = [429, 503];
/** How many are to come again in a second; never sooner than after 5 s. */
const AGAIN = 25;
const REPORT_EVERY_MS = 3_000;
/** What one of them takes at most while it waits; 34 MiB were measured. */
const BYTES = 38 * 2 ** 20;
/** Those that load their programs at the same time: more would only wait for two cores. */
const STARTING = 16;
const STARTED_MS = 120_000;
/** The command line's own. */
const PATIENCE_MS = 600_000;

/** Each API with a narrow limit of its own, and nobody who draws, until it is disposed of. */
async function narrow({ apis, workers }: Farm): Promise<AsyncDisposable> {
  const plans = apis.map(({ plan }) => plan);
  for (const [i, api] of apis.entries()) api.plan = { ...api.plan, flags: [...api.plan.flags, LIMITS[i % LIMITS.length]!] };
  await Promise.all(workers.map((worker) => worker.stop()));
  await Promise.all(apis.map((api) => api.restart()));
  return {
    [Symbol.asyncDispose]: async () => {
      for (const [i, api] of apis.entries()) api.plan = plans[i]!;
      await Promise.all(apis.map((api) => api.restart()));
    },
  };
}

/** As many orders as there is room for; then each API refuses, each for its own reason. */
async function fill({ farm, book, complain }: Stage): Promise<void> {
  for (let i = 0; i < ROOM; i++) {
    const status = await book.send(farm.url(i), SMALL);
    if (status !== 201) complain(`an order for which there was room was answered ${status}`);
  }
  for (const [api, expected] of REFUSALS.entries()) {
    const status = await book.send(farm.url(api), SMALL);
    if (status !== expected) complain(`an order too many at API ${api} was answered ${status}`);
  }
}

/** A worker that is heard of and delivers nothing, so that a refusal names a time: that in which one unit would be drawn. */
function pretendToDraw({ repository }: Farm, seconds: number): AsyncDisposable {
  const report = aReport({ id: 'pretender', speed: 1 / seconds });
  const tell = () => void repository.workers.report(report).catch(() => undefined);
  tell();
  const timer = setInterval(tell, REPORT_EVERY_MS);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await repository.workers.remove(report.id);
    },
  };
}

async function waitForRoom(stage: Stage, crowd: Crowd): Promise<void> {
  const { farm, times, note } = stage;
  await using _ = pretendToDraw(farm, Math.max(5, times / AGAIN));
  const before = performance.now();
  const settled = () => crowd.count(({ hasWaited, hasEnded }) => hasWaited || hasEnded);
  for (let i = 0; i < times; i++) {
    await until(() => i - settled() < STARTING, STARTED_MS);
    crowd.add(farm.url(i), SMALL);
  }
  await until(() => settled() === times, STARTED_MS);
  const seconds = Math.round((performance.now() - before) / 1000);
  const refused = crowd.count(({ hasWaited, hasEnded }) => hasWaited && !hasEnded);
  note(
    `${refused} of ${times} processes lived at the same time, refused at first: started within ${seconds} s, ${inMib(crowd.memoryBytes())} together`,
  );
  if (refused < times) stage.complain(`${times - refused} processes were not refused, though there was no room`);
}

/** Looks at how each ended. What was said to be ordered is for the checker to find. */
function judge({ book, complain }: Stage, crowd: Crowd): void {
  const failed = crowd.creations.filter(({ status, stdout, uuid }) => status !== 0 || stdout !== `${uuid}\n`);
  for (const { status, stdout, stderr } of failed.slice(0, 5))
    complain(`faafo create ended with status ${status}: ${stdout}${stderr}`);
  if (failed.length > 5) complain(`and ${failed.length - 5} more`);
  for (const { uuid, status } of crowd.creations) if (status === 0) book.answered.set(uuid, SMALL);
}

/** Nobody draws until all of them were refused; then they are taken a few at a time. */
const crowded: Scene['play'] = async (stage) => {
  const { farm, times, note } = stage;
  const needed = times * BYTES;
  if (process.availableMemory() < needed) throw new CannotInject(`${times} processes need ${inMib(needed)} of memory`);
  await using _ = await narrow(farm);
  await fill(stage);
  using requests = new RequestCount(farm.clientLinks, 'POST /v1/fractal');
  await using crowd = new Crowd();
  await waitForRoom(stage, crowd);
  const before = performance.now();
  await Promise.all(farm.workers.map((worker) => worker.start()));
  await until(() => crowd.count(({ hasEnded }) => hasEnded) === times, PATIENCE_MS);
  judge(stage, crowd);
  note(
    `all were taken within ${Math.round((performance.now() - before) / 1000)} s of the first worker; ${requests.total} requests, at most ${requests.mostInASecond} in a second`,
  );
  return times;
};

export const scenes: readonly Scene[] = [
  {
    number: 41,
    name: 'many `faafo create` at once, and room for few',
    keepsOrdering: false,
    times: { short: 60, long: 500 },
    play: crowded,
  },
];
