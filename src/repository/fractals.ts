import type { SelectQueryBuilder } from 'kysely';
import { turnsOf } from '../domain/delivery.ts';
import { progressOf } from '../domain/fractal.ts';
import type { FractalFilter, FractalRepository, NewFractal, Plan } from '../domain/repository.ts';
import { FRACTAL_STATES, isFinal } from '../domain/states.ts';
import {
  type FractalRow,
  lockFractal,
  moveFractal,
  note,
  rowOfPlan,
  toFractal,
  trashBands,
  trashPictures,
  trashThumbnail,
} from './rows.ts';
import type { Database, Tables, Tx } from './tables.ts';
import { tally } from './tally.ts';

export function fractalRepository(database: Database): FractalRepository {
  const { db } = database;
  return {
    add: (order) => database.durably((tx) => add(database, tx, order)),

    async find(id) {
      const row = await db.selectFrom('fractals').selectAll().where('uuid', '=', id).executeTakeFirst();
      return row ? toFractal(row) : null;
    },

    async list(filter, { limit, beforeSeq, offset }) {
      let query = matching(db.selectFrom('fractals'), filter).orderBy('seq', 'desc').limit(limit);
      if (beforeSeq !== undefined) query = query.where('seq', '<', beforeSeq);
      else if (offset) query = query.offset(offset);
      // Skipping walks over the narrow index only; whole rows are read for the page alone.
      const rows = await db
        .selectFrom('fractals')
        .selectAll()
        .where('seq', 'in', (eb) => eb.selectFrom(query.select('seq').as('page')).select('page.seq'))
        .orderBy('seq', 'desc')
        .execute();
      return rows.map(toFractal);
    },

    async count(filter) {
      if (filter.idPrefix !== undefined || filter.owner !== undefined) {
        const counted = await matching(db.selectFrom('fractals'), filter)
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .executeTakeFirstOrThrow();
        return counted.n;
      }
      let query = db.selectFrom('tallies').select((eb) => eb.fn.sum<number>('fractals').as('n'));
      if (filter.state) query = query.where('state', '=', filter.state);
      return (await query.executeTakeFirstOrThrow()).n ?? 0;
    },

    cancel: (id, may = anybody) =>
      database.durably(async (tx) => {
        const row = await lockFractal(database, tx, id);
        if (!row) return 'unknown';
        if (!may(row.owner)) return 'denied';
        const moved = await moveFractal(database, tx, row, 'cancelled', { finished_at: database.can.nowMs });
        if (!moved) return 'refused';
        await trashBands(database, tx, row);
        await trashPictures(database, tx, row);
        await trashThumbnail(database, tx, row);
        const progress = progressOf(toFractal(row));
        await note(database, tx, { type: 'cancelled', uuid: id, state: 'cancelled', progress });
        return 'cancelled';
      }),

    retry: (id, plan, may = anybody) =>
      database.durably(async (tx) => {
        const row = await lockFractal(database, tx, id);
        if (!row) return 'unknown';
        if (!may(row.owner)) return 'denied';
        if (row.state !== 'failed') return 'refused';
        await drawFromTheBeginning(database, tx, row, plan);
        return 'retried';
      }),

    redraw: (id, damaged, plan) =>
      database.durably(async (tx) => {
        const row = await lockFractal(database, tx, id);
        if (!row) return 'unknown';
        if (row.state !== 'done' || row.image_key !== damaged) return 'refused';
        await trashPictures(database, tx, row);
        await trashThumbnail(database, tx, row);
        await drawFromTheBeginning(database, tx, row, plan);
        return 'redrawn';
      }),

    async outstanding(client) {
      const unfinished = FRACTAL_STATES.filter((state) => !isFinal(state));
      const { all, ofClient } = await db
        .selectNoFrom((eb) => [
          eb
            .selectFrom('tallies')
            .select((sums) => sums.fn.sum<number>('cost').as('cost'))
            .where('state', 'in', unfinished)
            .as('all'),
          eb
            .selectFrom('clients')
            .select((sums) => sums.fn.sum<number>('cost').as('cost'))
            .where('client', '=', client)
            .as('ofClient'),
        ])
        .executeTakeFirstOrThrow();
      return { all: all ?? 0, ofClient: ofClient ?? 0 };
    },

    async forgetClients() {
      await db.deleteFrom('clients').where('cost', '<=', 0).execute();
    },

    remove: (id, may = anybody) =>
      database.durably(async (tx) => {
        const row = await lockFractal(database, tx, id);
        if (!row) return 'unknown';
        if (!may(row.owner)) return 'denied';
        await takeAway(database, tx, row);
        return 'removed';
      }),
  };
}

/** @param row locked by this transaction */
export async function takeAway(database: Database, tx: Tx, row: FractalRow): Promise<void> {
  if (!isFinal(row.state)) await trashBands(database, tx, row);
  await trashPictures(database, tx, row);
  await trashThumbnail(database, tx, row);
  await tx.deleteFrom('fractals').where('seq', '=', row.seq).execute();
  await tally(tx, database.can, row, row.state, null);
  await note(database, tx, { type: 'deleted', uuid: row.uuid, state: null, progress: progressOf(toFractal(row)) });
}

const anybody = (): boolean => true;

async function add(database: Database, tx: Tx, order: NewFractal) {
  const insert = tx.insertInto('fractals').values({
    uuid: order.id,
    state: 'queued',
    spec: JSON.stringify(order.spec),
    ...rowOfPlan(order),
    cost: order.cost,
    client: order.client,
    owner: order.owner,
    created_at: database.can.nowMs,
  });
  const unlessKnown = database.can.hasOnConflict
    ? insert.onConflict((conflict) => conflict.column('uuid').doNothing())
    : insert.onDuplicateKeyUpdate({ uuid: order.id });
  await unlessKnown.execute();
  const row = await tx.selectFrom('fractals').selectAll().where('uuid', '=', order.id).executeTakeFirstOrThrow();
  // Somebody else came first, under another store key.
  if (row.store_key !== order.storeKey) return { added: false, fractal: toFractal(row) };
  await addBands(tx, row.seq, order);
  await tally(tx, database.can, row, null, 'queued');
  await note(database, tx, { type: 'ordered', uuid: order.id, state: 'queued', progress: 0 });
  return { added: true, fractal: toFractal(row) };
}

/** A fractal that came to its end is queued again, as if it had just been ordered. */
async function drawFromTheBeginning(database: Database, tx: Tx, row: FractalRow, plan: Plan): Promise<void> {
  const ending = { finished_at: null, error: null, checksum: null, size_bytes: null, image_key: null };
  await moveFractal(database, tx, row, 'queued', { ...rowOfPlan(plan), ...ending });
  await addBands(tx, row.seq, plan);
  await note(database, tx, { type: 'progress', uuid: row.uuid, state: 'queued', progress: 0 });
}

/** Waiting bands with their doorbells due, from the turn on that is served now: the lowest of those that wait, rung or not. */
export async function addBands(tx: Tx, seq: number, order: Pick<Plan, 'cut' | 'bandCost'>): Promise<void> {
  const { due, rung } = await tx
    .selectNoFrom((eb) => {
      const waiting = eb.selectFrom('bands').where('state', '=', 'waiting');
      return [
        waiting
          .select((of) => of.fn.min('due_turn').as('turn'))
          .where('due_turn', 'is not', null)
          .as('due'),
        // Only a few for each thread.
        waiting
          .select((of) => of.fn.min('turn').as('turn'))
          .where('due_turn', 'is', null)
          .as('rung'),
      ];
    })
    .executeTakeFirstOrThrow();
  const turns = turnsOf(order.cut.bands, order.bandCost, Math.min(due ?? rung ?? 0, rung ?? due ?? 0));
  const rows = turns.map((turn, band) => ({
    fractal_seq: seq,
    band,
    state: 'waiting' as const,
    attempt: 0,
    rest_until: 0,
    turn,
    due_turn: turn,
    failures: 0,
    interruptions: 0,
  }));
  for (let i = 0; i < rows.length; i += 500) {
    await tx
      .insertInto('bands')
      .values(rows.slice(i, i + 500))
      .execute();
  }
}

function matching(query: SelectQueryBuilder<Tables, 'fractals', object>, { state, idPrefix, owner }: FractalFilter) {
  let narrowed = query;
  if (state) narrowed = narrowed.where('state', '=', state);
  // A range instead of LIKE: served by the unique index of every database. 'g' comes after the last hexadecimal digit.
  if (idPrefix !== undefined) narrowed = narrowed.where('uuid', '>=', idPrefix).where('uuid', '<', `${idPrefix}g`);
  if (owner !== undefined) narrowed = narrowed.where('owner', '=', owner);
  return narrowed;
}
