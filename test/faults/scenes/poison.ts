import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DELIVERY } from '../../../src/domain/delivery.ts';
import type { FractalResource, OrderBody } from '../../../src/http/schemas.ts';
import { startBrowser } from '../../browser/browser.ts';
import { anOrder, finished, look, send } from '../../support/orders.ts';
import { runFaafo } from '../../support/run-faafo.ts';
import { until } from '../../support/until.ts';
import { watchClaims } from '../support/claims.ts';
import type { Farm } from '../support/farm.ts';
import { referenceOf } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { runSql } from '../support/sql.ts';

const REASON = `A part of this picture ended its worker ${DELIVERY.maxInterruptions} times; it was given up.`;
/** Two bands, of which the first is the poisoned one. */
const BODY: OrderBody = anOrder({ width: 600, height: 600, iterations: 200, c_re: -0.8, c_im: 0.156 });
/** Five leases that expire, and as many starts of a worker on a busy machine. */
const GIVEN_UP_MS = 240_000;

/** Each worker that is given band 0 of the fractal is killed before it knows, and started again. */
class Poison implements AsyncDisposable {
  readonly #farm: Farm;
  readonly #restarts: Promise<void>[] = [];
  victims = 0;

  constructor(farm: Farm, uuid: string) {
    this.#farm = farm;
    for (const [i, link] of farm.workLinks.entries()) {
      watchClaims(link, ({ fractal, band }) => {
        if (fractal !== uuid || band !== 0) return 'pass';
        this.victims++;
        this.#restarts.push(farm.workers[i]!.restart());
        return 'reset';
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#farm.workLinks) link.watch(null);
    await Promise.all(this.#restarts);
  }
}

/** A dead worker's lease expires by itself; in the short pass at once, because five times 15 s is long. */
async function ageLeases(farm: Farm, uuid: string): Promise<void> {
  await runSql(
    farm.database.url,
    `update bands set lease_until = 0 from fractals
      where fractals.seq = fractal_seq and uuid = $1 and band = 0 and bands.state = 'leased'`,
    [uuid],
  );
}

/** @returns the poisoned fractal, which has failed */
async function giveUp(stage: Stage, hurry: boolean): Promise<FractalResource> {
  const { farm, complain, note } = stage;
  const done = () => farm.repository.fractals.count({ state: 'done' });
  const uuid = crypto.randomUUID();
  const doneBefore = await done();
  await using poison = new Poison(farm, uuid);
  const { status } = await send(`${farm.url()}/v1/fractal`, 'POST', { ...BODY, uuid });
  if (status !== 201) throw new Error(`the order was answered ${status}`);
  const failed = await until(async () => {
    if (hurry) await ageLeases(farm, uuid);
    await sleep(250);
    const fractal = await look(farm.url(1), uuid);
    if (fractal.state === 'done') throw new Error('the poisoned fractal was drawn');
    return fractal.state === 'failed' ? fractal : null;
  }, GIVEN_UP_MS);
  if (poison.victims !== DELIVERY.maxInterruptions) complain(`it was given up after ${poison.victims} workers`);
  const others = (await done()) - doneBefore;
  if (others === 0) complain('no other fractal was finished while workers were killed');
  note(`${poison.victims} workers were ended before it was given up, and ${others} other fractals finished meanwhile`);
  return failed;
}

/** API, command line and page give the reason; the button on the page draws it. */
async function tellAndRetry({ farm, complain }: Stage, { uuid, error }: FractalResource): Promise<void> {
  if (error !== REASON) complain(`the API gives as its reason: ${error}`);
  const shown = await runFaafo(farm.url(), ['show', uuid, '-f', 'json']);
  if (JSON.parse(shown.stdout || '{}').error !== REASON)
    complain(`faafo show does not give the reason: ${shown.stdout}${shown.stderr}`);
  await using browser = await startBrowser();
  const { page } = await browser.open(`${farm.url(1)}/view/${uuid}`);
  page.setDefaultTimeout(60_000);
  await page.locator('.plate.failed .reason', { hasText: REASON }).waitFor();
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.locator('.stage img.picture').waitFor();
  const drawn = await finished(farm.url(), uuid, 'done', 60_000);
  const picture = await fetch(`${farm.url()}/fractal/${uuid}`);
  const sha256 = createHash('sha256')
    .update(Buffer.from(await picture.arrayBuffer()))
    .digest('hex');
  if (sha256 !== (await referenceOf(BODY))) complain('drawn again, it has other bytes than an independent drawing');
  if (drawn.checksum !== sha256 || drawn.error !== null) complain('drawn again, it has another checksum, or still a reason');
}

export const scenes: readonly Scene[] = [
  {
    number: 25,
    name: 'poison band: each worker that takes it is killed',
    times: { short: 1, long: 2 },
    async play(stage) {
      for (let i = 0; i < stage.times; i++) await tellAndRetry(stage, await giveUp(stage, stage.times === 1));
      return stage.times * DELIVERY.maxInterruptions;
    },
  },
];
