import { type Selectable, sql } from 'kysely';
import { bandOf } from '../domain/band.ts';
import type { AssemblyBand, AssemblyRepository } from '../domain/repository.ts';
import { sharesOf } from '../domain/shares.ts';
import { bandKey } from '../domain/store.ts';
import { failFractal, waitAgain } from './bands.ts';
import { lockBand, moveFractal, note, toFractal, trashBands, trashPictures } from './rows.ts';
import { sharesText } from './shares-text.ts';
import type { Database, FractalsTable, Tx } from './tables.ts';

const PAGE = 500;
export function assemblyRepository(database: Database): AssemblyRepository {
  const { db, can } = database;
  return {
    async claim(leaseMs) {
      const waiting = (from: Database['db'] | Tx) =>
        from
          .selectFrom('fractals')
          .selectAll()
          .where('state', '=', 'assembling')
          .where((eb) => eb.or([eb('assembly_until', 'is', null), eb('assembly_until', '<', can.nowMs)]))
          .orderBy('seq')
          .limit(1);
      // Asked again and again, and mostly in vain.
      if (!(await waiting(db).executeTakeFirst())) return null;
      return await database.durably(async (tx) => {
        const row = await waiting(tx)
          .$if(can.runsSideBySide, (query) => query.forUpdate().skipLocked())
          .executeTakeFirst();
        if (!row) return null;
        const attempt = row.assembly_attempt + 1;
        await tx
          .updateTable('fractals')
          .set({ assembly_attempt: attempt, assembly_until: sqlAdd(can.nowMs, leaseMs) })
          .where('seq', '=', row.seq)
          .execute();
        return { fractal: toFractal(row), attempt, bands: (order) => doneBands(database, row, order) };
      });
    },

    async renew(id, attempt, leaseMs) {
      const renewed = await db
        .updateTable('fractals')
        .set({ assembly_until: sqlAdd(can.nowMs, leaseMs) })
        .where('uuid', '=', id)
        .where('state', '=', 'assembling')
        .where('assembly_attempt', '=', attempt)
        .executeTakeFirst();
      return renewed.numUpdatedRows === 1n;
    },

    finish: (id, attempt, picture) =>
      database.durably(async (tx) => {
        const row = await held(database, tx, id, attempt);
        if (!row) return false;
        await moveFractal(database, tx, row, 'done', {
          drawn_by: await drawnBy(tx, row.seq),
          checksum: picture.checksum,
          size_bytes: picture.sizeBytes,
          image_key: picture.key,
          sums_checksum: picture.sums?.checksum ?? null,
          expected_checksum: null,
          finished_at: can.nowMs,
          assembly_until: null,
        });
        await trashBands(database, tx, row);
        await trashPictures(database, tx, row, picture.key);
        await note(database, tx, { type: 'done', uuid: id, state: 'done', progress: 1 });
        return true;
      }),

    fail: (id, attempt, reason) =>
      database.durably(async (tx) => {
        const row = await held(database, tx, id, attempt);
        if (!row) return false;
        await failFractal(database, tx, row, reason);
        return true;
      }),

    redraw: (id, attempt, band) =>
      database.durably(async (tx) => {
        const row = await held(database, tx, id, attempt);
        if (!row) return false;
        const damaged = await lockBand(database, tx, row.seq, band);
        if (damaged?.state !== 'done') return false;
        const bands_done = row.bands_done - 1;
        const render_ms = row.render_ms - (damaged.render_ms ?? 0);
        await moveFractal(database, tx, row, 'queued', { bands_done, render_ms, assembly_until: null });
        await tx
          .updateTable('bands')
          .set(
            waitAgain(damaged, {
              sha256: null,
              size_bytes: null,
              split_bytes: null,
              adler: null,
              mirror_adler: null,
              render_ms: null,
            }),
          )
          .where('fractal_seq', '=', row.seq)
          .where('band', '=', band)
          .execute();
        await note(database, tx, { type: 'progress', uuid: id, state: 'queued', progress: bands_done / row.bands });
        return true;
      }),
  };
}

/** Who drew it: the bands are about to go. */
async function drawnBy(tx: Tx, seq: number): Promise<string> {
  const bands = await tx
    .selectFrom('bands')
    .select(['band', 'host', 'render_ms'])
    .where('fractal_seq', '=', seq)
    .where('host', 'is not', null)
    .orderBy('band')
    .execute();
  return sharesText(sharesOf(bands.map(({ band, host, render_ms }) => ({ band, host: host ?? '', renderMs: render_ms ?? 0 }))));
}

const sqlAdd = (at: Database['can']['nowMs'], ms: number) => sql<number>`${at} + ${ms}`;

async function held({ can }: Database, tx: Tx, id: string, attempt: number) {
  return await tx
    .selectFrom('fractals')
    .selectAll()
    .where('uuid', '=', id)
    .where('state', '=', 'assembling')
    .where('assembly_attempt', '=', attempt)
    .$if(can.runsSideBySide, (query) => query.forUpdate())
    .executeTakeFirst();
}

/** Page by page: a poster's bands are never in memory all at once. */
async function* doneBands({ db }: Database, row: Selectable<FractalsTable>, order: 'up' | 'down'): AsyncIterable<AssemblyBand> {
  const { spec, cut, storeKey } = toFractal(row);
  const pages = Math.ceil(cut.bands / PAGE);
  for (let turn = 0; turn < pages; turn++) {
    const from = (order === 'up' ? turn : pages - 1 - turn) * PAGE;
    const page = await db
      .selectFrom('bands')
      .selectAll()
      .where('fractal_seq', '=', row.seq)
      .where('band', '>=', from)
      .where('band', '<', from + PAGE)
      .orderBy('band', order === 'up' ? 'asc' : 'desc')
      .execute();
    for (const { band, attempt, state, sha256, size_bytes, split_bytes, adler, mirror_adler, render_ms } of page) {
      if (sha256 === null || size_bytes === null || adler === null || render_ms === null) {
        throw new Error(`Band ${band} of ${storeKey} is in state ${state} while its fractal is assembling.`);
      }
      yield {
        number: band,
        band: bandOf(spec.height, cut, band),
        key: bandKey(storeKey, band, attempt),
        sha256,
        sizeBytes: size_bytes,
        // Delivered before bands had mirror runs.
        split: split_bytes ?? size_bytes,
        adler,
        mirrorAdler: mirror_adler ?? 1,
        renderMs: render_ms,
      };
    }
  }
}
