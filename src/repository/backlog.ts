import { sql } from 'kysely';
import type { BacklogRepository } from '../domain/repository.ts';
import { MAX_COUNTED } from '../domain/repository.ts';
import { type BandState, FRACTAL_STATES, type FractalState, isFinal } from '../domain/states.ts';
import type { Database } from './tables.ts';

/** A queue of more bands is counted once in so many milliseconds; a shorter one whenever it is asked for. */
const LONG_QUEUE = 5_000;
const KEPT_MS = 1_000;

export function backlogRepository(database: Database): BacklogRepository {
  let counted = { waiting: 0, until: Number.NEGATIVE_INFINITY };
  const countWaiting = async (): Promise<number> => {
    if (counted.until > performance.now()) return counted.waiting;
    const waiting = await countBands(database, 'waiting');
    if (waiting > LONG_QUEUE) counted = { waiting, until: performance.now() + KEPT_MS };
    return waiting;
  };
  return {
    async read() {
      const tallies = await database.db
        .selectFrom('tallies')
        .select((eb) => [
          'state',
          eb.fn.sum<number>('fractals').as('fractals'),
          eb.fn.sum<number>('cost').as('cost'),
          eb.fn.sum<number>('bytes').as('bytes'),
        ])
        .groupBy('state')
        .execute();
      const of = (state: FractalState) => tallies.find((row) => row.state === state);
      const fractals = Object.fromEntries(FRACTAL_STATES.map((state) => [state, of(state)?.fractals ?? 0]));
      const unfinished = FRACTAL_STATES.filter((state) => !isFinal(state));
      return {
        fractals: fractals as Record<FractalState, number>,
        waiting: await countWaiting(),
        leased: await countBands(database, 'leased'),
        oldestMs: await oldestMs(database, unfinished),
        outstanding: unfinished.reduce((sum, state) => sum + (of(state)?.cost ?? 0), 0),
        storedBytes: of('done')?.bytes ?? 0,
      };
    },
  };
}

/** Up to MAX_COUNTED: a look at the queue costs the same however long it is. */
async function countBands({ db }: Database, state: BandState): Promise<number> {
  const some = db.selectFrom('bands').select('band').where('state', '=', state).limit(MAX_COUNTED).as('some');
  const { n } = await db
    .selectFrom(some)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return n;
}

async function oldestMs({ db, can }: Database, states: readonly FractalState[]): Promise<number | null> {
  const ages: number[] = [];
  for (const state of states) {
    const oldest = await db
      .selectFrom('fractals')
      .select(sql<number>`${can.nowMs} - created_at`.as('age'))
      .where('state', '=', state)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst();
    if (oldest) ages.push(oldest.age);
  }
  return ages.length === 0 ? null : Math.max(...ages);
}
