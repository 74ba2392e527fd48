import type { OpenedDatabase } from '../repository/build.ts';
import { openSqliteRepository } from '../repository/sqlite.ts';
import type { Settings } from './settings.ts';
import { maskUrl, sqlitePath } from './urls.ts';

/**
 * The database that the settings name.
 * @param onTrouble told what is waited for
 * @param options see openSqliteRepository
 * @throws {Fault} with a sentence for the operator
 */
export async function openRepository(
  { database_url: url }: Pick<Settings, 'database_url'>,
  onTrouble: (line: string) => void,
  { beside = false, look = false } = {},
): Promise<OpenedDatabase> {
  const path = sqlitePath(url);
  if (path !== null) return await openSqliteRepository(path, { beside, look });
  const { openSharedRepository } = await import('../repository/open.ts');
  const name = maskUrl(url);
  return await openSharedRepository(url, { name, look, onWait: (why) => onTrouble(`waiting for the database ${name}: ${why}`) });
}
