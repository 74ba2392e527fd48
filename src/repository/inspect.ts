import { sql } from 'kysely';
import type { MigrationProvider } from 'kysely/migration';
import type { Database } from './tables.ts';

/** What a database is, without a change of it. */
export interface Inspection {
  /** its clock, milliseconds since 1970 */
  readonly now: number;
  /** migrations that it has had, by name */
  readonly applied: readonly string[];
  /** those that this release knows */
  readonly known: readonly string[];
}

export async function inspect({ db, can }: Database, provider: MigrationProvider): Promise<Inspection> {
  const { now } = await db.selectNoFrom(can.nowMs.as('now')).executeTakeFirstOrThrow();
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const hasAny = tables.some(({ name }) => name === 'kysely_migration');
  const { rows } = hasAny
    ? await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
    : { rows: [] };
  return { now, applied: rows.map(({ name }) => name), known: Object.keys(await provider.getMigrations()).sort() };
}
