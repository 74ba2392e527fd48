import type { Selectable, sql, UpdateObject } from 'kysely';
import type { Cut } from '../domain/band.ts';
import { mayBeLarge } from '../domain/blocks.ts';
import type { Fractal, HostShare, Picture } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { EventType, Plan } from '../domain/repository.ts';
import type { Spec } from '../domain/spec.ts';
import { type FractalState, statesBefore } from '../domain/states.ts';
import { bandKey, type ObjectKey, pictureKey, sumsKeyBeside, thumbnailKey } from '../domain/store.ts';
import { pausedSince } from './pause.ts';
import { sharesOfText } from './shares-text.ts';
import type { BandsTable, Capabilities, Database, FractalsTable, Tables, Tx } from './tables.ts';
import { type Tallied, tallied } from './tally.ts';
import { type Write, writeAll } from './writes.ts';

export type FractalRow = Selectable<FractalsTable>;
export type BandRow = Selectable<BandsTable>;

/** What specs did not have when the first fractals were ordered, and what it is for those. */
const ADDED_LATER = { power: 2, density: 1, offset: 0, interior: null, shade: 0, samples: 1 } as const;

export const cutOfRow = (row: Pick<Selectable<FractalsTable>, 'band_rows' | 'bands' | 'mirrored'>): Cut => ({
  bandRows: row.band_rows,
  bands: row.bands,
  mirrored: row.mirrored === 1,
});

export const specOfRow = (row: Pick<FractalRow, 'spec'>): Spec => ({ ...ADDED_LATER, ...(JSON.parse(row.spec) as Spec) });

/** What is written when a fractal is drawn from the beginning. */
export const rowOfPlan = ({ cut: { bandRows, bands, mirrored }, bandCost, engineVersion, storeKey }: Plan) => ({
  band_rows: bandRows,
  bands,
  mirrored: mirrored ? 1 : 0,
  band_cost: bandCost,
  engine_version: engineVersion,
  store_key: storeKey,
  bands_done: 0,
  render_ms: 0,
  hosts: '[]',
  drawn_by: null,
  assembly_attempt: 0,
  assembly_until: null,
});

export function toFractal(row: FractalRow): Fractal {
  return {
    id: row.uuid as FractalId,
    seq: row.seq,
    spec: specOfRow(row),
    owner: row.owner,
    state: row.state,
    cut: cutOfRow(row),
    bandsDone: row.bands_done,
    engineVersion: row.engine_version,
    storeKey: row.store_key,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    renderMs: row.render_ms,
    hosts: JSON.parse(row.hosts) as string[],
    drawnBy: row.state === 'done' ? drawnByOf(row) : null,
    picture: row.state === 'done' ? pictureOf(row) : null,
    expectedChecksum: row.expected_checksum,
    trace: row.trace,
    error: row.error,
  };
}

/** Of the only band all is known from other columns. */
function drawnByOf({ bands, hosts, render_ms, drawn_by }: FractalRow): HostShare[] | null {
  if (drawn_by !== null) return sharesOfText(drawn_by);
  const [host] = JSON.parse(hosts) as string[];
  return bands === 1 && host !== undefined ? [{ host, bands, renderMs: render_ms, ranges: [[0, 0]] }] : null;
}

function pictureOf({ checksum, size_bytes, image_key, sums_checksum }: FractalRow): Picture | null {
  if (checksum === null || size_bytes === null || image_key === null) return null;
  const key = image_key as ObjectKey;
  const sums = sums_checksum === null ? null : { key: sumsKeyBeside(key), checksum: sums_checksum };
  return { checksum, sizeBytes: size_bytes, key, sums };
}

/**
 * Moves a fractal to another state with its tally, when the table of moves allows it.
 * @param more to be written with it
 * @returns false when the move was refused; then nothing is written
 */
export async function moveFractal(
  { can }: Database,
  tx: Tx,
  fractal: Tallied & { readonly state: FractalState },
  to: FractalState,
  also: UpdateObject<Tables, 'fractals'> = {},
  more: readonly Write[] = [],
): Promise<boolean> {
  if (!statesBefore(to).includes(fractal.state)) return false;
  const move = tx
    .updateTable('fractals')
    .set({ ...also, state: to })
    .where('seq', '=', fractal.seq)
    .where('state', '=', fractal.state);
  const bytes = typeof also.size_bytes === 'number' ? also.size_bytes : fractal.size_bytes;
  // Its row is locked, or writers take turns: its state is what was read.
  const tallies = tallied(tx, can, [{ ...fractal, size_bytes: bytes }], fractal.state, to);
  await writeAll(tx, can, [move, ...more, ...tallies]);
  return true;
}

export type NewEvent = { type: EventType; uuid: string; state: FractalState | null; progress: number };

/** Events, in this order. */
export function noted({ can }: Database, tx: Tx, events: readonly NewEvent[]): Write {
  return tx.insertInto(can.runsSideBySide ? 'outbox' : 'events').values(events.map((event) => ({ ...event, at: can.nowMs })));
}

export async function note(database: Database, tx: Tx, event: NewEvent): Promise<void> {
  await noted(database, tx, [event]).execute();
}

/** Every object that the bands of a fractal may have left behind, all attempts, becomes trash; then the bands go. */
export async function trashBands({ can }: Database, tx: Tx, fractal: { seq: number; store_key: string }): Promise<void> {
  const bands = await tx
    .selectFrom('bands')
    .select(['band', 'attempt'])
    .where('fractal_seq', '=', fractal.seq)
    .$if(can.runsSideBySide, (query) => query.forUpdate())
    .execute();
  const keys = bands.flatMap(({ band, attempt }) =>
    Array.from({ length: attempt }, (_, i) => bandKey(fractal.store_key, band, i + 1)),
  );
  await trash(tx, can.nowMs, keys);
  await tx.deleteFrom('bands').where('fractal_seq', '=', fractal.seq).execute();
}

/** The pictures that the attempts may have left behind, but for the one to keep. Of a fractal that is done those were trash before: its picture is left. */
export async function trashPictures(
  { can }: Database,
  tx: Tx,
  fractal: Pick<FractalRow, 'store_key' | 'assembly_attempt' | 'image_key' | 'spec'>,
  keep?: string,
): Promise<void> {
  const { store_key, assembly_attempt, image_key } = fractal;
  const every =
    image_key !== null
      ? [image_key as ObjectKey]
      : Array.from({ length: assembly_attempt }, (_, i) => pictureKey(store_key, i + 1));
  const keys = every.filter((key) => key !== keep);
  const sums = keys.length > 0 && mayBeLarge(specOfRow(fractal)) ? keys.map(sumsKeyBeside) : [];
  await trash(tx, can.nowMs, [...keys, ...sums]);
}

export async function trashThumbnail({ can }: Database, tx: Tx, fractal: { store_key: string }): Promise<void> {
  await trash(tx, can.nowMs, [thumbnailKey(fractal.store_key)]);
}

export async function trash(tx: Tx, at: ReturnType<typeof sql<number>>, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += 500) {
    const values = keys.slice(i, i + 500).map((key) => ({ key, at }));
    await tx.insertInto('trash').values(values).execute();
  }
}

/** A fractal's row, locked until the transaction ends where others run beside it: whoever moves a fractal or its bands takes this lock first. */
export async function lockFractal({ can }: Database, tx: Tx, uuid: string): Promise<FractalRow | undefined> {
  return await tx
    .selectFrom('fractals')
    .selectAll()
    .where('uuid', '=', uuid)
    .$if(can.runsSideBySide, (query) => query.forUpdate())
    .executeTakeFirst();
}

/** A band's row and the database's time. */
export type LockedBand = BandRow & { readonly now: number };

/** A band's row, locked as well; the fractal's lock comes first. */
export async function lockBand({ can }: Database, tx: Tx, fractalSeq: number, band: number): Promise<LockedBand | undefined> {
  return await lockedBand(can, tx, fractalSeq, band).executeTakeFirst();
}

/** The same, with what decides whether it may be claimed. */
export async function lockBandToClaim({ can }: Database, tx: Tx, fractalSeq: number, band: number) {
  return await lockedBand(can, tx, fractalSeq, band).select(pausedSince(can)).executeTakeFirst();
}

const lockedBand = (can: Capabilities, tx: Tx, fractalSeq: number, band: number) =>
  tx
    .selectFrom('bands')
    .selectAll()
    .select(can.nowMs.as('now'))
    .where('fractal_seq', '=', fractalSeq)
    .where('band', '=', band)
    .$if(can.runsSideBySide, (query) => query.forUpdate());

/** Changes of a band, while it is the same attempt's. */
export function setBand(tx: Tx, band: BandRow, set: Partial<BandRow>): Write {
  return tx
    .updateTable('bands')
    .set(set)
    .where('fractal_seq', '=', band.fractal_seq)
    .where('band', '=', band.band)
    .where('attempt', '=', band.attempt);
}
