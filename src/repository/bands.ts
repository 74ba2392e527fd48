import type { Selectable } from 'kysely';
import { bandOf } from '../domain/band.ts';
import { progressOf } from '../domain/fractal.ts';
import type { BandRepository, BandResult, LeaseAnswer, LeaseKey } from '../domain/repository.ts';
import { now } from './fractals.ts';
import { moveFractal, note, toFractal, trashBands, trashThumbnail } from './rows.ts';
import type { BandsTable, Database, FractalsTable, Tx } from './tables.ts';

type BandRow = Selectable<BandsTable>;
type FractalRow = Selectable<FractalsTable>;

export function bandRepository(database: Database): BandRepository {
  return {
    // A claim that was undone is claimed again, under another token, so that nothing of the first is taken.
    claim: ({ fractal, band, tokenHash, leaseMs, host, engineVersion }) =>
      database.lightly(async (tx) => {
        const row = await tx.selectFrom('fractals').selectAll().where('uuid', '=', fractal).executeTakeFirst();
        if (!row || row.engine_version !== engineVersion) return null;
        if (row.state !== 'queued' && row.state !== 'rendering') return null;
        const at = await now(database, tx);
        const claimed = await tx
          .updateTable('bands')
          .set((eb) => ({
            state: 'leased',
            attempt: eb('attempt', '+', 1),
            token_hash: tokenHash,
            host,
            lease_until: at + leaseMs,
            due_turn: null,
          }))
          .where('fractal_seq', '=', row.seq)
          .where('band', '=', band)
          .where('state', '=', 'waiting')
          .where('rest_until', '<=', at)
          .returning('attempt')
          .executeTakeFirst();
        if (!claimed) return null;
        if (row.state === 'queued') {
          await moveFractal(tx, row, 'rendering');
          await note(database, tx, { type: 'progress', uuid: fractal, state: 'rendering', progress: progressOf(toFractal(row)) });
        }
        const found = toFractal({ ...row, state: 'rendering' });
        return { fractal: found, band: bandOf(found.spec.height, found.cut, band), attempt: claimed.attempt };
      }),

    renew: (lease, leaseMs) =>
      withLease(database, lease, async (tx, { band }) => {
        if (band.state !== 'leased') return 'stale';
        await setBand(tx, band, { lease_until: (await now(database, tx)) + leaseMs });
        return 'held';
      }),

    check: (lease) =>
      withLease<LeaseAnswer | 'done'>(database, lease, async (_tx, { band }) => (band.state === 'done' ? 'done' : 'held')),

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
        await setBand(tx, band, waitAgain(band, { failures, rest_until: (await now(database, tx)) + rest }));
        return 'held';
      }),

    reap: (maxInterruptions) => reap(database, maxInterruptions),
  };
}

/** Runs `then` when the lease is the band's current attempt; its token decides, not its expiry. */
async function withLease<A>(
  { db }: Database,
  lease: LeaseKey,
  then: (tx: Tx, found: { fractal: FractalRow; band: BandRow }) => Promise<A>,
): Promise<A | Exclude<LeaseAnswer, 'held'>> {
  return await db.transaction().execute(async (tx) => {
    const fractal = await tx.selectFrom('fractals').selectAll().where('uuid', '=', lease.fractal).executeTakeFirst();
    if (!fractal) return 'unknown';
    if (fractal.state === 'cancelled') return 'cancelled';
    const band = await tx
      .selectFrom('bands')
      .selectAll()
      .where('fractal_seq', '=', fractal.seq)
      .where('band', '=', lease.band)
      .executeTakeFirst();
    if (!band || band.attempt !== lease.attempt || band.token_hash !== lease.tokenHash) return 'stale';
    return await then(tx, { fractal, band });
  });
}

async function accept(database: Database, tx: Tx, fractal: FractalRow, band: BandRow, result: BandResult) {
  if (band.state === 'done') return band.sha256 === result.sha256 ? 'again' : 'stale';
  await setBand(tx, band, {
    state: 'done',
    lease_until: null,
    due_turn: null,
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
  if (complete) await moveFractal(tx, fractal, 'assembling', also);
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
  return { state: 'waiting', token_hash: null, lease_until: null, due_turn: band.turn, ...also };
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
  const finished_at = await now(database, tx);
  if (!(await moveFractal(tx, fractal, 'failed', { error: reason, finished_at }))) return;
  await trashBands(database, tx, fractal);
  await trashThumbnail(database, tx, fractal);
  await note(database, tx, { type: 'failed', uuid: fractal.uuid, state: 'failed', progress: progressOf(toFractal(fractal)) });
}

async function reap(database: Database, maxInterruptions: number): Promise<number> {
  return await database.db.transaction().execute(async (tx) => {
    const at = await now(database, tx);
    const expired = await tx
      .selectFrom('bands')
      .selectAll()
      .where('lease_until', '<', at)
      .where('state', '=', 'leased')
      .execute();
    const poisoned = new Set<number>();
    for (const band of expired) {
      const interruptions = band.interruptions + 1;
      if (interruptions >= maxInterruptions) poisoned.add(band.fractal_seq);
      await setBand(tx, band, waitAgain(band, { interruptions }));
    }
    for (const seq of poisoned) {
      const fractal = await tx.selectFrom('fractals').selectAll().where('seq', '=', seq).executeTakeFirstOrThrow();
      await failFractal(
        database,
        tx,
        fractal,
        `A part of this picture ended its worker ${maxInterruptions} times; it was given up.`,
      );
    }
    return expired.length;
  });
}
