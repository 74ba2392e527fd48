import { Fault } from '../domain/fault.ts';
import type { OpenedDatabase } from './build.ts';
import { explainTls } from './database-tls.ts';
import type { Verdict } from './transactions.ts';

export interface OpenOptions {
  /** the database's URL without its password, for messages */
  readonly name: string;
  /** called once when the database cannot be reached and is waited for */
  readonly onWait: (why: string) => void;
  /** a query that takes longer has lost its connection, which is given up; QUERY_MS by default */
  readonly queryMs?: number;
  /** only to look at it: its tables are taken as they are, and it is not waited for */
  readonly look?: boolean;
}

/** Nothing that is asked while the tables stay as they are takes nearly as long. A connection of which one end is gone tells the other nothing for two hours. */
export const QUERY_MS = 15_000;

/** A process that says nothing for so long in the middle of a transaction is frozen or cut off: others must not wait for its locks. The database undoes it. */
export const IDLE_TRANSACTION_MS = 5_000;

const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/**
 * Opens the database that a URL names, as SQLAlchemy writes it: postgresql://, mysql:// or mariadb://, each also with a driver (mysql+pymysql://).
 * SQLite files are opened by openSqliteRepository.
 * @throws {Fault} `invalid` for another kind of database; `unavailable` when it cannot be used
 */
export async function openSharedRepository(url: string, options: OpenOptions): Promise<OpenedDatabase> {
  const [, kind, rest] = /^(postgres(?:ql)?|mysql|mariadb)(?:\+[a-z0-9]+)?:\/\/(.*)$/.exec(url) ?? [];
  if (kind === undefined) throw new Fault('invalid', `${options.name} names no database that faafo knows.`);
  // Loaded late: each driver is only there for those who use it.
  if (kind.startsWith('postgres')) {
    const { openPostgresRepository } = await import('./postgres.ts');
    return await openPostgresRepository(`postgresql://${rest}`, options);
  }
  const { openMysqlRepository } = await import('./mysql.ts');
  return await openMysqlRepository(`mysql://${rest}`, options);
}

/** Waits for a database that is just starting; one that refuses is told at once. @throws {Fault} `unavailable` */
export async function untilReached(
  attempt: () => Promise<unknown>,
  judge: (error: unknown) => Verdict,
  { name, onWait, look = false }: OpenOptions,
): Promise<void> {
  const deadline = performance.now() + (look ? 0 : PATIENCE_MS);
  for (let told = false; ; ) {
    try {
      await attempt();
      return;
    } catch (cause) {
      const tls = explainTls(cause);
      const why = tls ?? ((cause as Error).message || ((cause as { code?: string }).code ?? 'no answer'));
      if (tls !== undefined || judge(cause) !== 'unavailable' || performance.now() > deadline) {
        throw new Fault('unavailable', `The database ${name} cannot be opened: ${why}.`, { cause });
      }
      if (!told) onWait(why);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
