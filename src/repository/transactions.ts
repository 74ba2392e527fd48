import type { DatabaseConnection, Dialect, Driver, Kysely } from 'kysely';
import { Fault } from '../domain/fault.ts';
import type { Tables, Tx } from './tables.ts';

/** What an error of a driver means; `repeated`: what was to be done is done already. */
export type Verdict = 'deadlock' | 'unavailable' | 'full' | 'repeated' | 'defect';

const TRIES = 8;

/** Thrown where a transaction lost a deadlock; nothing of it was kept. */
class Deadlock extends Error {}

/**
 * The dialect with its errors told apart, at the one place through which all queries go.
 * @param judge told what the driver threw
 * @param name of the database, without a password
 */
export function telling(dialect: Dialect, judge: (error: unknown) => Verdict, name: string): Dialect {
  const translate = (error: unknown): unknown => {
    if (error instanceof Fault) return error;
    const cause = error as Error;
    switch (judge(error)) {
      case 'deadlock':
        return new Deadlock(cause.message, { cause });
      case 'unavailable':
        return new Fault('unavailable', `The database ${name} cannot be reached.`, { cause, retryAfterSeconds: 2 });
      case 'full':
        return new Fault('unavailable', `The database ${name} has no room left on its disk.`, { cause, retryAfterSeconds: 10 });
      default:
        return error;
    }
  };
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => tellingDriver(dialect.createDriver(), translate, (error) => judge(error) === 'repeated'),
  };
}

/** Wraps connections in place: the driver knows them by identity. */
function tellingDriver(driver: Driver, translate: (error: unknown) => unknown, isRepeated: (error: unknown) => boolean): Driver {
  const wrapped = new WeakSet<DatabaseConnection>();
  const acquire = driver.acquireConnection.bind(driver);
  driver.acquireConnection = async (options) => {
    const connection = await acquire(options).catch((error) => {
      throw translate(error);
    });
    if (wrapped.has(connection)) return connection;
    wrapped.add(connection);
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = async (...words) => {
      try {
        return (await execute(...words)) as never;
      } catch (error) {
        if (isRepeated(error)) return { rows: [] } as never;
        throw translate(error);
      }
    };
    return connection;
  };
  return driver;
}

/** Runs transactions, again when they lost a deadlock, each time a little later. */
export function transactionsOf(db: Kysely<Tables>) {
  return async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return await db.transaction().execute(work);
      } catch (error) {
        if (!(error instanceof Deadlock)) throw error;
        if (tries === TRIES) {
          throw new Fault('unavailable', 'The database is too busy with others.', { cause: error, retryAfterSeconds: 1 });
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** tries));
      }
    }
  };
}
