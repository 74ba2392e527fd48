import { progressOf } from '../domain/fractal.ts';
import type { BandRepository, BandResult, LeaseAnswer, LeaseKey } from '../domain/repository.ts';
import { claim, claimed, claimMore } from './claims.ts';
import { checkAll, type Finished, finishAll } from './finish.ts';
import {
  type BandRow,
  type FractalRow,
  type LockedBand,
  lockBand,
  lockFractal,
  moveFractal,
  note,
  noted,
  setBand,
  toFractal,
  trashBands,
  trashPictures,
  trashThumbnail,
} from './rows.ts';
import type { Database, Tx } from './tables.ts';
import { together } from './together.ts';
import { writeAll } from './writes.ts';

const REAPED_AT_ONCE = 1000;
/** Deliveries that are written in one transaction. */
const MOST_TOGETHER = 50;

export function bandRepository(database: Database): BandRepository {
  const finish = together(
    (finished: readonly Finished[]) => database.durably((tx) => finishAll(database, tx, finished)),
    MOST_TOGETHER,
  );
  return {
    claim: (band) => database.lightly((tx) => claim(database, tx, band)),

    claimMore: (many, claimant) => claimMore(database, many, claimant),

    claimed: (tokenHash) => claimed(database, tokenHash),

    renew: (lease, leaseMs) =>
      withLease(database, lease, async (tx, { band }) => {
        if (band.state !== 'leased') return 'stale';
        await setBand(tx, band, { lease_until: band.now + leaseMs }).execute();
        return 'held';
      }),

    async places(id) {
      const rows = await database.db
        .selectFrom('bands')
        .innerJoin('fractals', 'fractals.seq', 'bands.fractal_seq')
        .select(['bands.state', 'host'])
        .where('uuid', '=', id)
        .orderBy('band')
        .execute();
      // Whoever had it before is named until another has it.
      return rows.map(({ state, host }) => ({ state, host: state === 'waiting' ? null : host }));
    },

    check: together((leases) => checkAll(database, leases), MOST_TOGETHER),

    accept: (lease, result) =>
      withLease<'progress' | 'complete' | 'again' | Exclude<LeaseAnswer, 'held'>>(database, lease, (tx, { fractal, band }) =>
        accept(database, tx, fractal, band, result),
      ),

    finish: (lease, { renderMs }, picture) => finish({ lease, renderMs, picture }),

    release: (lease) =>
      withLease(database, lease, async (tx, { band }) => {
        if (band.state !== 'leased') return 'stale';
        await setBand(tx, band, waitAgain(band, {})).execute();
        return 'held';
      }),

    fail: (lease, reason, restMs) =>
      withLease<LeaseAnswer | 'failed'>(database, lease, async (tx, { fractal, band }) => {
        if (band.state !== 'leased') return 'stale';
        const failures = band.failures + 1;
        const rest = restMs(failures);
        if (rest === null) {
          await failFractal(database, tx, fractal, reason);
          return 'failed';
        }
        await setBand(tx, band, waitAgain(band, { failures, rest_until: band.now + rest })).execute();
        return 'held';
      }),

    reap: (maxInterruptions) => reap(database, maxInterruptions),
  };
}

/** Runs `then` when the lease is the band's current attempt; its token decides, not its expiry. */
async function withLease<A>(
  database: Database,
  lease: LeaseKey,
  then: (tx: Tx, found: { fractal: FractalRow; band: LockedBand }) => Promise<A>,
): Promise<A | Exclude<LeaseAnswer, 'held'>> {
  return await database.durably(async (tx) => {
    const fractal = await lockFractal(database, tx, lease.fractal);
    if (!fractal) return 'unknown';
    if (fractal.state === 'cancelled') return 'cancelled';
    const band = await lockBand(database, tx, fractal.seq, lease.band);
    if (!band || band.attempt !== lease.attempt || band.token_hash !== lease.tokenHash) return 'stale';
    return await then(tx, { fractal, band });
  });
}

async function accept(database: Database, tx: Tx, fractal: FractalRow, band: BandRow, result: BandResult) {
  if (band.state === 'done') return band.sha256 === result.sha256 ? 'again' : 'stale';
  const set = setBand(tx, band, {
    state: 'done',
    lease_until: null,
    due_turn: null,
    rung_at: null,
    sha256: result.sha256,
    size_bytes: result.sizeBytes,
    split_bytes: result.split,
    adler: result.adler,
    mirror_adler: result.mirrorAdler,
    render_ms: result.renderMs,
  });
  const hosts = JSON.parse(fractal.hosts) as string[];
  if (band.host !== null && !hosts.includes(band.host)) hosts.push(band.host);
  const after: FractalRow = {
    ...fractal,
    bands_done: fractal.bands_done + 1,
    render_ms: fractal.render_ms + result.renderMs,
    hosts: JSON.stringify(hosts),
  };
  const { bands_done, render_ms } = after;
  const complete = bands_done === fractal.bands;
  const also = { bands_done, render_ms, hosts: after.hosts };
  // At most a hundred events a fractal, however many bands it has.
  const before = progressOf(toFractal(fractal));
  const progress = progressOf(toFractal(after));
  const isNews = complete || Math.floor(progress * 100) !== Math.floor(before * 100);
  const event = { type: 'progress', uuid: fractal.uuid, state: complete ? 'assembling' : 'rendering', progress } as const;
  const writes = [set, ...(isNews ? [noted(database, tx, [event])] : [])];
  if (complete && (await moveFractal(database, tx, fractal, 'assembling', also, writes))) return 'complete';
  const counted = tx.updateTable('fractals').set(also).where('seq', '=', fractal.seq);
  await writeAll(tx, database.can, [counted, ...writes]);
  return complete ? 'complete' : 'progress';
}

/** The columns of a band that is given up: it waits, with its doorbell due at its old turn. */
export function waitAgain(band: Pick<BandRow, 'turn'>, also: Partial<BandRow>): Partial<BandRow> {
  return { state: 'waiting', token_hash: null, lease_until: null, due_turn: band.turn, rung_at: null, ...also };
}

/** @param expected_checksum what its picture must have when it is tried again with the same engine */
export async function failFractal(
  database: Database,
  tx: Tx,
  fractal: FractalRow,
  reason: string,
  expected_checksum: string | null = null,
): Promise<void> {
  const ended = { error: reason, finished_at: database.can.nowMs, expected_checksum };
  if (!(await moveFractal(database, tx, fractal, 'failed', ended))) return;
  await trashBands(database, tx, fractal);
  await trashPictures(database, tx, fractal);
  await trashThumbnail(database, tx, fractal);
  await note(database, tx, { type: 'failed', uuid: fractal.uuid, state: 'failed', progress: progressOf(toFractal(fractal)) });
}

/** Each band in a transaction of its own, which takes the fractal's lock first, as everybody does. */
async function reap(database: Database, maxInterruptions: number): Promise<number> {
  const expired = await database.db
    .selectFrom('bands')
    .innerJoin('fractals', 'fractals.seq', 'bands.fractal_seq')
    .select(['uuid', 'band', 'attempt'])
    .where('lease_until', '<', database.can.nowMs)
    .where('bands.state', '=', 'leased')
    .limit(REAPED_AT_ONCE)
    .execute();
  let ended = 0;
  for (const { uuid, band, attempt } of expired) {
    const reaped = await database.durably(async (tx) => {
      const fractal = await lockFractal(database, tx, uuid);
      if (!fractal) return false;
      const found = await lockBand(database, tx, fractal.seq, band);
      if (found?.state !== 'leased' || found.attempt !== attempt) return false;
      // Renewed in between.
      if (found.lease_until === null || found.lease_until >= found.now) return false;
      const interruptions = found.interruptions + 1;
      // The token stays: its holder may only be slow, and a late result of the current attempt is welcome.
      await setBand(tx, found, waitAgain(found, { interruptions, token_hash: found.token_hash })).execute();
      if (interruptions < maxInterruptions) return true;
      const reason = `A part of this picture ended its worker ${maxInterruptions} times; it was given up.`;
      await failFractal(database, tx, fractal, reason);
      return true;
    });
    if (reaped) ended++;
  }
  return ended;
}
