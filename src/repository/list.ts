import { type SelectQueryBuilder, sql } from 'kysely';
import type { Fractal } from '../domain/fractal.ts';
import type { FractalFilter, ListPage } from '../domain/repository.ts';
import { toFractal } from './rows.ts';
import type { Database, KindsTable, Tables } from './tables.ts';
import { EVERYBODY } from './tally.ts';

type Numbers = SelectQueryBuilder<Tables, 'fractals', { seq: number }>;
type Kind = Pick<KindsTable, 'formula' | 'palette' | 'state'>;

/** One page; see FractalRepository. */
export async function listFractals(database: Database, filter: FractalFilter, page: ListPage): Promise<Fractal[]> {
  const numbers = await numbersOf(database, filter, page);
  if (numbers === null) return [];
  // Whole rows are read for the page alone.
  const rows = await database.db
    .selectFrom('fractals')
    .selectAll()
    .where('seq', 'in', (eb) => eb.selectFrom(numbers.as('page')).select('page.seq'))
    .orderBy('seq', 'desc')
    .execute();
  return rows.map(toFractal);
}

async function numbersOf(database: Database, filter: FractalFilter, page: ListPage): Promise<Numbers | null> {
  const { db } = database;
  if (!needsKinds(filter)) return paged(matching(fractalsBy(database, filter), filter).select('seq'), page);
  const kinds = await kindsOf(database, filter);
  if (kinds.length === 0) return null;
  // Each kind lies in order at one place of an index, so that the next of each are read, and of these the next: a filter that few pass costs as little as any.
  const { offset = 0, limit } = page;
  const each = kinds.map((kind) => {
    const numbers = matching(fractalsBy(database, { ...filter, ...kind }), { ...filter, ...kind }).select('seq');
    const next = paged(numbers, { ...page, offset: 0, limit: offset + limit });
    return db.selectFrom(next.as('kind')).select('kind.seq');
  });
  const [first, ...others] = each;
  const all = others.reduce((union, other) => union.unionAll(other), first!);
  return paged(db.selectFrom(all.as('fractals')).select('seq') as unknown as Numbers, {
    limit,
    offset,
    ...(page.afterSeq !== undefined && { afterSeq: page.afterSeq }),
  });
}

/** Whether no index has what passes in the order of the list. */
const needsKinds = ({ idPrefix, formula, palette, owner, state }: FractalFilter): boolean =>
  idPrefix === undefined && (formula !== undefined || palette !== undefined || (owner !== undefined && state !== undefined));

/** The table, with the index that has what passes in the order of the list. */
function fractalsBy({ db, can }: Database, { idPrefix, owner, formula, state }: FractalFilter) {
  if (!can.needsIndexHints || idPrefix !== undefined) return db.selectFrom('fractals');
  const ofOwner = formula === undefined ? 'fractals_by_owner' : 'fractals_by_owner_kind';
  const ofAll = formula !== undefined ? 'fractals_by_kind' : state !== undefined ? 'fractals_by_state' : 'PRIMARY';
  const index = sql.raw(owner === undefined ? ofAll : ofOwner);
  const hinted = sql<Tables['fractals']>`fractals`.as<'fractals'>(sql`fractals force index (${index})`);
  return db.selectFrom(hinted) as unknown as SelectQueryBuilder<Tables, 'fractals', object>;
}

/** Skipping walks over a narrow index only. */
function paged(query: Numbers, { limit, beforeSeq, afterSeq, offset }: ListPage): Numbers {
  if (afterSeq !== undefined) return query.where('seq', '>', afterSeq).orderBy('seq').limit(limit);
  const downwards = query.orderBy('seq', 'desc').limit(limit);
  if (beforeSeq !== undefined) return downwards.where('seq', '<', beforeSeq);
  return offset ? downwards.offset(offset) : downwards;
}

const ofFilter = (database: Database, { owner, formula, palette, state }: FractalFilter) =>
  database.db
    .selectFrom('kinds')
    .where('owner', '=', owner ?? EVERYBODY)
    .$if(formula !== undefined, (query) => query.where('formula', '=', formula!))
    .$if(palette !== undefined, (query) => query.where('palette', '=', palette!))
    .$if(state !== undefined, (query) => query.where('state', '=', state!));

/** The kinds that pass and of which there are any: some hundred at most, however many fractals there are. */
async function kindsOf(database: Database, filter: FractalFilter): Promise<Kind[]> {
  return await ofFilter(database, filter)
    .select(['formula', 'palette', 'state'])
    .groupBy(['formula', 'palette', 'state'])
    .having((eb) => eb(eb.fn.sum<number>('fractals'), '>', 0))
    .execute();
}

/** How many pass, without an idPrefix. */
export async function countKinds(database: Database, filter: FractalFilter): Promise<number> {
  const { owner, formula, palette, state } = filter;
  if (owner === undefined && formula === undefined && palette === undefined) {
    let query = database.db.selectFrom('tallies').select((eb) => eb.fn.sum<number>('fractals').as('n'));
    if (state) query = query.where('state', '=', state);
    return (await query.executeTakeFirstOrThrow()).n ?? 0;
  }
  const { n } = await ofFilter(database, filter)
    .select((eb) => eb.fn.sum<number>('fractals').as('n'))
    .executeTakeFirstOrThrow();
  return n ?? 0;
}

export function matching(
  query: SelectQueryBuilder<Tables, 'fractals', object>,
  { state, idPrefix, owner, formula, palette }: FractalFilter,
) {
  let narrowed = query;
  if (owner !== undefined) narrowed = narrowed.where('owner', '=', owner);
  if (formula !== undefined) narrowed = narrowed.where('formula', '=', formula);
  if (palette !== undefined) narrowed = narrowed.where('palette', '=', palette);
  if (state) narrowed = narrowed.where('state', '=', state);
  // A range instead of LIKE: served by the unique index of every database. 'g' comes after the last hexadecimal digit.
  if (idPrefix !== undefined) narrowed = narrowed.where('uuid', '>=', idPrefix).where('uuid', '<', `${idPrefix}g`);
  return narrowed;
}
