import { bandOf } from '../domain/band.ts';
import type { Picture } from '../domain/fractal.ts';
import type { LeaseAnswer, LeaseKey, Standing } from '../domain/repository.ts';
import { bandKey, pictureKey } from '../domain/store.ts';
import { type BandRow, type FractalRow, noted, toFractal, trash } from './rows.ts';
import type { Database, Tx } from './tables.ts';
import { tallied } from './tally.ts';
import { type Write, writeAll } from './writes.ts';

/** The only band of a fractal, drawn, and the picture that was made of it. */
export interface Finished {
  readonly lease: LeaseKey;
  readonly renderMs: number;
  readonly picture: Picture;
}

type FinishAnswer = 'complete' | 'again' | Exclude<LeaseAnswer, 'held'>;

/** Without a lock: accept and finish judge again. */
export async function checkAll({ db }: Database, leases: readonly LeaseKey[]): Promise<Standing[]> {
  const numbers = [...new Set(leases.map(({ band }) => band))];
  const rows = await db
    .selectFrom('fractals')
    .leftJoin('bands', (join) => join.onRef('bands.fractal_seq', '=', 'fractals.seq').on('bands.band', 'in', numbers))
    .selectAll('fractals')
    .select(['bands.band as number', 'bands.state as band_state', 'attempt', 'token_hash'])
    .where(
      'uuid',
      'in',
      leases.map(({ fractal }) => fractal),
    )
    .execute();
  return leases.map((lease) => {
    const bands = rows.filter(({ uuid }) => uuid === lease.fractal);
    const [fractal] = bands;
    if (!fractal) return { answer: 'unknown' };
    if (fractal.state === 'cancelled') return { answer: 'cancelled' };
    const band = bands.find(({ number }) => number === lease.band);
    if (band?.attempt !== lease.attempt || band.token_hash !== lease.tokenHash) return { answer: 'stale' };
    const answer = band.band_state === 'done' ? 'done' : 'held';
    const found = toFractal(fractal);
    return { answer, fractal: found, band: bandOf(found.spec.height, found.cut, lease.band), picture: pictureOf(fractal) };
  });
}

/** Named by what each claim raises; see claims.ts. */
const pictureOf = ({ store_key, assembly_attempt }: Pick<FractalRow, 'store_key' | 'assembly_attempt'>) =>
  pictureKey(store_key, assembly_attempt);

/** As many as were delivered together: each is answered as if it were alone. */
export async function finishAll(database: Database, tx: Tx, finished: readonly Finished[]): Promise<FinishAnswer[]> {
  const { can } = database;
  const fractals = await tx
    .selectFrom('fractals')
    .selectAll()
    .where(
      'uuid',
      'in',
      finished.map(({ lease }) => lease.fractal),
    )
    .orderBy('seq')
    .$if(can.runsSideBySide, (query) => query.forUpdate())
    .execute();
  const seqs = fractals.map(({ seq }) => seq);
  const bands = seqs.length === 0 ? [] : await lockOnlyBands(database, tx, seqs);
  const [fractalOf, onlyBandOf] = [
    new Map(fractals.map((row) => [row.uuid, row])),
    new Map(bands.map((b) => [b.fractal_seq, b])),
  ];
  const done: { row: FractalRow; band: BandRow; each: Finished }[] = [];
  const answers = finished.map((each): FinishAnswer => {
    const row = fractalOf.get(each.lease.fractal);
    const band = row && onlyBandOf.get(row.seq);
    const answer = judge(row, band, each);
    if (answer !== 'complete') return answer;
    done.push({ row: row!, band: band!, each });
    // Delivered twice in the same batch.
    fractalOf.set(row!.uuid, { ...row!, state: 'done', image_key: each.picture.key });
    return answer;
  });
  if (done.length > 0) await write(database, tx, done);
  return answers;
}

function judge(row: FractalRow | undefined, band: BandRow | undefined, { lease, picture }: Finished): FinishAnswer {
  if (!row) return 'unknown';
  if (row.state === 'cancelled') return 'cancelled';
  if (row.state === 'done') return row.image_key === picture.key ? 'again' : 'stale';
  if (row.state !== 'rendering' || row.bands !== 1 || band?.state === 'done') return 'stale';
  if (band?.attempt !== lease.attempt || band.token_hash !== lease.tokenHash) return 'stale';
  return picture.key === pictureOf(row) ? 'complete' : 'stale';
}

async function write(
  database: Database,
  tx: Tx,
  done: readonly { row: FractalRow; band: BandRow; each: Finished }[],
): Promise<void> {
  const { can } = database;
  const rows = done.map(({ row }) => row);
  const moves = done.map(({ row, band, each: { picture, renderMs } }) =>
    tx
      .updateTable('fractals')
      .set({
        state: 'done',
        bands_done: 1,
        render_ms: renderMs,
        hosts: JSON.stringify(band.host === null ? [] : [band.host]),
        checksum: picture.checksum,
        size_bytes: picture.sizeBytes,
        image_key: picture.key,
        expected_checksum: null,
        finished_at: can.nowMs,
        assembly_until: null,
      })
      .where('seq', '=', row.seq),
  );
  const gone: Write = tx.deleteFrom('bands').where(
    'fractal_seq',
    'in',
    rows.map(({ seq }) => seq),
  );
  const events = noted(
    database,
    tx,
    rows.map(({ uuid }) => ({ type: 'done', uuid, state: 'done', progress: 1 })),
  );
  const pictures = done.map(({ row, each }) => ({ ...row, size_bytes: each.picture.sizeBytes }));
  await writeAll(tx, can, [...moves, gone, events, ...tallied(tx, can, pictures, 'rendering', 'done')]);
  const left = done.flatMap(({ row, band, each }) => leftBehind(row, band, each.picture.key));
  await trash(tx, can.nowMs, left);
}

/** What earlier attempts may have stored; an older release stored bands. */
function leftBehind({ store_key, assembly_attempt }: FractalRow, { attempt }: BandRow, kept: string): string[] {
  const pictures = Array.from({ length: assembly_attempt }, (_, i) => pictureKey(store_key, i + 1));
  const bands = Array.from({ length: attempt - 1 }, (_, i) => bandKey(store_key, 0, i + 1));
  return [...pictures, ...bands].filter((key) => key !== kept);
}

/** After their fractals. */
async function lockOnlyBands({ can }: Database, tx: Tx, seqs: readonly number[]): Promise<BandRow[]> {
  return await tx
    .selectFrom('bands')
    .selectAll()
    .where('fractal_seq', 'in', seqs)
    .where('band', '=', 0)
    .orderBy('fractal_seq')
    .$if(can.runsSideBySide, (query) => query.forUpdate())
    .execute();
}
