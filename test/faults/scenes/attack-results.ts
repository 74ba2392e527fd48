import type { Assignment } from '../../../src/domain/dispatcher.ts';
import type { OrderBody } from '../../../src/http/schemas.ts';
import { anOrder } from '../../support/orders.ts';
import { forgeries, type Result } from '../support/forgeries.ts';
import {
  claimAgain,
  claimByHand,
  drawByHand,
  holding,
  keepByHand,
  postWork,
  putResult,
  withWorkersStill,
} from '../support/hand-worker.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { runSql } from '../support/sql.ts';

/** Two bands. */
const BODY: OrderBody = anOrder({ width: 600, height: 600, iterations: 200, c_re: -0.8, c_im: 0.156 });
const NOBODYS = 'A'.repeat(24);

/** An order like any other, of which some bands are ours before a worker hears of it. */
async function claimed({ farm, book }: Stage, bands: readonly number[]): Promise<Assignment[]> {
  return await withWorkersStill(farm, async () => {
    const uuid = crypto.randomUUID();
    const status = await book.send(farm.url(), BODY, uuid);
    if (status !== 201) throw new Error(`the order was answered ${status}`);
    const assignments: Assignment[] = [];
    for (const band of bands) assignments.push(await claimByHand(farm.url(), uuid, band));
    return assignments;
  });
}

/** Gives bands back, so that the workers draw them, and the checker looks at what becomes of it. */
async function giveBack({ farm, complain }: Stage, assignments: readonly Assignment[]): Promise<void> {
  for (const assignment of assignments) {
    const bearing = holding(assignment.lease.token);
    const renewed = await postWork(farm.url(1), 'renew', assignment, bearing);
    if (renewed !== 200) complain(`after the attacks the true lease was answered ${renewed}`);
    await postWork(farm.url(1), 'release', assignment, bearing);
  }
}

async function storedObjects({ farm }: Stage, { lease }: Assignment): Promise<string[]> {
  const { storeKey } = (await farm.repository.fractals.find(lease.fractal))!;
  const rows = await runSql<{ key: string }>(farm.database.url, 'select key from objects where key like $1', [`${storeKey}%`]);
  return rows.map(({ key }) => key);
}

/** Who shows what, and what is answered to a result. */
function strangers(mine: Assignment, sibling: Assignment, other: Assignment): [string, Record<string, string>, number][] {
  const { token } = mine.lease;
  return [
    ['no token', {}, 401],
    ['an empty token', holding(''), 401],
    ['the token as an identity', { authorization: `Bearer ${token}` }, 401],
    ['a short token', holding('short'), 401],
    ['a password', { authorization: `Basic ${Buffer.from(`worker:${token}`).toString('base64')}` }, 401],
    ['the token as a cookie', { cookie: `token=${token}` }, 401],
    ["nobody's token", holding(NOBODYS), 409],
    ["another band's token", holding(sibling.lease.token), 409],
    ["another fractal's token", holding(other.lease.token), 409],
    ['half of the token', holding(token.slice(0, 20)), 409],
    ['the token twice', holding(`${token}${token}`), 409],
    ['the token in capitals', holding(token === token.toUpperCase() ? token.toLowerCase() : token.toUpperCase()), 409],
  ];
}

/** A true result, shown with the wrong token, is refused by every API; and so is all else that a lease allows. */
async function playStrangers(stage: Stage): Promise<number> {
  const { farm, complain } = stage;
  const [mine, sibling] = (await claimed(stage, [0, 1])) as [Assignment, Assignment];
  const [other] = (await claimed(stage, [0])) as [Assignment];
  using _kept = keepByHand(farm.url(), [mine, sibling, other]);
  const { bytes, words } = await drawByHand(mine);
  let injected = 0;
  for (const [who, headers, expected] of strangers(mine, sibling, other)) {
    const url = farm.url(injected);
    const statuses = [
      ['a result', await putResult(url, mine, bytes, { words, headers })],
      ['renewing', await postWork(url, 'renew', mine, headers)],
    ] as const;
    for (const [what, status] of statuses) if (status !== expected) complain(`${what} with ${who} was answered ${status}`);
    const claimed = await claimAgain(url, mine, headers);
    if (claimed !== 204) complain(`claiming a band that is mine with ${who} was answered ${claimed}`);
    // These are answered alike whoever asks; the lease must have withstood them.
    for (const name of ['release', 'fail'] as const) await postWork(url, name, mine, headers);
    injected += 5;
  }
  for (const attempt of [0, 2, 2 ** 31 - 1]) {
    const status = await putResult(farm.url(), mine, bytes, { words: { ...words, attempt: String(attempt) } });
    if (status !== 409) complain(`a result of attempt ${attempt} was answered ${status}`);
    injected++;
  }
  const stored = await storedObjects(stage, mine);
  if (stored.length > 0) complain(`what strangers delivered was stored: ${stored}`);
  await giveBack(stage, [mine, sibling, other]);
  return injected;
}

/** What is no band is refused, also from the one who may deliver it. */
async function playForgeries(stage: Stage): Promise<number> {
  const { farm, complain } = stage;
  const assignments = await claimed(stage, [0, 1]);
  using _kept = keepByHand(farm.url(), assignments);
  let injected = 0;
  for (const assignment of assignments) {
    const { bytes, words } = await drawByHand(assignment);
    const thumbnailBytes = Number(words.thumbnail_bytes);
    const genuine: Result = {
      bytes: bytes.subarray(0, bytes.length - thumbnailBytes),
      thumbnail: bytes.subarray(bytes.length - thumbnailBytes),
      words,
    };
    for (const { name, forged } of await forgeries(assignment, genuine)) {
      const body = Buffer.concat([forged.bytes, forged.thumbnail]);
      const status = await putResult(farm.url(injected++), assignment, body, { words: forged.words });
      if (status !== 422) complain(`${name} as band ${assignment.lease.band} was answered ${status}`);
    }
  }
  const stored = await storedObjects(stage, assignments[0]!);
  if (stored.length > 0) complain(`forged results were stored: ${stored}`);
  await giveBack(stage, assignments);
  return injected;
}

const repeated = (play: (stage: Stage) => Promise<number>): Scene['play'] => {
  return async (stage) => {
    let injected = 0;
    for (let i = 0; i < stage.times; i++) injected += await play(stage);
    return injected;
  };
};

export const scenes: readonly Scene[] = [
  {
    number: 36,
    name: 'results with no token, with that of another',
    times: { short: 1, long: 10 },
    play: repeated(playStrangers),
  },
  { number: 38, name: 'forged PNG, SVG, HTML as a result', times: { short: 1, long: 10 }, play: repeated(playForgeries) },
];
