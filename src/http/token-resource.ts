import type { IssuedToken, RevokedToken } from '../actions/manage-tokens.ts';
import type { StoredToken } from '../domain/repository.ts';
import type { IssuedTokenResource, RevokedTokenResource, TokenResource } from './token-schemas.ts';

const time = (ms: number): string => new Date(ms).toISOString();
const maybe = (ms: number | null): string | null => (ms === null ? null : time(ms));

export function toTokenResource(token: StoredToken): TokenResource {
  const { id, name, role, createdAt, expiresAt, revokedAt, lastUsedAt, uses, usesLeft, enrolment } = token;
  return {
    id,
    name,
    role,
    created_at: time(createdAt),
    expires_at: maybe(expiresAt),
    revoked_at: maybe(revokedAt),
    last_used_at: maybe(lastUsedAt),
    uses,
    uses_left: usesLeft,
    enrolment,
  };
}

export const toIssuedToken = (issued: IssuedToken): IssuedTokenResource => ({ ...toTokenResource(issued), token: issued.token });

export const toRevokedToken = (revoked: RevokedToken): RevokedTokenResource => ({
  ...toTokenResource(revoked),
  also_revoked: revoked.alsoRevoked,
});
