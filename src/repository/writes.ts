import { type Compilable, type OperationNodeSource, sql } from 'kysely';
import type { Capabilities, Tx } from './tables.ts';

/** A statement that changes rows, and of whose outcome nothing needs to be known. */
export type Write = Compilable & OperationNodeSource & { execute(): Promise<unknown> };

/**
 * Makes changes whose order does not matter, of different rows: where the database can in one statement, which is one journey instead of several.
 * Source: https://www.postgresql.org/docs/15/queries-with.html#QUERIES-WITH-MODIFYING
 */
export async function writeAll(tx: Tx, { joinsWrites }: Capabilities, writes: readonly Write[]): Promise<void> {
  const last = writes.at(-1);
  if (!joinsWrites || writes.length < 2 || !last) {
    for (const write of writes) await write.execute();
    return;
  }
  const others = writes.slice(0, -1).map((write, i) => sql`${sql.raw(`w${i}`)} as (${write})`);
  await sql`with ${sql.join(others)} ${last}`.execute(tx);
}
