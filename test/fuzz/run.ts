/*
 * npm run test:fuzz: every operation, those of workers, too, as every role, on a service of its own over RabbitMQ and PostgreSQL, with a worker that draws meanwhile;
 * then requests that are none. COUNT=20000 requests; SEED=7 asks the same again.
 */
import { memoryBytes } from '../faults/support/usage.ts';
import { order } from '../support/orders.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { startRabbitmq } from '../support/servers/rabbitmq.ts';
import { startApi } from '../support/start-api.ts';
import { startWorker } from '../support/start-worker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fuzz } from './fuzz.ts';
import { sendNonsense } from './nonsense.ts';
import { openToCallers } from './support/callers.ts';
import { documentedOperations, workOperations } from './support/operations.ts';

const COUNT = Number(process.env.COUNT ?? 20_000);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
const MOST_BYTES = 700 * 2 ** 20;
const LIMITS = ['--max-side', '200', '--max-iterations', '1000', '--max-cost', '1000000'];

/** @returns what is wrong; one text each */
async function play(): Promise<string[]> {
  await using broker = await startRabbitmq();
  await using database = await startPostgres();
  await using folder = await temporaryFolder();
  const shared = ['--transport-url', broker.url];
  const flags = [...shared, '--database-url', database.url, '--storage-url', 'database:', ...LIMITS];
  await using api = await startApi({ dataDir: folder.path, flags });
  for (let i = 0; i < 10; i++) await order(api.url);
  const callers = await openToCallers(api.url);
  const token = callers.find(({ name }) => name === 'worker')?.token ?? '';

  const began = performance.now();
  const operations = [...documentedOperations(), ...workOperations()];
  const same = { url: api.url, operations, callers, count: COUNT / 2 };
  // First the fuzzer is the only worker, so that it gets bands; then there are pictures.
  const alone = await fuzz({ ...same, seed: SEED });
  await using worker = startWorker([...shared, '--endpoint-url', api.url, '--threads', '1'], { FAAFO_TOKEN: token });
  const beside = await fuzz({ ...same, seed: SEED + 1_000 });
  const sent = alone.sent + beside.sent;
  const nonsense = await sendNonsense(api.url, { count: Math.ceil(COUNT / 20), seed: SEED });
  const seconds = (performance.now() - began) / 1000;

  for (const kind of [...new Set([...Object.keys(alone.statuses), ...Object.keys(beside.statuses)])].sort())
    console.log(`${String((alone.statuses[kind] ?? 0) + (beside.statuses[kind] ?? 0)).padStart(7)}  ${kind}`);
  const bytes = memoryBytes(api.process.pid!);
  console.log(
    `${sent} requests as ${callers.length} callers to ${operations.length} operations, and ${nonsense.sent} that are none, in ${seconds.toFixed(0)} s; ` +
      `the API has ${Math.round(bytes / 2 ** 20)} MiB`,
  );
  const all = [...alone.wrong, ...beside.wrong, ...nonsense.wrong];
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
