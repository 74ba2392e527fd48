import { type InsertQueryBuilder, sql } from 'kysely';
import { turnsOf } from '../domain/delivery.ts';
import { progressOf } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { FractalRepository, NewFractal, Plan } from '../domain/repository.ts';
import { FRACTAL_STATES, isFinal } from '../domain/states.ts';
import { countKinds, listFractals, matching } from './list.ts';
import {
  type FractalRow,
  lockFractal,
  moveFractal,
  note,
  noted,
  rowOfPlan,
  toFractal,
  trashBands,
  trashPictures,
  trashThumbnail,
} from './rows.ts';
import type { Database, Tables, Tx } from './tables.ts';
import { tallied } from './tally.ts';
import { together } from './together.ts';
import { type Write, writeAll } from './writes.ts';

/** Orders that are written in one transaction; calls that are answered by one query. */
const MOST_TOGETHER = 100;
const FORGOTTEN_AT_ONCE = 1000;
const UNFINISHED = FRACTAL_STATES.filter((state) => !isFinal(state));

export function fractalRepository(database: Database): FractalRepository {
  const { db } = database;
  return {
    add: together((orders) => database.durably((tx) => addAll(database, tx, orders)), MOST_TOGETHER),

    async find(id) {
      const row = await db.selectFrom('fractals').selectAll().where('uuid', '=', id).executeTakeFirst();
      return row ? toFractal(row) : null;
    },

    list: (filter, page) => listFractals(database, filter, page),

    async count(filter) {
      if (filter.idPrefix === undefined) return await countKinds(database, filter);
      const counted = await matching(db.selectFrom('fractals'), filter)
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return counted.n;
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
        // A damaged picture that could not be drawn again was kept.
        if (row.image_key !== null) {
          await trashPictures(database, tx, row);
          await trashThumbnail(database, tx, row);
        }
        const isSameEngine = plan.engineVersion === row.engine_version;
        await drawFromTheBeginning(database, tx, row, plan, isSameEngine ? row.expected_checksum : null);
        return 'retried';
      }),

    redraw: (id, damaged, plan) =>
      database.durably(async (tx) => {
        const row = await lockFractal(database, tx, id);
        if (!row) return 'unknown';
        if (row.state !== 'done' || row.image_key !== damaged) return 'refused';
        await trashPictures(database, tx, row);
        await trashThumbnail(database, tx, row);
        await drawFromTheBeginning(database, tx, row, plan, row.checksum);
        return 'redrawn';
      }),

    condemn: (id, damaged, reason) =>
      database.durably(async (tx) => {
        const row = await lockFractal(database, tx, id);
        if (!row) return 'unknown';
        if (row.state !== 'done' || row.image_key !== damaged) return 'refused';
        await moveFractal(database, tx, row, 'failed', {
          error: reason,
          finished_at: database.can.nowMs,
          expected_checksum: row.checksum,
        });
        await note(database, tx, { type: 'failed', uuid: id, state: 'failed', progress: progressOf(toFractal(row)) });
        return 'condemned';
      }),

    async addSums(id, picture, { checksum }) {
      const added = await db
        .updateTable('fractals')
        .set({ sums_checksum: checksum })
        .where('uuid', '=', id)
        .where('state', '=', 'done')
        .where('image_key', '=', picture)
        .executeTakeFirst();
      return added.numUpdatedRows === 1n;
    },

    async finishedAfter(seq, limit) {
      const rows = await db
        .selectFrom('fractals')
        .selectAll()
        .where('state', '=', 'done')
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(toFractal);
    },

    outstanding: together(async (clients: readonly string[]) => {
      const known = [...new Set(clients)];
      // One statement, for every order waits for it. The row without a client is that of all.
      const rows = await db
        .selectFrom('tallies')
        .select((eb) => [sql<string | null>`null`.as('client'), eb.fn.sum<number | null>('cost').as('cost')])
        .where('state', 'in', UNFINISHED)
        .unionAll(
          db
            .selectFrom('clients')
            .select((eb) => ['client', eb.fn.sum<number | null>('cost').as('cost')])
            .where('client', 'in', known)
            .groupBy('client'),
        )
        .execute();
      const costs = new Map(rows.map(({ client, cost }) => [client, cost ?? 0]));
      return clients.map((client) => ({ all: costs.get(null) ?? 0, ofClient: costs.get(client) ?? 0 }));
    }, MOST_TOGETHER),

    forgetClients: () => forgetClients(database),

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
  const deleted = { type: 'deleted', uuid: row.uuid, state: null, progress: progressOf(toFractal(row)) } as const;
  const tallies = tallied(tx, database.can, [row], row.state, null);
  await writeAll(tx, database.can, [noted(database, tx, [deleted]), ...tallies]);
}

const anybody = (): boolean => true;

/** As many orders as came together: each is answered as if it were alone. */
async function addAll(database: Database, tx: Tx, orders: readonly NewFractal[]) {
  const insert = tx.insertInto('fractals').values(
    orders.map((order) => ({
      uuid: order.id,
      state: 'queued' as const,
      spec: JSON.stringify(order.spec),
      formula: order.spec.formula,
      palette: order.spec.palette,
      ...rowOfPlan(order),
      cost: order.cost,
      client: order.client,
      owner: order.owner,
      trace: order.trace ?? null,
      created_at: database.can.nowMs,
    })),
  );
  const rowOf = await insertUnlessKnown(
    database,
    tx,
    orders.map(({ id }) => id),
    insert,
  );
  const written = orders.map((order) => {
    const row = rowOf.get(order.id)!;
    // Else somebody came first, under another store key.
    return { order, row, added: row.store_key === order.storeKey };
  });
  const added = written.filter((each) => each.added);
  if (added.length > 0) {
    const turn = await currentTurn(tx);
    const bands = added.flatMap(({ order, row }) => bandRows(row.seq, order, turn));
    const events = added.map(({ order: { id } }) => ({ type: 'ordered', uuid: id, state: 'queued', progress: 0 }) as const);
    const tallies = tallied(
      tx,
      database.can,
      added.map(({ row }) => row),
      null,
      'queued',
    );
    await writeAll(tx, database.can, [...insertBands(tx, bands), noted(database, tx, events), ...tallies]);
  }
  return written.map(({ row, added }) => ({ added, fractal: toFractal(row) }));
}

/** @returns the rows of all, of those that were there before too, by uuid */
async function insertUnlessKnown(
  { can }: Database,
  tx: Tx,
  ids: readonly FractalId[],
  insert: InsertQueryBuilder<Tables, 'fractals', unknown>,
): Promise<Map<string, FractalRow>> {
  const byUuid = (rows: readonly FractalRow[]) => new Map(rows.map((row) => [row.uuid, row]));
  if (can.hasOnConflict) {
    const unlessKnown = insert.onConflict((conflict) => conflict.column('uuid').doNothing());
    const inserted = await unlessKnown.returningAll().execute();
    // The usual case, and a journey to the database less.
    if (inserted.length === new Set(ids).size) return byUuid(inserted);
  } else await insert.onDuplicateKeyUpdate({ uuid: sql`fractals.uuid` }).execute();
  return byUuid(await tx.selectFrom('fractals').selectAll().where('uuid', 'in', ids).execute());
}

/** Clients of whom nothing is outstanding. Only the sum over a client's slots counts: rows that make nothing together go together. */
async function forgetClients(database: Database): Promise<void> {
  const { db, can } = database;
  const idle = await db
    .selectFrom('clients')
    .select('client')
    .groupBy('client')
    .having((eb) => eb(eb.fn.sum<number>('cost'), '=', 0))
    .limit(FORGOTTEN_AT_ONCE)
    .execute();
  for (const { client } of idle) {
    await database.durably(async (tx) => {
      const slots = await tx
        .selectFrom('clients')
        .select(['slot', 'cost'])
        .where('client', '=', client)
        .orderBy('slot')
        .$if(can.runsSideBySide, (query) => query.forUpdate())
        .execute();
      if (slots.length === 0 || slots.reduce((sum, { cost }) => sum + cost, 0) !== 0) return;
      const gone = slots.map(({ slot }) => slot);
      await tx.deleteFrom('clients').where('client', '=', client).where('slot', 'in', gone).execute();
    });
  }
}

/** A fractal that came to its end is queued again, as if it had just been ordered. @param expected_checksum which its picture must have then */
async function drawFromTheBeginning(
  database: Database,
  tx: Tx,
  row: FractalRow,
  plan: Plan,
  expected_checksum: string | null,
): Promise<void> {
  const ending = { finished_at: null, error: null, checksum: null, size_bytes: null, image_key: null, sums_checksum: null };
  await moveFractal(database, tx, row, 'queued', { ...rowOfPlan(plan), ...ending, expected_checksum });
  await addBands(tx, row.seq, plan);
  await note(database, tx, { type: 'progress', uuid: row.uuid, state: 'queued', progress: 0 });
}

/** Waiting bands with their doorbells due. */
export async function addBands(tx: Tx, seq: number, order: Pick<Plan, 'cut' | 'bandCost'>): Promise<void> {
  for (const insert of insertBands(tx, bandRows(seq, order, await currentTurn(tx)))) await insert.execute();
}

/** The turn that is served now: the lowest of those that wait, rung or not. */
async function currentTurn(tx: Tx): Promise<number> {
  const { due, rung } = await tx
    .selectNoFrom((eb) => {
      const waiting = eb.selectFrom('bands').where('state', '=', 'waiting');
      return [
        // Not min(): MariaDB would read all that wait, where this reads the first of the index.
        waiting.select('due_turn as turn').where('due_turn', 'is not', null).orderBy('due_turn').limit(1).as('due'),
        // Only a few for each thread.
        waiting
          .select((of) => of.fn.min('turn').as('turn'))
          .where('due_turn', 'is', null)
          .as('rung'),
      ];
    })
    .executeTakeFirstOrThrow();
  return Math.min(due ?? rung ?? 0, rung ?? due ?? 0);
}

function bandRows(seq: number, { cut, bandCost }: Pick<Plan, 'cut' | 'bandCost'>, currentTurn: number) {
  return turnsOf(cut.bands, bandCost, currentTurn).map((turn, band) => ({
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
}

function insertBands(tx: Tx, rows: ReturnType<typeof bandRows>): Write[] {
  const chunks = Array.from({ length: Math.ceil(rows.length / 500) }, (_, i) => rows.slice(i * 500, (i + 1) * 500));
  return chunks.map((chunk) => tx.insertInto('bands').values(chunk));
}
