import { setTimeout as sleep } from 'node:timers/promises';
import type { FractalResource, OrderBody } from '../../../src/http/schemas.ts';
import { anOrder, finished, look, order, SIEGEL_DISC, send } from '../../support/orders.ts';
import { until } from '../../support/until.ts';
import type { Farm } from '../support/farm.ts';
import { bearer, claimByHand, postWork, withWorkersStill } from '../support/hand-worker.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { runSql } from '../support/sql.ts';
import { cpuSeconds } from '../support/usage.ts';

/** Bands that take several seconds each, and many of them. */
const ENDLESS: OrderBody = anOrder({ ...SIEGEL_DISC, width: 1024, height: 1024, iterations: 1_000_000 });
const TWO_BANDS: OrderBody = anOrder({ width: 600, height: 600, iterations: 200, c_re: -0.8, c_im: 0.156 });
const STATES = ['queued', 'rendering', 'assembling', 'done', 'failed', 'cancelled'] as const;
type State = (typeof STATES)[number];
const VERBS = ['delete', 'cancel'] as const;
type Verb = (typeof VERBS)[number];

/** What is promised of the CPU, in seconds of CPU: a busy machine stretches the clock, and not these. */
const STOP_CPU_S = 5;
/** A thread that draws gets more than that of the most crowded processor, and one that waits needs less. */
const LOOK_MS = 2_000;
const IDLE_CPU_S = 0.06;
const AT_WORK_CPU_S = 0.5;
const GIVE_UP_LOOKING_MS = 60_000;
/** Trash rests 20 s and is swept every 5 s. */
const SWEPT_MS = 90_000;

/** Orders one and brings it to a state, in which it is while `act` runs. */
async function inState<T>(farm: Farm, state: State, act: (fractal: FractalResource) => Promise<T>): Promise<T> {
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
    await until(async () => (await farm.repository.fractals.find(uuid as never))?.state === 'assembling', 60_000);
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
    await postWork(farm.url(), 'fail', claimed, bearer(claimed.lease.token));
  }
  return await look(farm.url(), uuid);
}

/** What a wish is answered with in a state. */
function answerTo(verb: Verb, state: State): number {
  if (verb === 'delete') return 204;
  return state === 'done' || state === 'failed' ? 409 : 200;
}

/** @returns how its objects' names begin */
async function endIn({ farm, complain, note }: Stage, verb: Verb, state: State): Promise<string> {
  return await inState(farm, state, async ({ uuid, state: found }) => {
    if (found !== state) throw new Error(`a fractal that was to be ${state} is ${found}`);
    const { storeKey } = (await farm.repository.fractals.find(uuid as never))!;
    const url = `${farm.url(1)}/v1/fractal/${uuid}`;
    const before = farm.workers.map(({ pid }) => cpuSeconds(pid));
    const { status } = verb === 'delete' ? await send(url, 'DELETE') : await send(`${url}/cancel`, 'POST');
    if (status !== answerTo(verb, state)) complain(`${verb} of a fractal that is ${state} was answered ${status}`);
    if (state === 'rendering') await awaitQuiet(farm, before, verb, { complain, note });
    const kept = status === 409 ? state : 'cancelled';
    const after = await fetch(url);
    const now = after.status === 200 ? ((await after.json()) as FractalResource).state : 'gone';
    if (now !== (verb === 'delete' ? 'gone' : kept)) complain(`after ${verb} a fractal that was ${state} is ${now}`);
    return verb === 'cancel' && state === 'done' ? '' : storeKey;
  });
}

async function awaitQuiet(
  farm: Farm,
  before: readonly number[],
  verb: Verb,
  { complain, note }: Pick<Stage, 'complain' | 'note'>,
) {
  const deadline = performance.now() + GIVE_UP_LOOKING_MS;
  const used = () => farm.workers.map(({ pid }, i) => cpuSeconds(pid) - before[i]!);
  for (;;) {
    const first = used();
    await sleep(LOOK_MS);
    const second = used();
    if (second.every((seconds, i) => seconds - first[i]! <= IDLE_CPU_S)) {
      note(`after ${verb} the workers used ${first.map((seconds) => seconds.toFixed(1)).join(' and ')} s of CPU more`);
      if (Math.max(...first) > STOP_CPU_S)
        complain(`after ${verb} a worker went on for ${Math.max(...first).toFixed(1)} s of CPU`);
      return;
    }
    if (performance.now() > deadline) return complain(`after ${verb} the workers did not stop drawing`);
  }
}

/** Nothing is told of a fractal after its end, and nothing of it is left in the store. */
async function checkAfterwards({ farm, complain }: Stage, storeKeys: readonly string[]): Promise<void> {
  const left = async () => {
    const found = storeKeys.map((key) =>
      runSql<{ key: string }>(farm.database.url, 'select key from objects where key like $1', [`${key}%`]),
    );
    return (await Promise.all(found)).flat().map(({ key }) => key);
  };
  await until(async () => (await left()).length === 0, SWEPT_MS).catch(async () => {
    complain(`not swept: ${(await left()).join(', ')}`);
  });
  const told = await runSql<{ type: string; uuid: string }>(farm.database.url, 'select type, uuid from events order by number');
  const ended = new Map<string, string>();
  for (const { type, uuid } of told) {
    const end = ended.get(uuid);
    if (end === 'deleted' || (end === 'cancelled' && type !== 'deleted')) complain(`after ${end} came ${type} of ${uuid}`);
    if (type === 'deleted' || type === 'cancelled') ended.set(uuid, type);
  }
}

export const scenes: readonly Scene[] = [
  {
    number: 30,
    name: 'deleted and cancelled in each state',
    keepsOrdering: false,
    times: { short: 1, long: 5 },
    async play(stage) {
      const storeKeys: string[] = [];
      for (let i = 0; i < stage.times; i++) {
        for (const state of STATES) for (const verb of VERBS) storeKeys.push(await endIn(stage, verb, state));
      }
      await checkAfterwards(
        stage,
        storeKeys.filter((key) => key !== ''),
      );
      return storeKeys.length;
    },
  },
];
