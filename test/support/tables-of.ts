import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/** Rows that a migration writes, beside the tables themselves. The epoch is another in each database. */
const ROWS = 'select (select count(*) from history) as epochs, (select count(*) from tallies) as tallies';
const DONE = 'select name from kysely_migration order by name';

/** What one database holds before anything was ordered: its columns and indexes, which migrations were done, and how many rows they wrote. */
export async function describeTables(url: string): Promise<unknown> {
  const ask = url.startsWith('postgres') ? askPostgres : askMysql;
  return await ask(url);
}

async function askPostgres(connectionString: string): Promise<unknown> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const rows = async (text: string) => (await client.query(text)).rows;
  try {
    return [
      await rows(`select table_name, column_name, data_type, is_nullable, column_default, character_maximum_length
        from information_schema.columns where table_schema = 'public' order by table_name, column_name`),
      await rows("select tablename, indexdef from pg_indexes where schemaname = 'public' order by indexdef"),
      await rows(DONE),
      await rows(ROWS),
    ];
  } finally {
    await client.end();
  }
}

async function askMysql(url: string): Promise<unknown> {
  const connection = await createConnection(url);
  const rows = async (text: string) => (await connection.query(text))[0];
  try {
    return [
      await rows(`select table_name, column_name, column_type, is_nullable, column_default, collation_name, extra
        from information_schema.columns where table_schema = database() order by table_name, column_name`),
      await rows(`select table_name, index_name, seq_in_index, column_name, non_unique
        from information_schema.statistics where table_schema = database() order by table_name, index_name, seq_in_index`),
      await rows(DONE),
      await rows(ROWS),
    ];
  } finally {
    await connection.end();
  }
}
