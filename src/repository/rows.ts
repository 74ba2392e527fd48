import type { Selectable, sql } from 'kysely';
import type { Cut } from '../domain/band.ts';
import type { Fractal } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { EventType } from '../domain/repository.ts';
import type { Spec } from '../domain/spec.ts';
import { type FractalState, statesBefore } from '../domain/states.ts';
import { bandKey, type ObjectKey, pictureKey, thumbnailKey } from '../domain/store.ts';
import type { Database, FractalsTable, Tx } from './tables.ts';
import { tally } from './tally.ts';

/** What specs did not have when the first fractals were ordered, and what it is for those. */
const ADDED_LATER = { power: 2, density: 1, offset: 0, interior: null, shade: 0, samples: 1 } as const;

export const cutOfRow = (row: Pick<Selectable<FractalsTable>, 'band_rows' | 'bands' | 'mirrored'>): Cut => ({
  bandRows: row.band_rows,
  bands: row.bands,
  mirrored: row.mirrored === 1,
});

export const rowOfCut = ({ bandRows, bands, mirrored }: Cut) => ({ band_rows: bandRows, bands, mirrored: mirrored ? 1 : 0 });

export function toFractal(row: Selectable<FractalsTable>): Fractal {
  return {
    id: row.uuid as FractalId,
    seq: row.seq,
    spec: { ...ADDED_LATER, ...(JSON.parse(row.spec) as Spec) },
    state: row.state,
    cut: cutOfRow(row),
    bandsDone: row.bands_done,
    engineVersion: row.engine_version,
    storeKey: row.store_key,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    renderMs: row.render_ms,
    hosts: JSON.parse(row.hosts) as string[],
    picture:
      row.checksum !== null && row.size_bytes !== null && row.image_key !== null
        ? { checksum: row.checksum, sizeBytes: row.size_bytes, key: row.image_key as ObjectKey }
        : null,
    error: row.error,
  };
}

/**
 * Moves a fractal to another state with its tally, when the table of moves allows it.
 * @returns false when the move was refused
 */
export async function moveFractal(
  tx: Tx,
  fractal: { seq: number; state: FractalState },
  to: FractalState,
  also: Partial<Selectable<FractalsTable>> = {},
): Promise<boolean> {
  if (!statesBefore(to).includes(fractal.state)) return false;
  const moved = await tx
    .updateTable('fractals')
    .set({ ...also, state: to })
    .where('seq', '=', fractal.seq)
    .where('state', '=', fractal.state)
    .executeTakeFirst();
  if (moved.numUpdatedRows !== 1n) return false;
  await tally(tx, fractal.state, fractal.seq, -1);
  await tally(tx, to, fractal.seq, 1);
  return true;
}

export async function note(
  { can }: Database,
  tx: Tx,
  event: { type: EventType; uuid: string; state: FractalState | null; progress: number },
): Promise<void> {
  await tx
    .insertInto('events')
    .values({ ...event, at: can.nowMs })
    .execute();
}

/** Every object that the bands of a fractal may have left behind, all attempts, becomes trash; then the bands go. */
export async function trashBands({ can }: Database, tx: Tx, fractal: { seq: number; store_key: string }): Promise<void> {
  const bands = await tx.selectFrom('bands').select(['band', 'attempt']).where('fractal_seq', '=', fractal.seq).execute();
  const keys = bands.flatMap(({ band, attempt }) =>
    Array.from({ length: attempt }, (_, i) => bandKey(fractal.store_key, band, i + 1)),
  );
  await trash(tx, can.nowMs, keys);
  await tx.deleteFrom('bands').where('fractal_seq', '=', fractal.seq).execute();
}

/** The pictures that the attempts of assembling may have left behind, but for the one to keep. */
export async function trashPictures(
  { can }: Database,
  tx: Tx,
  fractal: { store_key: string; assembly_attempt: number },
  keep?: string,
): Promise<void> {
  const keys = Array.from({ length: fractal.assembly_attempt }, (_, i) => pictureKey(fractal.store_key, i + 1));
  await trash(
    tx,
    can.nowMs,
    keys.filter((key) => key !== keep),
  );
}

export async function trashThumbnail({ can }: Database, tx: Tx, fractal: { store_key: string }): Promise<void> {
  await trash(tx, can.nowMs, [thumbnailKey(fractal.store_key)]);
}

async function trash(tx: Tx, at: ReturnType<typeof sql<number>>, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += 500) {
    const values = keys.slice(i, i + 500).map((key) => ({ key, at }));
    await tx.insertInto('trash').values(values).execute();
  }
}
