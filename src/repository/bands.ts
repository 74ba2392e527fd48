import { bandOf } from '../domain/band.ts';
import { progressOf } from '../domain/fractal.ts';
import type { BandRepository, BandResult, LeaseAnswer, LeaseKey, Standing } from '../domain/repository.ts';
import {
  type BandRow,
  cutOfRow,
  type FractalRow,
  type LockedBand,
  lockBand,
  lockFractal,
  moveFractal,
  note,
  specOfRow,
  toFractal,
  trashBands,
  trashThumbnail,
} from './rows.ts';
import type { Database, Tx } from './tables.ts';

const REAPED_AT_ONCE = 1000;

export function bandRepository(database: Database): BandRepository {
  return {
    // A claim that was undone is claimed again, under another token, so that nothing of the first is taken.
    claim: ({ fractal, band, tokenHash, leaseMs, host, engineVersion }) =>
      database.lightly(async (tx) => {
        const row = await lockFractal(database, tx, fractal);
        if (!row || row.engine_version !== engineVersion) return null;
        if (row.state !== 'queued' && row.state !== 'rendering') return null;
        const found = await lockBand(database, tx, row.seq, band);
        if (!found) return null;
        const isRepeated = found.state === 'leased' && found.token_hash === tokenHash;
        if (!isRepeated && (found.state !== 'waiting' || found.rest_until > found.now)) return null;
        const attempt = isRepeated ? found.attempt : found.attempt + 1;
        await setBand(tx, found, {
          state: 'leased',
          attempt,
          token_hash: tokenHash,
          host,
          lease_until: found.now + leaseMs,
          due_turn: null,
          rung_at: null,
        });
        if (row.state === 'queued') {
          await moveFractal(database, tx, row, 'rendering');
          await note(database, tx, { type: 'progress', uuid: fractal, state: 'rendering', progress: progressOf(toFractal(row)) });
        }
        const claimed = toFractal({ ...row, state: 'rendering' });
        return { fractal: claimed, band: bandOf(claimed.spec.height, claimed.cut, band), attempt };
      }),

    renew: (lease, leaseMs) =>
      withLease(database, lease, async (tx, { band }) => {
        if (band.state !== 'leased') return 'stale';
        await setBand(tx, band, { lease_until: band.now + leaseMs });
        return 'held';
      }),

    check: (lease) => check(database, lease),

    accept: (lease, result) =>
      withLease<'progress' | 'complete' | 'again' | Exclude<LeaseAnswer, 'held'>>(database, lease, (tx, { fractal, band }) =>
        accept(database, tx, fractal, band, result),
      ),

    release: (lease) =>
      withLease(database, lease, async (tx, { band }) => {
        if (band.state !== 'leased') return 'stale';
        await setBand(tx, band, waitAgain(band, {}));
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
        await setBand(tx, band, waitAgain(band, { failures, rest_until: band.now + rest }));
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

/** Without a lock: accept judges again. */
async function check({ db }: Database, lease: LeaseKey): Promise<Standing> {
  const row = await db
    .selectFrom('fractals')
    .leftJoin('bands', (join) => join.onRef('bands.fractal_seq', '=', 'fractals.seq').on('bands.band', '=', lease.band))
    .select(['fractals.state as fractal_state', 'spec', 'band_rows', 'fractals.bands', 'mirrored', 'store_key'])
    .select(['bands.state', 'attempt', 'token_hash'])
    .where('uuid', '=', lease.fractal)
    .executeTakeFirst();
  if (!row) return { answer: 'unknown' };
  if (row.fractal_state === 'cancelled') return { answer: 'cancelled' };
  if (row.attempt !== lease.attempt || row.token_hash !== lease.tokenHash) return { answer: 'stale' };
  const spec = specOfRow(row);
  const band = bandOf(spec.height, cutOfRow(row), lease.band);
  return { answer: row.state === 'done' ? 'done' : 'held', spec, band, storeKey: row.store_key };
}

async function accept(database: Database, tx: Tx, fractal: FractalRow, band: BandRow, result: BandResult) {
  if (band.state === 'done') return band.sha256 === result.sha256 ? 'again' : 'stale';
  await setBand(tx, band, {
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
  if (complete) await moveFractal(database, tx, fractal, 'assembling', also);
  else await tx.updateTable('fractals').set(also).where('seq', '=', fractal.seq).execute();
  // At most a hundred events a fractal, however many bands it has.
  const before = progressOf(toFractal(fractal));
  const progress = progressOf(toFractal(after));
  if (complete || Math.floor(progress * 100) !== Math.floor(before * 100)) {
    await note(database, tx, { type: 'progress', uuid: fractal.uuid, state: complete ? 'assembling' : 'rendering', progress });
  }
  return complete ? 'complete' : 'progress';
}

/** The columns of a band that is given up: it waits, with its doorbell due at its old turn. */
export function waitAgain(band: Pick<BandRow, 'turn'>, also: Partial<BandRow>): Partial<BandRow> {
  return { state: 'waiting', token_hash: null, lease_until: null, due_turn: band.turn, rung_at: null, ...also };
}

async function setBand(tx: Tx, band: BandRow, set: Partial<BandRow>): Promise<void> {
  await tx
    .updateTable('bands')
    .set(set)
    .where('fractal_seq', '=', band.fractal_seq)
    .where('band', '=', band.band)
    .where('attempt', '=', band.attempt)
    .execute();
}

async function failFractal(database: Database, tx: Tx, fractal: FractalRow, reason: string): Promise<void> {
  const ended = { error: reason, finished_at: database.can.nowMs };
  if (!(await moveFractal(database, tx, fractal, 'failed', ended))) return;
  await trashBands(database, tx, fractal);
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
      await setBand(tx, found, waitAgain(found, { interruptions, token_hash: found.token_hash }));
      if (interruptions < maxInterruptions) return true;
      const reason = `A part of this picture ended its worker ${maxInterruptions} times; it was given up.`;
      await failFractal(database, tx, fractal, reason);
      return true;
    });
    if (reaped) ended++;
  }
  return ended;
}
