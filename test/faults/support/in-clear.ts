import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Farm } from './farm.ts';
import { runSql } from './sql.ts';

/** Every row of every table, images left out: those were watched on their way. */
export async function databaseInClear(farm: Farm): Promise<string> {
  const tables = await runSql<{ name: string }>(
    farm.database.url,
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_name <> 'object_parts'",
  );
  const texts = tables.map(({ name }) => runSql<{ row: string }>(farm.database.url, `select t::text as row from "${name}" t`));
  return (await Promise.all(texts))
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

/** Every file in the farm's folder, where its parts keep what they keep. */
export async function filesOf(farm: Farm): Promise<Buffer[]> {
  const names = await readdir(farm.folder, { recursive: true, withFileTypes: true });
  return await Promise.all(names.filter((name) => name.isFile()).map((name) => readFile(join(name.parentPath, name.name))));
}

/** How often a word is said. */
export const countOf = (texts: readonly Buffer[], word: string): number =>
  texts.reduce((sum, text) => {
    let times = 0;
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) times++;
    return sum + times;
  }, 0);
