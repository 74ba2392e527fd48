import type { Selectable } from 'kysely';
import type { StoredToken, TokenStanding } from '../domain/repository.ts';
import type { TokensTable } from './tables.ts';

type Row = Selectable<TokensTable>;

export const toToken = (row: Row): StoredToken => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
  uses: row.uses,
  usesLeft: row.uses_left,
  enrolment: row.enrolment,
});

/** Milliseconds until it expires, 0 when it has; null: it never does. @param row `now` on the clock of the database */
export const expiresInMs = ({ expires_at, now }: Pick<Row, 'expires_at'> & { readonly now: number }): number | null =>
  expires_at === null ? null : Math.max(0, expires_at - now);

export function standingOf(row: Pick<Row, 'expires_at' | 'revoked_at'> & { readonly now: number }): TokenStanding {
  if (row.revoked_at !== null) return 'revoked';
  return expiresInMs(row) === 0 ? 'expired' : 'valid';
}
