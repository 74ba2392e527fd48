import type { SelectQueryBuilder } from 'kysely';
import { turnsOf } from '../domain/delivery.ts';
import { progressOf } from '../domain/fractal.ts';
import type { FractalFilter, FractalRepository, NewFractal } from '../domain/repository.ts';
import { isFinal } from '../domain/states.ts';
import { moveFractal, note, rowOfCut, toFractal, trashBands, trashPictures, trashThumbnail } from './rows.ts';
import type { Database, Tables, Tx } from './tables.ts';
import { tally } from './tally.ts';

export function fractalRepository(database: Database): FractalRepository {
  const { db } = database;
  return {
    add: (order) => db.transaction().execute((tx) => add(database, tx, order)),

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
      if (filter.idPrefix !== undefined) {
        const counted = await matching(db.selectFrom('fractals'), filter)
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .executeTakeFirstOrThrow();
        return counted.n;
      }
      let query = db.selectFrom('tallies').select((eb) => eb.fn.sum<number>('fractals').as('n'));
      if (filter.state) query = query.where('state', '=', filter.state);
      return (await query.executeTakeFirstOrThrow()).n ?? 0;
    },

    cancel: (id) =>
      db.transaction().execute(async (tx) => {
        const row = await tx.selectFrom('fractals').selectAll().where('uuid', '=', id).executeTakeFirst();
        if (!row) return 'unknown';
        const moved = await moveFractal(tx, row, 'cancelled', { finished_at: await now(database, tx) });
        if (!moved) return 'refused';
        await trashBands(database, tx, row);
        await trashPictures(database, tx, row);
        await trashThumbnail(database, tx, row);
        const progress = progressOf(toFractal(row));
        await note(database, tx, { type: 'cancelled', uuid: id, state: 'cancelled', progress });
        return 'cancelled';
      }),

    remove: (id) =>
      db.transaction().execute(async (tx) => {
        const row = await tx.selectFrom('fractals').selectAll().where('uuid', '=', id).executeTakeFirst();
        if (!row) return false;
        if (!isFinal(row.state)) await trashBands(database, tx, row);
        await trashPictures(database, tx, row);
        await trashThumbnail(database, tx, row);
        await tx.deleteFrom('fractals').where('seq', '=', row.seq).execute();
        await tally(tx, row.state, row.seq, -1);
        await note(database, tx, { type: 'deleted', uuid: id, state: null, progress: progressOf(toFractal(row)) });
        return true;
      }),
  };
}

async function add(database: Database, tx: Tx, order: NewFractal) {
  const known = await tx.selectFrom('fractals').selectAll().where('uuid', '=', order.id).executeTakeFirst();
  if (known) return { added: false, fractal: toFractal(known) };
  const row = await tx
    .insertInto('fractals')
    .values({
      uuid: order.id,
      state: 'queued',
      spec: JSON.stringify(order.spec),
      ...rowOfCut(order.cut),
      bands_done: 0,
      band_cost: order.bandCost,
      engine_version: order.engineVersion,
      store_key: order.storeKey,
      created_at: database.can.nowMs,
      render_ms: 0,
      hosts: '[]',
      assembly_attempt: 0,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await addBands(tx, row.seq, order);
  await tally(tx, 'queued', row.seq, 1);
  await note(database, tx, { type: 'ordered', uuid: order.id, state: 'queued', progress: 0 });
  return { added: true, fractal: toFractal(row) };
}

/** Waiting bands with their doorbells due, from the turn on that is served now. */
export async function addBands(tx: Tx, seq: number, order: Pick<NewFractal, 'cut' | 'bandCost'>): Promise<void> {
  const served = await tx
    .selectFrom('bands')
    .select('due_turn')
    .where('state', '=', 'waiting')
    .where('due_turn', 'is not', null)
    .orderBy('due_turn')
    .limit(1)
    .executeTakeFirst();
  const turns = turnsOf(order.cut.bands, order.bandCost, served?.due_turn ?? 0);
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

export async function now({ can }: Database, tx: Tx): Promise<number> {
  const { at } = await tx.selectNoFrom(can.nowMs.as('at')).executeTakeFirstOrThrow();
  return at;
}

function matching(query: SelectQueryBuilder<Tables, 'fractals', object>, { state, idPrefix }: FractalFilter) {
  let narrowed = query;
  if (state) narrowed = narrowed.where('state', '=', state);
  // A range instead of LIKE: served by the unique index of every database. 'g' comes after the last hexadecimal digit.
  if (idPrefix !== undefined) narrowed = narrowed.where('uuid', '>=', idPrefix).where('uuid', '<', `${idPrefix}g`);
  return narrowed;
}
