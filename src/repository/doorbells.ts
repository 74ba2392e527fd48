import type { FractalId } from '../domain/ids.ts';
import type { DoorbellRepository, NewFractal } from '../domain/repository.ts';
import type { Spec } from '../domain/spec.ts';
import { addBands } from './fractals.ts';
import { moveFractal, note, rowOfCut, toFractal, trashBands, trashPictures, trashThumbnail } from './rows.ts';
import type { Database, Tx } from './tables.ts';

export function doorbellRepository(database: Database): DoorbellRepository {
  const { db, can } = database;
  return {
    takeDue: (limit) =>
      database.lightly(async (tx) => {
        const due = await tx
          .selectFrom('bands')
          .innerJoin('fractals', 'fractals.seq', 'bands.fractal_seq')
          .select(['uuid', 'fractal_seq', 'band'])
          .where('bands.state', '=', 'waiting')
          .where('due_turn', 'is not', null)
          .where('rest_until', '<=', can.nowMs)
          .orderBy('due_turn')
          .orderBy('fractal_seq')
          .orderBy('band')
          .limit(limit)
          .execute();
        for (const { fractal_seq, band } of due) {
          await tx
            .updateTable('bands')
            .set({ due_turn: null })
            .where('fractal_seq', '=', fractal_seq)
            .where('band', '=', band)
            .execute();
        }
        return due.map(({ uuid, band }) => ({ fractal: uuid as FractalId, band }));
      }),

    async countRung() {
      const counted = await db
        .selectFrom('bands')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('state', '=', 'waiting')
        .where('due_turn', 'is', null)
        .executeTakeFirstOrThrow();
      return counted.n;
    },

    ringAgain: () => db.transaction().execute(ringAgain),

    recover: (engineVersion, recut) =>
      db.transaction().execute(async (tx) => {
        await tx
          .updateTable('bands')
          .set((eb) => ({ state: 'waiting', token_hash: null, lease_until: null, due_turn: eb.ref('turn') }))
          .where('state', '=', 'leased')
          .execute();
        await ringAgain(tx);
        await tx.updateTable('fractals').set({ assembly_until: null }).where('state', '=', 'assembling').execute();
        await startOver(database, tx, engineVersion, recut);
      }),
  };
}

async function ringAgain(tx: Tx): Promise<number> {
  const rung = await tx
    .updateTable('bands')
    .set((eb) => ({ due_turn: eb.ref('turn') }))
    .where('state', '=', 'waiting')
    .where('due_turn', 'is', null)
    .executeTakeFirst();
  return Number(rung.numUpdatedRows);
}

/** One picture comes from one engine version: what another version began is drawn again from the first band. */
async function startOver(
  database: Database,
  tx: Tx,
  engineVersion: string,
  recut: (spec: Spec) => Pick<NewFractal, 'cut' | 'bandCost'>,
): Promise<void> {
  const outdated = await tx
    .selectFrom('fractals')
    .selectAll()
    .where('state', 'in', ['queued', 'rendering', 'assembling'])
    .where('engine_version', '!=', engineVersion)
    .execute();
  for (const row of outdated) {
    await trashBands(database, tx, row);
    await trashPictures(database, tx, row);
    await trashThumbnail(database, tx, row);
    const order = recut(toFractal(row).spec);
    const fresh = {
      engine_version: engineVersion,
      ...rowOfCut(order.cut),
      band_cost: order.bandCost,
      // The attempts begin again at 1: under the old names the new bands would be swept with the old.
      store_key: `${row.uuid}-${crypto.randomUUID().slice(0, 8)}`,
      assembly_attempt: 0,
      bands_done: 0,
      render_ms: 0,
      hosts: '[]',
    };
    if (row.state === 'queued') await tx.updateTable('fractals').set(fresh).where('seq', '=', row.seq).execute();
    else await moveFractal(tx, row, 'queued', fresh);
    await addBands(tx, row.seq, order);
    await note(database, tx, { type: 'progress', uuid: row.uuid, state: 'queued', progress: 0 });
  }
}
