import { Connection } from 'rabbitmq-client';
import { parseFractalId } from '../../../src/domain/ids.ts';
import type { Doorbell } from '../../../src/domain/repository.ts';
import type { Farm } from '../support/farm.ts';
import { Hands, idle } from '../support/hands.ts';
import { MENU } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';

const COPIES = 5;
const ORDERS = 15;

/** All copies of all doorbells in one heap, while the genuine ones are rung: each band is drawn once all the same. */
const manyDoorbells: Scene['play'] = async (stage) => {
  const { farm, times, complain } = stage;
  await idle(farm);
  const connection = new Connection(farm.broker.url);
  connection.on('error', () => undefined);
  let published = 0;
  try {
    for (let i = 0; i < times; i++) {
      using hands = new Hands(farm);
      const doorbells = await orderSome(stage);
      const heap = shuffled(Array.from({ length: COPIES }, () => doorbells).flat(), () => farm.random());
      await publish(connection, heap);
      published += heap.length;
      await idle(farm);
      if (hands.given !== doorbells.length) complain(`${doorbells.length} bands were given to workers ${hands.given} times`);
    }
  } finally {
    await connection.close();
  }
  return published;
};

/** @returns the doorbell of each band */
async function orderSome({ farm, book }: Stage): Promise<Doorbell[]> {
  const uuids = Array.from({ length: ORDERS }, () => crypto.randomUUID());
  await Promise.all(uuids.map((uuid, i) => book.send(farm.url(i), farm.pick(MENU), uuid)));
  const doorbells = await Promise.all(uuids.map((uuid) => doorbellsOf(farm, uuid)));
  return doorbells.flat();
}

async function doorbellsOf(farm: Farm, uuid: string): Promise<Doorbell[]> {
  const fractal = await farm.repository.fractals.find(parseFractalId(uuid));
  return Array.from({ length: fractal?.cut.bands ?? 0 }, (_, band) => ({ fractal: parseFractalId(uuid), band }));
}

/** As the APIs ring them, but by somebody else. */
async function publish(connection: Connection, doorbells: readonly Doorbell[]): Promise<void> {
  const publisher = connection.createPublisher({ confirm: true });
  const envelope = { routingKey: 'faafo.doorbells', durable: true };
  await Promise.all(doorbells.map(({ fractal, band }) => publisher.send(envelope, { v: 1, fractal, band })));
  await publisher.close();
}

/** @param random in [0, 1) */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const heap = [...items];
  for (let i = heap.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [heap[i], heap[j]] = [heap[j]!, heap[i]!];
  }
  return heap;
}

export const scenes: readonly Scene[] = [
  {
    number: 28,
    name: 'every doorbell five times, shuffled',
    keepsOrdering: false,
    times: { short: 2, long: 20 },
    play: manyDoorbells,
  },
];
