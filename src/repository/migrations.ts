import { type ColumnDataType, type CreateTableBuilder, type Expression, type Kysely, sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';
import { FRACTAL_STATES } from '../domain/states.ts';
import { SLOTS } from './tally.ts';

type Table = CreateTableBuilder<string, string>;
type Type = ColumnDataType | Expression<unknown>;

/** What the tables of one kind of database are made of. */
export interface ColumnTypes {
  /** adds a primary key that numbers its rows; a number is never given out twice, even after the newest row was deleted */
  readonly numbered: (table: Table, column: string) => Table;
  /** lower-case names that are compared byte by byte, whatever language the database speaks */
  readonly name: (length: number) => Type;
  readonly bytes: Type;
  /** what stands in a spec under a name, as an expression over the column `spec` */
  readonly ofSpec: (name: string) => Expression<string>;
  /** whether a row's number in `events` is its position; else they are numbered from an outbox */
  readonly numbersEvents: boolean;
}

/**
 * Released migrations are never edited; a change is a new one at the end. Each statement either makes a table, a column or an index, or does nothing the second
 * time: MariaDB and MySQL keep the first half of a migration whose process is killed (resumable.ts).
 */
export function migrationsFor(types: ColumnTypes): MigrationProvider {
  const migrations: Record<string, Migration> = {
    '0001-fractals': {
      async up(db: Kysely<unknown>): Promise<void> {
        await createFractals(db, types);
        await createBands(db);
        await createTallies(db);
        await createEvents(db, types);
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
    '0003-many-machines': {
      async up(db: Kysely<unknown>): Promise<void> {
        await addCosts(db, types);
        await db.schema.alterTable('bands').addColumn('rung_at', 'bigint').execute();
        await createWorkers(db, types);
        await createObjects(db, types);
        if (!types.numbersEvents) await createOutbox(db, types);
      },
    },
    '0004-access': {
      async up(db: Kysely<unknown>): Promise<void> {
        await createTokens(db, types);
        await db.schema.alterTable('fractals').addColumn('owner', types.name(64)).execute();
        await db.schema.createIndex('fractals_by_owner').on('fractals').columns(['owner', 'seq']).execute();
      },
    },
    '0005-retention': {
      up: addRetention,
    },
    '0006-verified-bytes': {
      async up(db: Kysely<unknown>): Promise<void> {
        await db.schema.alterTable('fractals').addColumn('sums_checksum', 'varchar(64)').execute();
        await db.schema.alterTable('fractals').addColumn('expected_checksum', 'varchar(64)').execute();
        await createScrub(db);
      },
    },
    '0007-traces': {
      async up(db: Kysely<unknown>): Promise<void> {
        await db.schema.alterTable('fractals').addColumn('trace', 'varchar(55)').execute();
      },
    },
    '0008-pause': {
      up: (db: Kysely<unknown>) => createPause(db, types),
    },
    '0009-enrolment': {
      async up(db: Kysely<unknown>): Promise<void> {
        await db.schema.alterTable('tokens').addColumn('uses', 'integer').execute();
        await db.schema.alterTable('tokens').addColumn('uses_left', 'integer').execute();
        await db.schema.alterTable('tokens').addColumn('enrolment', types.name(16)).execute();
      },
    },
    '0010-readings': {
      up: createReadings,
    },
    '0011-kinds': {
      async up(db: Kysely<unknown>): Promise<void> {
        await addKinds(db, types);
        await db.schema.alterTable('fractals').addColumn('drawn_by', 'text').execute();
      },
    },
    '0012-audit-notes': {
      up: (db: Kysely<unknown>) => createAuditNotes(db, types),
    },
  };
  return { getMigrations: async () => migrations };
}

async function createFractals(db: Kysely<unknown>, { numbered, name }: ColumnTypes): Promise<void> {
  await numbered(db.schema.createTable('fractals') as Table, 'seq')
    .addColumn('uuid', name(36), (c) => c.notNull().unique())
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
    .addColumn('checksum', 'varchar(64)')
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
    .addColumn('fractal_seq', 'bigint', (c) => c.notNull())
    .addColumn('band', 'integer', (c) => c.notNull())
    .addColumn('state', 'varchar(16)', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('token_hash', 'varchar(64)')
    .addColumn('host', 'varchar(255)')
    .addColumn('lease_until', 'bigint')
    .addColumn('rest_until', 'bigint', (c) => c.notNull())
    .addColumn('turn', 'bigint', (c) => c.notNull())
    .addColumn('due_turn', 'bigint')
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('interruptions', 'integer', (c) => c.notNull())
    .addColumn('sha256', 'varchar(64)')
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
  const epoch = crypto.randomUUID().slice(0, 8);
  await sql`insert into history (epoch) select ${epoch} where not exists (select 1 from history)`.execute(db);
}

async function createEvents(db: Kysely<unknown>, { numbersEvents, numbered }: ColumnTypes): Promise<void> {
  const events = db.schema.createTable('events') as Table;
  const withNumber = numbersEvents
    ? numbered(events, 'number')
    : events.addColumn('number', 'bigint', (c) => c.primaryKey().notNull());
  await withEventColumns(withNumber).execute();
  await db.schema.createIndex('events_by_time').on('events').columns(['at']).execute();
  await numbered(db.schema.createTable('trash') as Table, 'id')
    .addColumn('key', 'varchar(128)', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
}

const withEventColumns = (table: Table): Table =>
  table
    .addColumn('type', 'varchar(16)', (c) => c.notNull())
    .addColumn('uuid', 'varchar(36)', (c) => c.notNull())
    .addColumn('state', 'varchar(16)')
    .addColumn('progress', 'double precision', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull());

async function createOutbox(db: Kysely<unknown>, { numbered }: ColumnTypes): Promise<void> {
  await withEventColumns(numbered(db.schema.createTable('outbox') as Table, 'id')).execute();
}

/** Fractals that were ordered before have no cost; they are outstanding for nobody. */
async function addCosts(db: Kysely<unknown>, { name }: ColumnTypes): Promise<void> {
  await db.schema
    .alterTable('fractals')
    .addColumn('cost', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('fractals')
    .addColumn('client', 'varchar(64)', (c) => c.notNull().defaultTo(''))
    .execute();
  await db.schema
    .alterTable('tallies')
    .addColumn('cost', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  // Every row is there from now on: no two transactions ever add the same one.
  for (const state of FRACTAL_STATES) {
    for (let slot = 0; slot < SLOTS; slot++) {
      await sql`insert into tallies (state, slot, fractals, cost) select ${state}, ${slot}, 0, 0
        where not exists (select 1 from tallies where state = ${state} and slot = ${slot})`.execute(db);
    }
  }
  await db.schema
    .createTable('clients')
    .addColumn('client', name(64), (c) => c.notNull())
    .addColumn('slot', 'integer', (c) => c.notNull())
    .addColumn('cost', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('clients_pk', ['client', 'slot'])
    .execute();
}

/** What is stored is known by its sum, and the oldest that may go without a look at the others. */
async function addRetention(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('tallies')
    .addColumn('bytes', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await sql`update tallies set bytes = (select coalesce(sum(size_bytes), 0) from fractals where fractals.state = tallies.state)
    where slot = 0`.execute(db);
  await db.schema.createIndex('fractals_by_end').on('fractals').columns(['state', 'finished_at', 'seq']).execute();
}

/** Lists are filtered by formula and palette, in any combination with state and owner, and what they find is counted as it comes and goes. */
async function addKinds(db: Kysely<unknown>, { name, ofSpec }: ColumnTypes): Promise<void> {
  for (const column of ['formula', 'palette']) {
    await db.schema
      .alterTable('fractals')
      .addColumn(column, name(32), (c) => c.notNull().defaultTo(''))
      .execute();
  }
  await sql`update fractals set formula = ${ofSpec('formula')}, palette = ${ofSpec('palette')} where formula = ''`.execute(db);
  const kind = ['formula', 'palette', 'state', 'seq'];
  await db.schema.createIndex('fractals_by_kind').on('fractals').columns(kind).execute();
  await db.schema
    .createIndex('fractals_by_owner_kind')
    .on('fractals')
    .columns(['owner', ...kind])
    .execute();
  await db.schema
    .createTable('kinds')
    .addColumn('owner', name(64), (c) => c.notNull())
    .addColumn('formula', name(32), (c) => c.notNull())
    .addColumn('palette', name(32), (c) => c.notNull())
    .addColumn('state', name(16), (c) => c.notNull())
    .addColumn('slot', 'integer', (c) => c.notNull())
    .addColumn('fractals', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('kinds_pk', ['owner', 'formula', 'palette', 'state', 'slot'])
    .execute();
  await sql`insert into kinds (owner, formula, palette, state, slot, fractals)
    select counted.* from (
      select '' as owner, formula, palette, state, 0 as slot, count(*) as fractals from fractals group by formula, palette, state
      union all
      select owner, formula, palette, state, 0, count(*) from fractals where owner is not null group by owner, formula, palette, state
    ) as counted where not exists (select 1 from kinds)`.execute(db);
}

async function createWorkers(db: Kysely<unknown>, { name }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('workers')
    .addColumn('id', name(64), (c) => c.notNull().primaryKey())
    .addColumn('host', 'varchar(255)', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addColumn('report', 'text', (c) => c.notNull())
    .execute();
}

async function createObjects(db: Kysely<unknown>, { name, bytes }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('objects')
    .addColumn('key', name(128), (c) => c.notNull().primaryKey())
    .addColumn('version', name(36), (c) => c.notNull())
    .addColumn('size_bytes', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('object_parts')
    .addColumn('version', name(36), (c) => c.notNull())
    .addColumn('part', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('bytes', bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('object_parts_pk', ['version', 'part'])
    .execute();
}

async function createTokens(db: Kysely<unknown>, { name }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('id', name(16), (c) => c.notNull().primaryKey())
    .addColumn('hash', name(64), (c) => c.notNull().unique())
    .addColumn('name', name(64), (c) => c.notNull())
    .addColumn('role', 'varchar(16)', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .execute();
  await db.schema
    .createTable('secrets')
    .addColumn('name', name(32), (c) => c.notNull().primaryKey())
    .addColumn('value', 'varchar(255)', (c) => c.notNull())
    .execute();
}

async function createScrub(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('scrub')
    .addColumn('id', 'integer', (c) => c.notNull().primaryKey())
    .addColumn('holder', 'varchar(64)', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .addColumn('position', 'bigint', (c) => c.notNull())
    .addColumn('checked', 'bigint', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('damaged', 'bigint', (c) => c.notNull())
    .addColumn('missing', 'bigint', (c) => c.notNull())
    .addColumn('lap_started_at', 'bigint')
    .addColumn('lap_finished_at', 'bigint')
    .execute();
  await sql`insert into scrub (id, holder, until, position, checked, bytes, damaged, missing) select 1, '', 0, 0, 0, 0, 0, 0
    where not exists (select 1 from scrub where id = 1)`.execute(db);
}

async function createPause(db: Kysely<unknown>, { name }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('pause')
    .addColumn('id', 'integer', (c) => c.notNull().primaryKey())
    .addColumn('since', 'bigint')
    .addColumn('by_name', name(64))
    .addColumn('why', 'varchar(200)')
    .execute();
  await sql`insert into pause (id) select 1 where not exists (select 1 from pause where id = 1)`.execute(db);
}

async function createReadings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('readings')
    .addColumn('at', 'bigint', (c) => c.notNull().primaryKey())
    .addColumn('bands_per_second', 'double precision', (c) => c.notNull())
    .addColumn('pixels_per_second', 'double precision', (c) => c.notNull())
    .addColumn('speed', 'double precision', (c) => c.notNull())
    .addColumn('workers', 'integer', (c) => c.notNull())
    .addColumn('waiting', 'integer', (c) => c.notNull())
    .addColumn('leased', 'integer', (c) => c.notNull())
    .addColumn('oldest_ms', 'bigint')
    .addColumn('paused', 'integer', (c) => c.notNull())
    .execute();
}

async function createAuditNotes(db: Kysely<unknown>, { numbered, name }: ColumnTypes): Promise<void> {
  await numbered(db.schema.createTable('audit_notes') as Table, 'id')
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('action', 'varchar(32)', (c) => c.notNull())
    .addColumn('who', 'varchar(255)', (c) => c.notNull())
    .addColumn('token', name(16), (c) => c.notNull())
    .execute();
}
