import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Writes so many finished fractals beside a running service: each has the picture of one that is there, so that no file is needed for them.
 * @param uuid of the one whose row is copied
 */
export function addCopies(dataDir: string, uuid: string, count: number): void {
  const db = new DatabaseSync(join(dataDir, 'faafo.db'), { timeout: 20_000 });
  const columns = db
    .prepare('select name from pragma_table_info(?)')
    .all('fractals')
    .map(({ name }) => String(name))
    .filter((name) => !['seq', 'uuid'].includes(name));
  db.exec('begin immediate');
  db.prepare(
    `insert into fractals (uuid, ${columns.join(', ')})
     with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ?)
     select printf('%08x-0000-4000-8000-%012x', (n * 2654435761) & 4294967295, n), ${columns.join(', ')} from numbers, fractals where uuid = ?`,
  ).run(count, uuid);
  db.prepare("update tallies set fractals = fractals + ? where state = 'done' and slot = 0").run(count);
  db.exec(`insert into kinds (owner, formula, palette, state, slot, fractals)
    select '', formula, palette, state, 99, count(*) from fractals where uuid like '%-0000-4000-8000-%' group by formula, palette, state`);
  db.exec('commit');
  db.close();
}
