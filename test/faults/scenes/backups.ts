import { setTimeout as sleep } from 'node:timers/promises';
import { parseFractalId } from '../../../src/domain/ids.ts';
import { anOrder } from '../../support/orders.ts';
import { runProgram } from '../../support/servers/private-server.ts';
import { until } from '../../support/until.ts';
import { EventReader } from '../support/event-reader.ts';
import type { Farm } from '../support/farm.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { runSql } from '../support/sql.ts';

/** Orders after the backup, at least. */
const LATER_ORDERS = 15;
/** Many bands, so that some are done and some are not. */
const HALF_DONE = anOrder({ width: 2400, height: 2400, iterations: 200, c_re: -0.8, c_im: 0.156 });
/** Bands of a finished picture are removed from the store after 20 s, in a round every 5 s. */
const SWEPT_MS = 27_000;

/** @param restMs between the backup and its restoration */
const restored =
  (restMs: number): Scene['play'] =>
  async (stage) => {
    for (let i = 0; i < stage.times; i++) await restoreOnce(stage, restMs);
    return stage.times;
  };

async function restoreOnce(stage: Stage, restMs: number): Promise<void> {
  const { farm, book, complain, note } = stage;
  await using present = new EventReader(farm.url(0));
  await until(() => present.events > 0);
  await orderHalf(stage);
  const older = new Set(book.answered.keys());
  await backUp(farm);
  await Promise.all([until(() => book.answered.size >= older.size + LATER_ORDERS, 60_000), sleep(restMs)]);
  if (present.resets > 0) complain('a client of the event stream got reset, and nothing was lost');
  const lastSeen = present.id;
  await restore(farm);
  const halves = await runSql(farm.database.url, "select band from bands where state = 'done'");
  note(`${halves.length} bands of pictures that were not done were in the backup`);
  await forgetTheLost(stage, older);

  await until(() => present.resets > 0, 60_000).catch(() => complain('a connected client of the event stream never got reset'));
  // A client that was away until as much has happened again as it knew of.
  const number = Number(lastSeen.split('-')[1]);
  await until(async () => (await farm.repository.events.range()).newest > number, 60_000);
  await using absent = new EventReader(farm.url(1), lastSeen);
  await until(() => absent.resets > 0).catch(() => complain('a client of the event stream that was away never got reset'));
  const heard = absent.events;
  await until(() => absent.events > heard).catch(() => complain('no events came after reset'));
}

/** Resolves when a picture is drawn in part. */
async function orderHalf({ farm, book }: Stage): Promise<void> {
  const uuid = crypto.randomUUID();
  await book.send(farm.url(), HALF_DONE, uuid);
  await until(async () => ((await farm.repository.fractals.find(parseFractalId(uuid)))?.bandsDone ?? 0) > 0, 60_000);
}

const dataOf = ({ database }: Farm) => `${database.folder}/data`;
const backupOf = ({ database }: Farm) => `${database.folder}/backup`;

async function backUp(farm: Farm): Promise<void> {
  await farm.database.stop();
  await runProgram(['rm', '-rf', backupOf(farm)]);
  await runProgram(['cp', '-a', dataOf(farm), backupOf(farm)]);
  await farm.database.start();
}

async function restore(farm: Farm): Promise<void> {
  await farm.database.kill();
  await runProgram(['rm', '-rf', dataOf(farm)]);
  await runProgram(['cp', '-a', backupOf(farm), dataOf(farm)]);
  await farm.database.start();
}

/** What was ordered after the backup, and that alone, is gone with it. @param older answered before the backup was made */
async function forgetTheLost({ farm, book, complain, note }: Stage, older: ReadonlySet<string>): Promise<void> {
  let gone = 0;
  for (const uuid of [...book.answered.keys()]) {
    if (await isKnown(farm, uuid)) continue;
    if (older.has(uuid)) {
      complain(`${uuid} was ordered before the backup and is not in it`);
      continue;
    }
    book.answered.delete(uuid);
    gone++;
  }
  if (gone === 0) complain('nothing was lost with the backup: it was not restored');
  note(`${gone} orders that were made after the backup are gone with it, and not counted`);
}

/** Asks again where a connection breaks that was to the server before. */
async function isKnown(farm: Farm, uuid: string): Promise<boolean> {
  const find = async () => ({ fractal: await farm.repository.fractals.find(parseFractalId(uuid)) });
  const { fractal } = await until(() => find().catch(() => null));
  return fractal !== null;
}

export const scenes: readonly Scene[] = [
  { number: 13, name: 'database restored from an older backup', times: { short: 1, long: 5 }, play: restored(0) },
  {
    number: 13,
    name: 'database restored, and images in files are newer',
    farm: { store: 'files' },
    times: { short: 1, long: 2 },
    play: restored(SWEPT_MS),
  },
];
