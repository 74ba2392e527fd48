import { sql } from 'kysely';
import { type MigrationProvider, Migrator } from 'kysely/migration';
import { Fault } from '../domain/fault.ts';
import type { Repository } from '../domain/repository.ts';
import type { Store } from '../domain/store.ts';
import { assemblyRepository } from './assemblies.ts';
import { backlogRepository } from './backlog.ts';
import { bandRepository } from './bands.ts';
import { doorbellRepository } from './doorbells.ts';
import { eventRepository } from './events.ts';
import { fractalRepository } from './fractals.ts';
import { type Inspection, inspect } from './inspect.ts';
import { objectStore, sweepAbandonedParts } from './objects.ts';
import { retentionRepository } from './retention.ts';
import { scrubRepository } from './scrub.ts';
import { secretRepository } from './secrets.ts';
import type { Database } from './tables.ts';
import { tokenRepository } from './tokens.ts';
import { trashRepository } from './trash.ts';
import { workerRepository } from './workers.ts';

/** A repository, and the store that keeps images in the same database. */
export interface OpenedDatabase extends Repository {
  readonly objects: Store;
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
    tokens: tokenRepository(database),
    secrets: secretRepository(database),
    scrub: scrubRepository(database),
    objects: objectStore(database),
    inspect: () => inspect(database, provider),
    isShared: database.can.runsSideBySide,
    connections,
    ping: async () => {
      await sql`select 1`.execute(database.db);
    },
    [Symbol.asyncDispose]: async () => {
      await database.db.destroy();
      await close();
    },
  };
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
