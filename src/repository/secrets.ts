import type { SecretRepository } from '../domain/repository.ts';
import type { Database } from './tables.ts';

const SIGNING = 'signing';
const KEY_BYTES = 32;

export function secretRepository({ db, can }: Database): SecretRepository {
  const find = () => db.selectFrom('secrets').select('value').where('name', '=', SIGNING).executeTakeFirst();
  let key: Promise<Uint8Array> | undefined;

  const read = async (): Promise<Uint8Array> => {
    let row = await find();
    if (!row) {
      const value = Buffer.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES))).toString('base64');
      const insert = db.insertInto('secrets').values({ name: SIGNING, value });
      // Whoever comes first, of many that start at once, has made it for all.
      await (can.hasOnConflict
        ? insert.onConflict((conflict) => conflict.column('name').doNothing())
        : insert.onDuplicateKeyUpdate({ name: SIGNING })
      ).execute();
      row = await find();
    }
    if (!row) throw new Error('The signing key is not there after it was made.');
    return new Uint8Array(Buffer.from(row.value, 'base64'));
  };

  return {
    signingKey: () => {
      // It never changes, but a database that was away is asked again.
      key ??= read().catch((error) => {
        key = undefined;
        throw error;
      });
      return key;
    },
  };
}
