import type { FractalId } from '../domain/ids.ts';
import type { KnownObject, Ledger } from '../domain/ledger.ts';
import { isFinal } from '../domain/states.ts';
import { bandKey, type ObjectKey, sumsKeyBeside, thumbnailKey } from '../domain/store.ts';
import type { FractalRow } from './rows.ts';
import type { Database } from './tables.ts';

/** A store key begins with the uuid of its fractal. */
const UUID_LENGTH = 36;

const COLUMNS = ['seq', 'uuid', 'state', 'store_key', 'image_key', 'checksum', 'size_bytes', 'sums_checksum'] as const;
type Row = Pick<FractalRow, (typeof COLUMNS)[number]>;

export function ledgerOf({ db }: Database): Ledger {
  return {
    async page(afterSeq, limit) {
      const rows = await db
        .selectFrom('fractals')
        .select(COLUMNS)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      const last = rows.at(-1);
      if (!last) return null;
      const unfinished = rows.filter(({ state }) => !isFinal(state));
      const objects = [...rows.flatMap(ofFinished), ...(await bandsOf(unfinished))];
      return { lastSeq: last.seq, fractals: rows.length, objects };
    },

    async strangers(names) {
      const uuids = [...new Set(names.map((name) => name.slice(0, UUID_LENGTH)))];
      const rows = uuids.length === 0 ? [] : await db.selectFrom('fractals').select(COLUMNS).where('uuid', 'in', uuids).execute();
      const byUuid = new Map(rows.map((row) => [row.uuid, row]));
      const strange = names.filter((name) => !isNeeded(name, byUuid.get(name.slice(0, UUID_LENGTH))));
      if (strange.length === 0) return new Set();
      const trash = await db.selectFrom('trash').select('key').where('key', 'in', strange).execute();
      const swept = new Set(trash.map(({ key }) => key));
      return new Set(strange.filter((name) => !swept.has(name)));
    },

    async count() {
      const { n } = await db
        .selectFrom('tallies')
        .select((eb) => eb.fn.sum<number>('fractals').as('n'))
        .executeTakeFirstOrThrow();
      return Number(n ?? 0);
    },
  };

  async function bandsOf(fractals: readonly Row[]): Promise<KnownObject[]> {
    if (fractals.length === 0) return [];
    const bySeq = new Map(fractals.map((row) => [row.seq, row]));
    const bands = await db
      .selectFrom('bands')
      .select(['fractal_seq', 'band', 'attempt', 'sha256', 'size_bytes'])
      .where('fractal_seq', 'in', [...bySeq.keys()])
      .where('state', '=', 'done')
      .execute();
    return bands.map(({ fractal_seq, band, attempt, sha256, size_bytes }) => {
      const { uuid, store_key } = bySeq.get(fractal_seq)!;
      return { fractal: uuid as FractalId, kind: 'band', key: bandKey(store_key, band, attempt), sizeBytes: size_bytes, sha256 };
    });
  }
}

function ofFinished({ state, uuid, store_key, image_key, checksum, size_bytes, sums_checksum }: Row): KnownObject[] {
  if (state !== 'done' || image_key === null) return [];
  const fractal = uuid as FractalId;
  const key = image_key as ObjectKey;
  return [
    { fractal, kind: 'picture', key, sizeBytes: size_bytes, sha256: checksum },
    ...(sums_checksum === null
      ? []
      : [{ fractal, kind: 'sums', key: sumsKeyBeside(key), sizeBytes: null, sha256: sums_checksum } as const]),
    { fractal, kind: 'thumbnail', key: thumbnailKey(store_key), sizeBytes: null, sha256: null },
  ];
}

/** Of one that is not finished, or has failed, everything may still be used, or is trash as soon as it is not. */
function isNeeded(name: string, row: Row | undefined): boolean {
  if (!row?.store_key || !name.startsWith(`${row.store_key}.`)) return false;
  if (row.state !== 'done') return true;
  const image = row.image_key as ObjectKey;
  return name === image || name === sumsKeyBeside(image) || name === thumbnailKey(row.store_key);
}
