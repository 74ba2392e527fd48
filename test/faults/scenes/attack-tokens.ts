import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Assignment } from '../../../src/domain/dispatcher.ts';
import { finished } from '../../support/orders.ts';
import type { Farm } from '../support/farm.ts';
import { claimByHand, holding, keepByHand, postWork, putResult, withWorkersStill } from '../support/hand-worker.ts';
import { countOf, databaseInClear, filesOf } from '../support/in-clear.ts';
import { SMALL } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { Wiretap } from '../support/wiretap.ts';

/** How long work goes on under observation, for each time. */
const OBSERVED_MS = 6_000;
const TOKEN = /"token":"([\w-]+)"/g;

/** Every part says all it ever says, until it is disposed of. */
async function talkative(farm: Farm): Promise<AsyncDisposable> {
  const plans = farm.parts.map(({ plan }) => plan);
  const restart = async (planOf: (i: number) => (typeof plans)[number]) => {
    for (const [i, part] of farm.parts.entries()) {
      part.plan = planOf(i);
      await part.stop();
      await part.start();
    }
  };
  await restart((i) => ({ ...plans[i]!, flags: [...plans[i]!.flags, '--log-level=trace'] }));
  return { [Symbol.asyncDispose]: () => restart((i) => plans[i]!) };
}

/** Every route that can be looked at, with what is wrong, too. */
async function lookAround({ farm, complain }: Stage, uuid: string, held: Assignment): Promise<number> {
  const { paths } = (await (await fetch(`${farm.url()}/openapi.json`)).json()) as { paths: Record<string, object> };
  const known = Object.keys(paths).filter((path) => 'get' in paths[path]! && path !== '/v1/events');
  const pages = [
    '/',
    `/view/${uuid}`,
    '/new',
    '/docs',
    '/docs/start.js',
    '/openapi.json',
    '/v1/nothing',
    '/v1/fractal?uuid_prefix=zz',
  ];
  const looks = [...known, ...pages].map((path) => path.replace('{uuid}', uuid));
  for (const path of [...looks, `/v1/fractal/${held.lease.fractal}`]) {
    const { status } = await fetch(`${farm.url()}${path}`).then(async (response) => {
      await response.arrayBuffer();
      return response;
    });
    if (status >= 500) complain(`${path} was answered ${status}`);
  }
  const bearing = holding(held.lease.token);
  await putResult(farm.url(), held, Buffer.from('no band'));
  await putResult(farm.url(), held, Buffer.from('no band'), { headers: { ...bearing, 'content-type': 'text/plain' } });
  await putResult(farm.url(), held, Buffer.alloc(2 ** 24 + 1));
  await postWork(farm.url(), 'renew', held, bearing);
  await postWork(farm.url(), 'renew', held, holding(held.lease.token.slice(1)));
  return looks.length + 6;
}

/** Listens to everything while work goes on, then looks for the tokens of that time wherever they must not be. */
async function observe(stage: Stage): Promise<number> {
  const { farm, book, complain, note } = stage;
  const logsBefore = farm.parts.map(({ log }) => log.length);
  using work = new Wiretap(farm.workLinks, ['client']);
  using clients = new Wiretap(farm.clientLinks, ['client']);
  using elsewhere = new Wiretap(
    [...farm.apiDatabaseLinks, ...farm.apiBrokerLinks, ...farm.workerBrokerLinks],
    ['server', 'client'],
  );
  const events = new AbortController();
  const stream = fetch(`${farm.url()}/v1/events`, { signal: events.signal }).then((response) => response.text());
  stream.catch(() => undefined);
  const [done, held] = [crypto.randomUUID(), crypto.randomUUID()];
  await book.send(farm.url(), SMALL, done);
  await finished(farm.url(), done, 'done', 60_000);
  const mine = await withWorkersStill(farm, async () => {
    await book.send(farm.url(), SMALL, held);
    return await claimByHand(farm.url(), held);
  });
  using _kept = keepByHand(farm.url(), [mine]);
  const looks = await lookAround(stage, done, mine);
  await sleep(OBSERVED_MS);
  const database = await databaseInClear(farm);
  events.abort();
  const answers = work.said;
  const told = answers.flatMap((said) => said.toString('latin1').split(/(?=HTTP\/1\.1 \d{3} )/));
  const tokens = [...new Set(answers.flatMap((said) => [...said.toString('latin1').matchAll(TOKEN)].map((match) => match[1]!)))];
  const places: readonly [string, readonly Buffer[]][] = [
    ['what clients are answered', clients.said],
    ['what is said to database and broker', elsewhere.said],
    ['the logs', farm.parts.map(({ log }, i) => Buffer.from(log.slice(logsBefore[i])))],
    ["the servers' logs", [Buffer.from(await farm.broker.log()), Buffer.from(await farm.database.log())]],
    ['the database', [Buffer.from(database)]],
    ['files', await filesOf(farm)],
  ];
  for (const token of [...tokens, mine.lease.token]) {
    const isMine = token === mine.lease.token;
    for (const [place, texts] of places) {
      // My claim went over a client's link.
      const allowed = isMine && place === 'what clients are answered' ? 1 : 0;
      if (countOf(texts, token) > allowed) complain(`a token is found in ${place}`);
    }
    // The bands of a bundle, which come in one answer, have one token.
    const times = told.filter((answer) => answer.includes(token)).length;
    if (times !== (isMine ? 0 : 1)) complain(`a worker was told a token ${times} times`);
  }
  assertThatItWouldBeFound(stage, { tokens, database, places, mine });
  note(`${tokens.length} tokens were looked for in ${places.map(([place]) => place).join(', ')}`);
  await postWork(farm.url(), 'release', mine, holding(mine.lease.token));
  return tokens.length + looks;
}

interface Found {
  readonly tokens: readonly string[];
  readonly database: string;
  readonly places: readonly (readonly [string, readonly Buffer[]])[];
  readonly mine: Assignment;
}

/** Whoever finds nothing must have looked in the right places. */
function assertThatItWouldBeFound({ complain }: Stage, { tokens, database, places, mine }: Found): void {
  if (tokens.length < 3) complain(`only ${tokens.length} leases were given while it was listened`);
  if (!database.includes(createHash('sha256').update(mine.lease.token).digest('hex')))
    complain('the database does not hold the hash of a lease');
  const words = [mine.lease.token, 'insert into "fractals"', '/v1/work/claim', 'database system is ready', mine.lease.fractal];
  for (const [i, word] of words.entries()) {
    const [place, texts] = places[i]!;
    if (countOf(texts, word) === 0) complain(`${place} does not hold what it should: ${i === 0 ? 'my own claim' : word}`);
  }
}

export const scenes: readonly Scene[] = [
  {
    number: 39,
    name: 'lease tokens looked for in logs, answers, events, database',
    times: { short: 1, long: 10 },
    async play(stage) {
      await using _talkative = await talkative(stage.farm);
      let injected = 0;
      for (let i = 0; i < stage.times; i++) injected += await observe(stage);
      return injected;
    },
  },
];
