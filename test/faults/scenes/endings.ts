import { setTimeout as sleep } from 'node:timers/promises';
import { parseFractalId } from '../../../src/domain/ids.ts';
import { FRACTAL_STATES, type FractalState } from '../../../src/domain/states.ts';
import type { FractalResource } from '../../../src/http/schemas.ts';
import { send } from '../../support/orders.ts';
import { until } from '../../support/until.ts';
import type { Farm } from '../support/farm.ts';
import { inState } from '../support/in-state.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { runSql } from '../support/sql.ts';
import { cpuSeconds } from '../support/usage.ts';

const VERBS = ['delete', 'cancel'] as const;
type Verb = (typeof VERBS)[number];

/** What is promised of the CPU, in seconds of CPU: a busy machine stretches the clock, and not these. */
const STOP_CPU_S = 5;
/** A thread that draws gets more than that of the most crowded processor, and one that waits needs less. */
const LOOK_MS = 2_000;
const IDLE_CPU_S = 0.06;
const GIVE_UP_LOOKING_MS = 60_000;
/** Trash rests 20 s and is swept every 5 s. */
const SWEPT_MS = 90_000;

/** What a wish is answered with in a state. */
function answerTo(verb: Verb, state: FractalState): number {
  if (verb === 'delete') return 204;
  return state === 'done' || state === 'failed' ? 409 : 200;
}

/** @returns how its objects' names begin */
async function endIn({ farm, complain, note }: Stage, verb: Verb, state: FractalState): Promise<string> {
  return await inState(farm, state, async ({ uuid, state: found }) => {
    if (found !== state) throw new Error(`a fractal that was to be ${state} is ${found}`);
    const { storeKey } = (await farm.repository.fractals.find(parseFractalId(uuid)))!;
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
    times: { short: 1, long: 3 },
    async play(stage) {
      const storeKeys: string[] = [];
      for (let i = 0; i < stage.times; i++) {
        for (const state of FRACTAL_STATES) for (const verb of VERBS) storeKeys.push(await endIn(stage, verb, state));
      }
      await checkAfterwards(
        stage,
        storeKeys.filter((key) => key !== ''),
      );
      return storeKeys.length;
    },
  },
];
