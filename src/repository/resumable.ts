import { type Kysely, sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';

/** Whether the statements of this moment may have been run before. */
export interface Repeating {
  isOn: boolean;
}

/**
 * Migrations for a database that keeps every change of a table at once, as MariaDB and MySQL do: of a migration whose process is killed in the midst the first
 * half is there. That it was begun is noted before; whoever runs it again passes over what is done. A migration that was never begun finds its tables
 * absent, or fails: tables of others are not taken for ours.
 * @param repeating is on while a migration is run that was begun before
 */
export function resumable({ getMigrations }: MigrationProvider, repeating: Repeating): MigrationProvider {
  return {
    getMigrations: async () => {
      const migrations = Object.entries(await getMigrations());
      return Object.fromEntries(migrations.map(([name, migration]) => [name, resume(name, migration, repeating)]));
    },
  };
}

function resume(name: string, { up }: Migration, repeating: Repeating): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql`create table if not exists begun_migrations (name varchar(255) not null primary key)`.execute(db);
      const begun = await sql`select name from begun_migrations where name = ${name}`.execute(db);
      if (begun.rows.length === 0) await sql`insert into begun_migrations (name) values (${name})`.execute(db);
      repeating.isOn = begun.rows.length > 0;
      try {
        await up(db);
      } finally {
        repeating.isOn = false;
      }
    },
  };
}
