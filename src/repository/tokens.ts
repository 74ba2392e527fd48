import { sql } from 'kysely';
import type { StoredToken, TokenRepository } from '../domain/repository.ts';
import { leaveNote } from './audit.ts';
import { enrolments } from './enrolments.ts';
import type { Database, Tx } from './tables.ts';
import { expiresInMs, standingOf, toToken } from './token-rows.ts';

const TOUCHED_EVERY_MS = 60_000;

export function tokenRepository(database: Database): TokenRepository {
  const { db, can } = database;
  const byId = async (tx: Tx, id: string): Promise<StoredToken | null> => {
    const row = await tx.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toToken(row) : null;
  };
  return {
    ...enrolments(database),

    create: ({ id, hash, name, role, expiresInMs: lifeMs, uses = null }, who) =>
      database.durably(async (tx) => {
        const expires_at = lifeMs === null ? null : sql<number>`${can.nowMs} + ${lifeMs}`;
        const row = { id, hash, name, role, created_at: can.nowMs, expires_at, uses, uses_left: uses };
        await tx.insertInto('tokens').values(row).execute();
        if (who !== undefined) await leaveNote(tx, database, { action: 'create-token', who, token: id });
        const created = await byId(tx, id);
        if (!created) throw new Error(`The token ${id} is not there after it was made.`);
        return created;
      }),

    async find(hash) {
      const row = await db
        .selectFrom('tokens')
        .selectAll()
        .select(can.nowMs.as('now'))
        .where('hash', '=', hash)
        .where('uses', 'is', null)
        .executeTakeFirst();
      return row ? { ...toToken(row), standing: standingOf(row), expiresInMs: expiresInMs(row) } : null;
    },

    async list() {
      const rows = await db.selectFrom('tokens').selectAll().orderBy('created_at', 'desc').orderBy('id').execute();
      return rows.map(toToken);
    },

    revoke: (id, who) =>
      database.durably(async (tx) => {
        // The first revocation stays the one that counts.
        await tx
          .updateTable('tokens')
          .set({ revoked_at: can.nowMs })
          .where('id', '=', id)
          .where('revoked_at', 'is', null)
          .execute();
        const revoked = await byId(tx, id);
        if (revoked && who !== undefined) await leaveNote(tx, database, { action: 'revoke-token', who, token: id });
        return revoked;
      }),

    async touch(id) {
      await database.lightly(async (tx) => {
        await tx
          .updateTable('tokens')
          .set({ last_used_at: can.nowMs })
          .where('id', '=', id)
          .where(sql<number>`coalesce(last_used_at, 0)`, '<=', sql<number>`${can.nowMs} - ${TOUCHED_EVERY_MS}`)
          .execute();
      });
    },

    async exist() {
      return (await db.selectFrom('tokens').select('id').limit(1).executeTakeFirst()) !== undefined;
    },
  };
}
