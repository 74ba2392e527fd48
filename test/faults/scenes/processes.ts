import { setTimeout as sleep } from 'node:timers/promises';
import type { FractalResource } from '../../../src/http/schemas.ts';
import { expectAnswers } from '../support/answers.ts';
import type { Verdict } from '../support/fault-proxy.ts';
import { stopAtResult, takenOver } from '../support/late-result.ts';
import { AN_ORDER, atMoment, commitOf } from '../support/moments.ts';
import { MENU } from '../support/orders.ts';
import { OtherClock } from '../support/other-clock.ts';
import type { Part } from '../support/part.ts';
import type { Scene, Stage } from '../support/scene.ts';

const FROZEN_MS = { once: 8_000, often: 30_000 };
const DAYS = [1, -1];
const WITH_OTHER_CLOCK_MS = 5_000;
/** No order is older when it is looked at. */
const HOUR_MS = 3_600_000;

/** Longer than its lease: another worker draws the band meanwhile. */
async function stopWorker({ farm, times, complain }: Stage): Promise<number> {
  for (let i = 0; i < times; i++) {
    const result = await stopAtResult(farm, i % farm.workers.length);
    await takenOver(farm, result);
    const status = await result.goOn();
    if (status !== 409) complain(`a result that another worker's claim had overtaken was answered ${status}`);
  }
  return times;
}

/** In the middle of an order's transaction, with all its locks. */
async function stopApi(stage: Stage): Promise<number> {
  const { farm, times } = stage;
  const [frozen, frozenMs] = [farm.apis[0]!, times === 1 ? FROZEN_MS.once : FROZEN_MS.often];
  for (let i = 0; i < times; i++) {
    await atMoment([farm.apiDatabaseLinks[0]!], commitOf(AN_ORDER), async (): Promise<Verdict> => {
      frozen.signal('SIGSTOP');
      await expectAnswers(stage, 'another API was frozen', frozenMs, 1);
      frozen.signal('SIGCONT');
      return 'pass';
    });
    await sleep(1_000);
  }
  return times;
}

/** Of one API and one worker. Times come from the database's clock, so nothing may change. */
async function setClocks({ farm, book, times, complain }: Stage): Promise<number> {
  const clock = new OtherClock(farm.folder);
  const parts = [farm.apis[0]!, farm.workers[0]!];
  const plans = parts.map(({ plan }) => plan);
  await clock.set(0);
  try {
    await Promise.all(parts.map((part) => restartWith(part, clock.env)));
    for (let i = 0; i < times; i++) {
      await clock.set(DAYS[i % DAYS.length]!);
      await sleep(WITH_OTHER_CLOCK_MS);
      const uuid = crypto.randomUUID();
      await book.send(farm.url(0), MENU[0]!, uuid);
      const { created_at } = (await (await fetch(`${farm.url(0)}/v1/fractal/${uuid}`)).json()) as FractalResource;
      if (Math.abs(Date.now() - Date.parse(created_at)) > HOUR_MS)
        complain(`an order of this moment is said to be of ${created_at}`);
    }
  } finally {
    for (const [i, part] of parts.entries()) part.plan = plans[i]!;
    await Promise.all(parts.map((part) => part.restart()));
  }
  return times;
}

async function restartWith(part: Part, env: NodeJS.ProcessEnv): Promise<void> {
  part.plan = { ...part.plan, env };
  await part.restart();
}

export const scenes: readonly Scene[] = [
  { number: 14, name: 'worker stopped until another took over its band', times: { short: 1, long: 5 }, play: stopWorker },
  { number: 15, name: 'API stopped in the middle of a transaction', times: { short: 1, long: 3 }, play: stopApi },
  { number: 24, name: 'clock of an API and a worker a day ahead, a day behind', times: { short: 2, long: 12 }, play: setClocks },
];
