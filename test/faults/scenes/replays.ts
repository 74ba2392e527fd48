import type { Assignment } from '../../../src/domain/dispatcher.ts';
import { until } from '../../support/until.ts';
import type { Farm } from '../support/farm.ts';
import { claimByHand, drawByHand, holding, postWork, putResult, withWorkersStill } from '../support/hand-worker.ts';
import { idle } from '../support/hands.ts';
import { MENU } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { runSql } from '../support/sql.ts';

const [ONE_BAND, , SEVERAL_BANDS] = MENU;

/** Results of attempts that are no longer the band's, after an expired lease and after a release. */
const replayed: Scene['play'] = async (stage) => {
  const { farm, times } = stage;
  let replays = 0;
  for (let i = 0; i < times; i++) {
    await idle(farm);
    replays += await withWorkersStill(farm, async () => {
      const hand = new Hand(stage, farm.url(i));
      await afterExpiry(stage, hand);
      await afterRelease(stage, hand);
      return hand.replays;
    });
  }
  return replays;
};

async function afterExpiry({ farm, book }: Stage, hand: Hand): Promise<void> {
  const [overtaken, late] = [crypto.randomUUID(), crypto.randomUUID()];
  await book.send(hand.url, ONE_BAND!, overtaken);
  const old = await claimByHand(hand.url, overtaken);
  await book.send(hand.url, ONE_BAND!, late);
  const current = await claimByHand(hand.url, late);
  await untilNoneIsLeased(farm);
  await hand.expect(200, 'a result that came after its lease, with no other claim in between', hand.deliver(current));
  await hand.overtake(old, await claimByHand(hand.url, overtaken));
}

async function afterRelease({ book }: Stage, hand: Hand): Promise<void> {
  const uuid = crypto.randomUUID();
  await book.send(hand.url, SEVERAL_BANDS!, uuid);
  const old = await claimByHand(hand.url, uuid);
  await hand.expect(204, 'a release', postWork(hand.url, 'release', old, holding(old.lease.token)));
  await hand.replay(old, 'whose band had been released');
  const current = await claimByHand(hand.url, uuid);
  await hand.overtake(old, current);
  // Of a picture that is not done yet: with it its bands are forgotten.
  await hand.expect(200, 'the same result again', hand.deliver(current));
}

async function untilNoneIsLeased(farm: Farm): Promise<void> {
  await until(async () => {
    const leased = await runSql(farm.database.url, "select band from bands where state = 'leased'");
    return leased.length === 0;
  }, 60_000);
}

/** A worker by hand, and what it is answered. */
class Hand {
  readonly #stage: Stage;
  readonly url: string;
  replays = 0;

  constructor(stage: Stage, url: string) {
    this.#stage = stage;
    this.url = url;
  }

  async expect(status: number, what: string, answer: Promise<number>): Promise<void> {
    const answered = await answer;
    if (answered !== status) this.#stage.complain(`${what} was answered ${answered} instead of ${status}`);
  }

  async deliver(assignment: Assignment): Promise<number> {
    const { bytes, words } = await drawByHand(assignment);
    return await putResult(this.url, assignment, bytes, { words });
  }

  /** A sound band of another picture: the checker would see it if it got in. */
  async replay(old: Assignment, when: string): Promise<void> {
    const { xa, xb, ya, yb } = old.spec.viewport;
    const spec = { ...old.spec, viewport: { xa: 2 * xa, xb: 2 * xb, ya: 2 * ya, yb: 2 * yb } };
    const { bytes, words } = await drawByHand({ ...old, spec });
    this.replays++;
    await this.expect(409, `a result ${when}`, putResult(this.url, old, bytes, { words }));
  }

  /** All that an older attempt can try before and after the newer one's result. */
  async overtake(old: Assignment, current: Assignment): Promise<void> {
    if (current.lease.attempt <= old.lease.attempt) this.#stage.complain(`attempt ${current.lease.attempt} is not a new one`);
    await this.replay(old, 'of an older attempt');
    const mixed = { ...current, lease: { ...current.lease, token: old.lease.token } };
    await this.replay(mixed, 'of this attempt with the token of an older one');
    await this.expect(200, 'the result of the current attempt', this.deliver(current));
    await this.replay(old, 'of an older attempt, after the band was done,');
    await this.replay(current, 'with other bytes than the one that was accepted');
  }
}

export const scenes: readonly Scene[] = [
  {
    number: 37,
    name: 'replayed older attempt',
    keepsOrdering: false,
    times: { short: 1, long: 3 },
    play: replayed,
  },
];
