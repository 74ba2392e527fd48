import { sql } from 'kysely';
import type { FractalId } from '../domain/ids.ts';
import type { DoorbellRepository } from '../domain/repository.ts';
import { failFractal } from './bands.ts';
import { addBands } from './fractals.ts';
import { lockFractal, moveFractal, note, rowOfPlan, toFractal, trashBands, trashPictures, trashThumbnail } from './rows.ts';
import type { Database, Tx } from './tables.ts';

const UNFINISHED = ['queued', 'rendering', 'assembling'] as const;
const STARTED_OVER_AT_ONCE = 100;

export function doorbellRepository(database: Database): DoorbellRepository {
  const { db, can } = database;
  return {
    takeDue: (limit) => database.lightly((tx) => takeDue(database, tx, limit)),

    async findOvertaking(doorbell, engineVersion) {
      const own = await db
        .selectFrom('bands')
        .innerJoin('fractals', 'fractals.seq', 'bands.fractal_seq')
        .select(['turn', 'seq'])
        .where('uuid', '=', doorbell.fractal)
        .where('band', '=', doorbell.band)
        .executeTakeFirst();
      if (!own) return null;
      const waiting = waitingBefore(database, own, engineVersion);
      const due = await waiting
        .where('due_turn', '<', own.turn)
        .orderBy('due_turn')
        .orderBy('seq')
        .orderBy('band')
        .executeTakeFirst();
      // Only a few for each thread.
      const rung = await waiting.where('due_turn', 'is', null).orderBy('turn').orderBy('seq').orderBy('band').executeTakeFirst();
      const first = due && rung ? (rung.turn <= due.turn ? rung : due) : (due ?? rung);
      return first ? { fractal: first.uuid as FractalId, band: first.band } : null;
    },

    async findNeglected(engineVersion, minAgeMs) {
      const oldest = await db
        .selectFrom('fractals')
        .select(['seq', 'uuid'])
        .where('state', 'in', ['queued', 'rendering'])
        .where('engine_version', '=', engineVersion)
        .where('created_at', '<=', sql<number>`${can.nowMs} - ${minAgeMs}`)
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst();
      if (!oldest) return null;
      const bands = await db
        .selectFrom('bands')
        .select(['band', 'state'])
        .where('fractal_seq', '=', oldest.seq)
        .where('state', 'in', ['waiting', 'leased'])
        .where('rest_until', '<=', can.nowMs)
        .orderBy('band')
        .execute();
      const [first] = bands;
      if (!first || bands.some(({ state }) => state === 'leased')) return null;
      return { fractal: oldest.uuid as FractalId, band: first.band };
    },

    async putBack({ fractal, band }) {
      await db
        .updateTable('bands')
        .set((eb) => ({ due_turn: eb.ref('turn'), rung_at: null }))
        .where('fractal_seq', '=', (eb) => eb.selectFrom('fractals').select('seq').where('uuid', '=', fractal))
        .where('band', '=', band)
        .where('state', '=', 'waiting')
        .where('due_turn', 'is', null)
        .execute();
    },

    async countRung(minAgeMs = 0) {
      const counted = await db
        .selectFrom('bands')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('state', '=', 'waiting')
        .where('due_turn', 'is', null)
        .where(sql<number>`coalesce(rung_at, 0)`, '<=', sql<number>`${can.nowMs} - ${minAgeMs}`)
        .executeTakeFirstOrThrow();
      return counted.n;
    },

    ringAgain: (minAgeMs = 0) => database.durably((tx) => ringAgain(database, tx, minAgeMs)),

    recover: () =>
      database.durably(async (tx) => {
        await tx
          .updateTable('bands')
          .set((eb) => ({ state: 'waiting', token_hash: null, lease_until: null, due_turn: eb.ref('turn'), rung_at: null }))
          .where('state', '=', 'leased')
          .execute();
        await ringAgain(database, tx, 0);
        await tx.updateTable('fractals').set({ assembly_until: null }).where('state', '=', 'assembling').execute();
      }),

    async startOver(living, plan) {
      const outdated = await db
        .selectFrom('fractals')
        .select(['uuid', 'engine_version'])
        .where('state', 'in', UNFINISHED)
        .where('engine_version', 'not in', living)
        .orderBy('seq')
        .limit(STARTED_OVER_AT_ONCE)
        .execute();
      for (const { uuid, engine_version } of outdated) {
        await database.durably(async (tx) => {
          const row = await lockFractal(database, tx, uuid);
          // Another process was faster.
          if (!row || row.engine_version !== engine_version || !UNFINISHED.some((state) => state === row.state)) return;
          const fresh = plan(toFractal(row));
          if ('reason' in fresh) return await failFractal(database, tx, row, fresh.reason, row.expected_checksum);
          await trashPictures(database, tx, row);
          await trashBands(database, tx, row);
          await trashThumbnail(database, tx, row);
          if (row.state === 'queued') await tx.updateTable('fractals').set(rowOfPlan(fresh)).where('seq', '=', row.seq).execute();
          else await moveFractal(database, tx, row, 'queued', rowOfPlan(fresh));
          await addBands(tx, row.seq, fresh);
          await note(database, tx, { type: 'progress', uuid, state: 'queued', progress: 0 });
        });
      }
      return outdated.length;
    },
  };
}

const waitingBefore = ({ db, can }: Database, own: { turn: number; seq: number }, engineVersion: string) =>
  db
    .selectFrom('bands')
    .innerJoin('fractals', 'fractals.seq', 'bands.fractal_seq')
    .select(['uuid', 'band', 'turn'])
    .where('bands.state', '=', 'waiting')
    .where('turn', '<', own.turn)
    .where('fractal_seq', '!=', own.seq)
    .where('rest_until', '<=', can.nowMs)
    .where('engine_version', '=', engineVersion)
    .limit(1);

/** Several processes may take at the same time: each takes others. */
async function takeDue({ can }: Database, tx: Tx, limit: number) {
  const due = await tx
    .selectFrom('bands')
    .select(['fractal_seq', 'band'])
    // One that is rung just before the queue is paused is due again when it was heard: see claims.ts.
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('pause').select('id').where('since', 'is not', null))))
    .where('state', '=', 'waiting')
    .where('due_turn', 'is not', null)
    .where('rest_until', '<=', can.nowMs)
    .orderBy('due_turn')
    .orderBy('fractal_seq')
    .orderBy('band')
    .limit(limit)
    .$if(can.runsSideBySide, (query) => query.forUpdate().skipLocked())
    .execute();
  if (due.length === 0) return [];
  await tx
    .updateTable('bands')
    .set({ due_turn: null, rung_at: can.nowMs })
    // Not as pairs: MariaDB would walk over the whole table.
    .where((eb) => eb.or(due.map(({ fractal_seq, band }) => eb.and({ fractal_seq, band }))))
    .execute();
  const seqs = [...new Set(due.map(({ fractal_seq }) => fractal_seq))];
  const fractals = await tx.selectFrom('fractals').select(['seq', 'uuid', 'trace']).where('seq', 'in', seqs).execute();
  const found = new Map(fractals.map((fractal) => [fractal.seq, fractal]));
  return due.map(({ fractal_seq, band }) => {
    const { uuid, trace } = found.get(fractal_seq)!;
    return { fractal: uuid as FractalId, band, ...(trace !== null && { trace }) };
  });
}

async function ringAgain({ can }: Database, tx: Tx, minAgeMs: number): Promise<number> {
  const rung = await tx
    .updateTable('bands')
    .set((eb) => ({ due_turn: eb.ref('turn'), rung_at: null }))
    .where('state', '=', 'waiting')
    .where('due_turn', 'is', null)
    .where(sql<number>`coalesce(rung_at, 0)`, '<=', sql<number>`${can.nowMs} - ${minAgeMs}`)
    .executeTakeFirst();
  return Number(rung.numUpdatedRows);
}
