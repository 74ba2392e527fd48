/*
 * npm run test:fuzz: every operation, those of workers, too, as every role, on a service of its own over RabbitMQ and PostgreSQL, with a worker that draws meanwhile;
 * then requests that are none. COUNT=20000 requests; SEED=7 asks the same again.
 */
import { ENGINE_VERSION } from '../../src/engine/version.ts';
import { openSharedRepository } from '../../src/repository/open.ts';
import { memoryBytes } from '../faults/support/usage.ts';
import { poison } from '../support/farm.ts';
import { anOrder, send } from '../support/orders.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { startRabbitmq } from '../support/servers/rabbitmq.ts';
import { aFractal } from '../support/specs.ts';
import { startApi } from '../support/start-api.ts';
import { startWorker } from '../support/start-worker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Findings, fuzz } from './fuzz.ts';
import { sendNonsense } from './nonsense.ts';
import { type Caller, openToCallers } from './support/callers.ts';
import { leftOut } from './support/coverage.ts';
import { documentedOperations, pageOperations, workOperations } from './support/operations.ts';

const COUNT = Number(process.env.COUNT ?? 20_000);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
/** Of each kind. */
const MOST_ROUNDS = 3;
const MOST_BYTES = 700 * 2 ** 20;
const LIMITS = ['--max-side', '200', '--max-iterations', '1000', '--max-cost', '1000000'];

/** Fractals that can be retried. */
async function someFailed(url: string): Promise<string[]> {
  await using repository = await openSharedRepository(url, { name: 'of the fuzzer', onWait: () => undefined });
  const uuids: string[] = [];
  for (let i = 0; i < 20; i++) {
    const { fractal } = await repository.fractals.add(aFractal({ engineVersion: ENGINE_VERSION }));
    await poison(repository, fractal.id);
    uuids.push(fractal.id);
  }
  return uuids;
}

/** What it is answered, which must be that it was done. */
async function ask(url: string, path: string, token: string, body: object): Promise<unknown> {
  const response = await send(`${url}${path}`, 'POST', body, { authorization: `Bearer ${token}` });
  if (response.status !== 201) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
  return await response.json();
}

/** @returns what is wrong; one text each */
async function play(): Promise<string[]> {
  await using broker = await startRabbitmq();
  await using database = await startPostgres();
  await using folder = await temporaryFolder();
  const shared = ['--transport-url', broker.url];
  const flags = [...shared, '--database-url', database.url, '--storage-url', 'database:', ...LIMITS];
  const failed = await someFailed(database.url);
  await using api = await startApi({ dataDir: folder.path, flags });
  const held = await openToCallers(api.url);
  // Beside it, on the same database, two where whoever shows nothing may do something.
  const open = (anonymous: string) => startApi({ dataDir: folder.path, flags: [...flags, '--anonymous', anonymous] });
  await using viewers = await open('viewer');
  await using creators = await open('creator');
  const callers: Caller[] = [
    ...held,
    { name: 'anonymous viewer', token: null, role: 'viewer', url: viewers.url },
    { name: 'anonymous creator', token: null, role: 'creator', url: creators.url },
  ];
  const tokenOf = (role: string): string => callers.find(({ name }) => name === role)?.token ?? '';

  const began = performance.now();
  const operations = [...documentedOperations(), ...workOperations(), ...pageOperations()];
  const enrolment = await ask(api.url, '/v1/tokens', tokenOf('admin'), { name: 'farm', role: 'worker', uses: 1_000 });
  const known: (readonly [string, unknown])[] = [['/v1/tokens', enrolment]];
  const someOrdered = async () => {
    for (let i = 0; i < 40; i++) known.push(['/v1/fractal', await ask(api.url, '/v1/fractal', tokenOf('creator'), anOrder())]);
    // The newest are remembered longest: of those that failed there are few.
    return [...known, ...failed.map((uuid) => ['', { uuid }] as const)];
  };
  const same = { url: api.url, operations, callers, count: COUNT / 2 };
  const rounds: Findings[] = [];
  /** One round; and some more when that has left something out by chance. */
  const playUntil = async (isEnough: () => boolean): Promise<void> => {
    const most = rounds.length + MOST_ROUNDS;
    do rounds.push(await fuzz({ ...same, heard: await someOrdered(), seed: SEED + 1_000 * rounds.length }));
    while (!isEnough() && rounds.length < most);
  };
  // First the fuzzer is the only worker, so that it gets bands; then there are pictures.
  await playUntil(() => rounds.some(({ forgeriesFound }) => forgeriesFound > 0));
  await using worker = startWorker([...shared, '--endpoint-url', api.url, '--threads', '1'], { FAAFO_TOKEN: tokenOf('worker') });
  await playUntil(() => leftOut(rounds, { operations, callers }).length === 0);
  const sum = (of: (findings: Findings) => number) => rounds.reduce((total, findings) => total + of(findings), 0);
  const sent = sum((findings) => findings.sent);
  const nonsense = await sendNonsense(api.url, { count: Math.ceil(COUNT / 20), seed: SEED });
  const seconds = (performance.now() - began) / 1000;

  for (const kind of [...new Set(rounds.flatMap(({ statuses }) => Object.keys(statuses)))].sort())
    console.log(`${String(sum(({ statuses }) => statuses[kind] ?? 0)).padStart(7)}  ${kind}`);
  const bytes = memoryBytes(api.process.pid!);
  console.log(
    `${sent} requests as ${callers.length} callers to ${operations.length} operations, and ${nonsense.sent} that are none, in ${seconds.toFixed(0)} s; ` +
      `the API has ${Math.round(bytes / 2 ** 20)} MiB`,
  );
  console.log(`${sum(({ forgeriesFound }) => forgeriesFound)} results that nobody drew were looked into and refused`);
  const all = [...rounds.flatMap(({ wrong }) => wrong), ...nonsense.wrong, ...leftOut(rounds, { operations, callers })];
  if (sent < COUNT) all.push(`only ${sent} requests were sent`);
  if (bytes > MOST_BYTES) all.push(`the API has grown to ${bytes} bytes`);
  const defects = api.log().match(/^.*"level":(?:50|60).*$/gm) ?? [];
  all.push(...defects.slice(0, 5).map((line) => `the API logged: ${line}`));
  if ((await fetch(`${api.url}/readyz`)).status !== 200) all.push('the API is not ready any more');
  if (worker.process.exitCode !== null) all.push(`the worker ended: ${worker.log()}`);
  const status = await api.stop();
  if (status !== 0) all.push(`the API ended with ${status}`);
  return all;
}

console.log(`fuzz: SEED=${SEED} COUNT=${COUNT}`);
const wrong = await play();
for (const each of wrong) console.error(`\nWRONG ${each}`);
console.log(
  wrong.length === 0
    ? 'fuzz: nothing wrong'
    : `fuzz: ${wrong.length} things are wrong; SEED=${SEED} COUNT=${COUNT} asks the same again`,
);
process.exit(wrong.length === 0 ? 0 : 1);
