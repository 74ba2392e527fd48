import { type Selectable, sql } from 'kysely';
import type { StoredToken, TokenRepository } from '../domain/repository.ts';
import type { Database, TokensTable } from './tables.ts';

const TOUCHED_EVERY_MS = 60_000;

export function tokenRepository(database: Database): TokenRepository {
  const { db, can } = database;
  const byId = async (id: string): Promise<StoredToken | null> => {
    const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toToken(row) : null;
  };
  return {
    async create({ id, hash, name, role, expiresInMs }) {
      const expires_at = expiresInMs === null ? null : sql<number>`${can.nowMs} + ${expiresInMs}`;
      await db.insertInto('tokens').values({ id, hash, name, role, created_at: can.nowMs, expires_at }).execute();
      const created = await byId(id);
      if (!created) throw new Error(`The token ${id} is not there after it was made.`);
      return created;
    },

    async find(hash) {
      const row = await db
        .selectFrom('tokens')
        .selectAll()
        .select(can.nowMs.as('now'))
        .where('hash', '=', hash)
        .executeTakeFirst();
      if (!row) return null;
      const expiresInMs = row.expires_at === null ? null : Math.max(0, row.expires_at - row.now);
      const standing = row.revoked_at !== null ? 'revoked' : expiresInMs === 0 ? 'expired' : 'valid';
      return { ...toToken(row), standing, expiresInMs };
    },

    async list() {
      const rows = await db.selectFrom('tokens').selectAll().orderBy('created_at', 'desc').orderBy('id').execute();
      return rows.map(toToken);
    },

    async revoke(id) {
      // The first revocation stays the one that counts.
      await db
        .updateTable('tokens')
        .set({ revoked_at: can.nowMs })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .execute();
      return await byId(id);
    },

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

const toToken = (row: Selectable<TokensTable>): StoredToken => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});
