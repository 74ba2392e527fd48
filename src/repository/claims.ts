import { sql } from 'kysely';
import { bandOf } from '../domain/band.ts';
import { progressOf } from '../domain/fractal.ts';
import type { BandClaim, BandRepository } from '../domain/repository.ts';
import { pausedSince } from './pause.ts';
import { type FractalRow, lockBandToClaim, lockFractal, moveFractal, noted, setBand, toFractal } from './rows.ts';
import type { Database, Tx } from './tables.ts';
import { tallied } from './tally.ts';
import { writeAll } from './writes.ts';

type Wanted = Parameters<BandRepository['claim']>[0];
type Claimant = Parameters<BandRepository['claimMore']>[1];

/*
 * Claims need not outlive a power failure: one that was undone is claimed again, under another token, so that nothing of the first is taken. Each raises
 * assembly_attempt, too, so that the picture of a fractal's only band has a name of its own in each attempt.
 */

export async function claim(database: Database, tx: Tx, wanted: Wanted): Promise<BandClaim | null> {
  const { fractal, band, tokenHash, leaseMs, host, engineVersion } = wanted;
  const row = await lockFractal(database, tx, fractal);
  if (!row || row.engine_version !== engineVersion) return null;
  if (row.state !== 'queued' && row.state !== 'rendering') return null;
  const found = await lockBandToClaim(database, tx, row.seq, band);
  if (!found) return null;
  const isRepeated = found.state === 'leased' && found.token_hash === tokenHash;
  if (!isRepeated && (found.state !== 'waiting' || found.rest_until > found.now)) return null;
  if (!isRepeated && found.paused_since !== null) {
    // Its doorbell was heard: it is due again, so that it is rung as soon as the queue goes on.
    if (found.due_turn === null) await setBand(tx, found, { due_turn: found.turn, rung_at: null }).execute();
    return null;
  }
  const attempt = isRepeated ? found.attempt : found.attempt + 1;
  const set = setBand(tx, found, {
    state: 'leased',
    attempt,
    token_hash: tokenHash,
    host,
    lease_until: found.now + leaseMs,
    due_turn: null,
    rung_at: null,
  });
  const also = row.bands === 1 && !isRepeated ? { assembly_attempt: row.assembly_attempt + 1 } : null;
  if (row.state === 'queued') {
    const event = noted(database, tx, [started(row)]);
    await moveFractal(database, tx, row, 'rendering', also ?? {}, [set, event]);
  } else {
    const named = also && tx.updateTable('fractals').set(also).where('seq', '=', row.seq);
    await writeAll(tx, database.can, [set, ...(named ? [named] : [])]);
  }
  return claimOf(row, band, attempt);
}

/** The lock of a fractal comes before those of its bands, so what is due is looked for without one. */
export async function claimMore(
  database: Database,
  { limit, maxCost }: Parameters<BandRepository['claimMore']>[0],
  claimant: Claimant,
): Promise<BandClaim[]> {
  const { db, can } = database;
  const due = await db
    .selectFrom('bands')
    .innerJoin('fractals', 'fractals.seq', 'bands.fractal_seq')
    .select(['seq', 'band_cost', 'bands.band', 'fractals.bands', 'engine_version'])
    .where('bands.state', '=', 'waiting')
    .where('due_turn', 'is not', null)
    .where('rest_until', '<=', can.nowMs)
    .orderBy('due_turn')
    .orderBy('fractal_seq')
    .orderBy('bands.band')
    .limit(limit)
    .execute();
  const seqs: number[] = [];
  let cost = 0;
  for (const { seq, band_cost, bands, engine_version } of due) {
    cost += band_cost;
    if (bands !== 1 || engine_version !== claimant.engineVersion || cost > maxCost) break;
    seqs.push(seq);
  }
  return seqs.length === 0 ? [] : await database.lightly((tx) => claimAll(database, tx, seqs, claimant));
}

/** Those that somebody else is at are passed over. */
async function claimAll(database: Database, tx: Tx, seqs: readonly number[], claimant: Claimant): Promise<BandClaim[]> {
  const { can } = database;
  const { tokenHash, leaseMs, host, engineVersion } = claimant;
  const rows = await tx
    .selectFrom('fractals')
    .selectAll()
    .select(pausedSince(can))
    .where('seq', 'in', seqs)
    .where('state', '=', 'queued')
    .where('engine_version', '=', engineVersion)
    .orderBy('seq')
    .$if(can.runsSideBySide, (query) => query.forUpdate().skipLocked())
    .execute();
  if (rows.length === 0 || rows[0]?.paused_since !== null) return [];
  const theirs = rows.map(({ seq }) => seq);
  await tx
    .updateTable('bands')
    .set((eb) => ({
      state: 'leased',
      attempt: eb('attempt', '+', 1),
      token_hash: tokenHash,
      host,
      lease_until: sql<number>`${can.nowMs} + ${leaseMs}`,
      due_turn: null,
      rung_at: null,
    }))
    .where('fractal_seq', 'in', theirs)
    .where('band', '=', 0)
    .where('state', '=', 'waiting')
    // Else its doorbell was rung meanwhile, and somebody else will come for it.
    .where('due_turn', 'is not', null)
    .execute();
  const leased = await tx
    .selectFrom('bands')
    .select(['fractal_seq', 'attempt'])
    .where('fractal_seq', 'in', theirs)
    .where('band', '=', 0)
    .where('state', '=', 'leased')
    .where('token_hash', '=', tokenHash)
    .execute();
  const attempts = new Map(leased.map(({ fractal_seq, attempt }) => [fractal_seq, attempt]));
  const claimed = rows.filter(({ seq }) => attempts.has(seq));
  if (claimed.length === 0) return [];
  const moved = tx
    .updateTable('fractals')
    .set((eb) => ({ state: 'rendering', assembly_attempt: eb('assembly_attempt', '+', 1) }))
    .where(
      'seq',
      'in',
      claimed.map(({ seq }) => seq),
    );
  const events = noted(database, tx, claimed.map(started));
  await writeAll(tx, can, [moved, events, ...tallied(tx, can, claimed, 'queued', 'rendering')]);
  return claimed.map((row) => claimOf(row, 0, attempts.get(row.seq)!));
}

/** Asked seldom: it walks over all leased bands. */
export async function claimed({ db }: Database, tokenHash: string): Promise<BandClaim[]> {
  const rows = await db
    .selectFrom('bands')
    .innerJoin('fractals', 'fractals.seq', 'bands.fractal_seq')
    .selectAll('fractals')
    .select(['bands.band as number', 'bands.attempt'])
    .where('bands.state', '=', 'leased')
    .where('token_hash', '=', tokenHash)
    .orderBy('turn')
    .orderBy('seq')
    .execute();
  return rows.map(({ number, attempt, ...row }) => claimOf(row, number, attempt));
}

const started = (row: FractalRow) =>
  ({ type: 'progress', uuid: row.uuid, state: 'rendering', progress: progressOf(toFractal(row)) }) as const;

function claimOf(row: FractalRow, band: number, attempt: number): BandClaim {
  const fractal = toFractal({ ...row, state: 'rendering' });
  return { fractal, number: band, band: bandOf(fractal.spec.height, fractal.cut, band), attempt };
}
