import pg from 'pg';

/** Runs one statement on a farm's PostgreSQL, past the repository: to look at what is really there, and to age what would take long. */
export async function runSql<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
