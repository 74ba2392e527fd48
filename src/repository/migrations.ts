import { type Kysely, sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';

/** Released migrations are never edited; a change is a new one at the end. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-fractals': {
    async up(db: Kysely<unknown>): Promise<void> {
      await createFractals(db);
      await createBands(db);
      await createTallies(db);
      await createEvents(db);
    },
  },
  '0002-mirror-runs': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .alterTable('fractals')
        .addColumn('mirrored', 'integer', (c) => c.notNull().defaultTo(0))
        .execute();
      await db.schema.alterTable('bands').addColumn('split_bytes', 'bigint').execute();
      await db.schema.alterTable('bands').addColumn('mirror_adler', 'bigint').execute();
    },
  },
};

export const migrations: MigrationProvider = { getMigrations: async () => MIGRATIONS };

async function createFractals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('fractals')
    // autoincrement: a seq is never given out twice, even after the newest fractal was deleted
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('uuid', 'varchar(36)', (c) => c.notNull().unique())
    .addColumn('state', 'varchar(16)', (c) => c.notNull())
    .addColumn('spec', 'text', (c) => c.notNull())
    .addColumn('band_rows', 'integer', (c) => c.notNull())
    .addColumn('bands', 'integer', (c) => c.notNull())
    .addColumn('bands_done', 'integer', (c) => c.notNull())
    .addColumn('band_cost', 'bigint', (c) => c.notNull())
    .addColumn('engine_version', 'varchar(64)', (c) => c.notNull())
    .addColumn('store_key', 'varchar(64)', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('render_ms', 'double precision', (c) => c.notNull())
    .addColumn('hosts', 'text', (c) => c.notNull())
    .addColumn('checksum', 'char(64)')
    .addColumn('size_bytes', 'bigint')
    .addColumn('image_key', 'varchar(128)')
    .addColumn('error', 'text')
    .addColumn('assembly_attempt', 'integer', (c) => c.notNull())
    .addColumn('assembly_until', 'bigint')
    .execute();
  await db.schema.createIndex('fractals_by_state').on('fractals').columns(['state', 'seq']).execute();
}

async function createBands(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('bands')
    .addColumn('fractal_seq', 'integer', (c) => c.notNull())
    .addColumn('band', 'integer', (c) => c.notNull())
    .addColumn('state', 'varchar(16)', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('token_hash', 'char(64)')
    .addColumn('host', 'varchar(255)')
    .addColumn('lease_until', 'bigint')
    .addColumn('rest_until', 'bigint', (c) => c.notNull())
    .addColumn('turn', 'bigint', (c) => c.notNull())
    .addColumn('due_turn', 'bigint')
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('interruptions', 'integer', (c) => c.notNull())
    .addColumn('sha256', 'char(64)')
    .addColumn('size_bytes', 'bigint')
    .addColumn('adler', 'bigint')
    .addColumn('render_ms', 'double precision')
    .addPrimaryKeyConstraint('bands_pk', ['fractal_seq', 'band'])
    .execute();
  await db.schema.createIndex('bands_by_turn').on('bands').columns(['state', 'due_turn', 'fractal_seq', 'band']).execute();
  await db.schema.createIndex('bands_by_lease').on('bands').columns(['lease_until']).execute();
}

async function createTallies(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tallies')
    .addColumn('state', 'varchar(16)', (c) => c.notNull())
    .addColumn('slot', 'integer', (c) => c.notNull())
    .addColumn('fractals', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('tallies_pk', ['state', 'slot'])
    .execute();
  await sql`create table history (epoch varchar(36) not null)`.execute(db);
  await sql`insert into history (epoch) values (${crypto.randomUUID().slice(0, 8)})`.execute(db);
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('number', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('type', 'varchar(16)', (c) => c.notNull())
    .addColumn('uuid', 'varchar(36)', (c) => c.notNull())
    .addColumn('state', 'varchar(16)')
    .addColumn('progress', 'double precision', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('events_by_time').on('events').columns(['at']).execute();
  await db.schema
    .createTable('trash')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('key', 'varchar(128)', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
}
