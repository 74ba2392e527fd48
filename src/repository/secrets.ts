import type { SecretRepository } from '../domain/repository.ts';
import type { Database } from './tables.ts';

const SIGNING = 'signing';
const KEY_BYTES = 32;
/** How long it is believed to be the same: another process may have made another. */
const BELIEVED_MS = 2_000;

export function secretRepository({ db, can }: Database): SecretRepository {
  const newKey = () => Buffer.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES))).toString('base64');
  const find = () => db.selectFrom('secrets').select('value').where('name', '=', SIGNING).executeTakeFirst();
  let known = { until: Number.NEGATIVE_INFINITY, key: undefined as Promise<Uint8Array> | undefined };

  const read = async (): Promise<Uint8Array> => {
    let row = await find();
    if (!row) {
      const insert = db.insertInto('secrets').values({ name: SIGNING, value: newKey() });
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
  const forget = (): void => {
    known = { until: Number.NEGATIVE_INFINITY, key: undefined };
  };

  return {
    signingKey: () => {
      const now = performance.now();
      if (known.key && known.until > now) return known.key;
      const key = read();
      known = { until: now + BELIEVED_MS, key };
      // A database that was away is asked again.
      key.catch(forget);
      return key;
    },

    async renewSigningKey() {
      await read();
      await db.updateTable('secrets').set({ value: newKey() }).where('name', '=', SIGNING).execute();
      forget();
    },
  };
}
