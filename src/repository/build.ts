import { sql } from 'kysely';
import { type MigrationProvider, Migrator } from 'kysely/migration';
import { Fault } from '../domain/fault.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Repository } from '../domain/repository.ts';
import type { Inventory } from '../domain/store.ts';
import { assemblyRepository } from './assemblies.ts';
import { auditRepository } from './audit.ts';
import { backlogRepository } from './backlog.ts';
import { bandRepository } from './bands.ts';
import { doorbellRepository } from './doorbells.ts';
import { eventRepository } from './events.ts';
import { fractalRepository } from './fractals.ts';
import { type Inspection, inspect } from './inspect.ts';
import { ledgerOf } from './ledger.ts';
import { objectStore, sweepAbandonedParts } from './objects.ts';
import { pauseRepository } from './pause.ts';
import { readingRepository } from './readings.ts';
import { retentionRepository } from './retention.ts';
import { scrubRepository } from './scrub.ts';
import { secretRepository } from './secrets.ts';
import type { Database } from './tables.ts';
import { tokenRepository } from './tokens.ts';
import { trashRepository } from './trash.ts';
import { workerRepository } from './workers.ts';

/** A repository, and the store that keeps images in the same database. */
export interface OpenedDatabase extends Repository {
  readonly objects: Inventory;
  readonly ledger: Ledger;
  inspect(): Promise<Inspection>;
}

/**
 * @param provider what its tables are made by
 * @param close what is left to close behind the database
 * @param connections see Repository
 */
export function buildRepository(
  database: Database,
  provider: MigrationProvider,
  close: () => void | Promise<void>,
  connections: Repository['connections'] = () => [],
): OpenedDatabase {
  return {
    fractals: fractalRepository(database),
    bands: bandRepository(database),
    doorbells: doorbellRepository(database),
    assemblies: assemblyRepository(database),
    retention: retentionRepository(database),
    trash: trashRepository(database),
    events: eventRepository(database),
    workers: workerRepository(database),
    backlog: backlogRepository(database),
    readings: readingRepository(database),
    pause: pauseRepository(database),
    tokens: tokenRepository(database),
    secrets: secretRepository(database),
    audit: auditRepository(database),
    scrub: scrubRepository(database),
    objects: objectStore(database),
    ledger: ledgerOf(database),
    inspect: () => inspect(database, provider),
    isShared: database.can.runsSideBySide,
    connections,
    ping: () => pingDatabase(database, provider),
    [Symbol.asyncDispose]: async () => {
      await database.db.destroy();
      await close();
    },
  };
}

/** One query tells both: that the database answers, and that its tables are those of this release. @throws {Fault} `unavailable` */
async function pingDatabase({ db }: Database, provider: MigrationProvider): Promise<void> {
  const newest = Object.keys(await provider.getMigrations()).at(-1) ?? '';
  const { rows } = await sql<{ name: string | null }>`select max(name) as name from kysely_migration`.execute(db);
  const found = rows[0]?.name ?? 'none';
  if (found !== 'none' && found >= newest) return;
  throw new Fault(
    'unavailable',
    `The tables of the database are older than this release (${found}, not ${newest}): was a backup restored? Restart this process, it brings them up to date.`,
    { retryAfterSeconds: 10 },
  );
}

/**
 * Brings the tables up to date; processes that start together wait for each other.
 * @param name of the database, without a password
 */
export async function migrate(database: Database, provider: MigrationProvider, name: string): Promise<void> {
  try {
    const { error } = await new Migrator({ db: database.db, provider }).migrateToLatest();
    if (error) throw error;
    await sweepAbandonedParts(database);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('unavailable', `The database ${name} cannot be brought up to date: ${(cause as Error).message}.`, { cause });
  }
}
