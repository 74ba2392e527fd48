import { sql } from 'kysely';
import type { Enrolled, StoredToken, TokenRepository, TokenStanding } from '../domain/repository.ts';
import type { Database, Tx } from './tables.ts';
import { standingOf, toToken } from './token-rows.ts';

/** Tokens that others are exchanged for: the part of the tokens' repository that is about them. */
export function enrolments(database: Database): Pick<TokenRepository, 'enrol' | 'revokeEnrolled'> {
  const { db, can } = database;

  /** One conditional update: it holds the row until the end, so that exchanges of one enrolment token come one after the other. @returns whether there was a use left */
  const takeUse = async (tx: Tx, hash: string): Promise<boolean> => {
    const { numUpdatedRows } = await tx
      .updateTable('tokens')
      .set((row) => ({ uses_left: row('uses_left', '-', 1), last_used_at: can.nowMs }))
      .where('hash', '=', hash)
      .where('uses_left', '>', 0)
      .where('revoked_at', 'is', null)
      .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', can.nowMs)]))
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  };

  const giveUseBack = (tx: Tx, hash: string) =>
    tx
      .updateTable('tokens')
      .set((row) => ({ uses_left: row('uses_left', '+', 1) }))
      .where('hash', '=', hash)
      .execute();

  const byHash = async (tx: Tx, hash: string): Promise<{ token: StoredToken; standing: TokenStanding } | null> => {
    const row = await tx.selectFrom('tokens').selectAll().select(can.nowMs.as('now')).where('hash', '=', hash).executeTakeFirst();
    return row ? { token: toToken(row), standing: standingOf(row) } : null;
  };

  const isTaken = async (tx: Tx, id: string): Promise<boolean> =>
    (await tx.selectFrom('tokens').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;

  return {
    enrol: (hash, wanted) =>
      database.durably(async (tx): Promise<Enrolled> => {
        const tookUse = await takeUse(tx, hash);
        const { token: enrolment, standing } = (await byHash(tx, hash)) ?? {};
        if (enrolment === undefined || enrolment.uses === null || standing === undefined) return { answer: 'unknown' };
        // Looked for behind the update: whoever came first with the same token has ended by now.
        const known = await byHash(tx, wanted.hash);
        if (known || (await isTaken(tx, wanted.id))) {
          if (tookUse) await giveUseBack(tx, hash);
          if (known?.token.enrolment !== enrolment.id) return { answer: 'conflict', enrolment };
          return { answer: 'again', enrolment, ...known };
        }
        if (!tookUse) return { answer: standing === 'valid' ? 'used up' : standing, enrolment };
        const { id, name, expiresInMs } = wanted;
        const expires_at = expiresInMs === null ? null : sql<number>`${can.nowMs} + ${expiresInMs}`;
        const row = { id, hash: wanted.hash, name, role: enrolment.role, created_at: can.nowMs, expires_at };
        await tx
          .insertInto('tokens')
          .values({ ...row, enrolment: enrolment.id })
          .execute();
        const made = await byHash(tx, wanted.hash);
        if (!made) throw new Error(`The token ${id} is not there after it was made.`);
        return { answer: 'enrolled', enrolment, ...made };
      }),

    async revokeEnrolled(id) {
      const { numUpdatedRows } = await db
        .updateTable('tokens')
        .set({ revoked_at: can.nowMs })
        .where('enrolment', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
}
