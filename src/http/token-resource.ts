import type { IssuedToken } from '../actions/manage-tokens.ts';
import type { StoredToken } from '../domain/repository.ts';
import type { IssuedTokenResource, TokenResource } from './token-schemas.ts';

const time = (ms: number): string => new Date(ms).toISOString();
const maybe = (ms: number | null): string | null => (ms === null ? null : time(ms));

export function toTokenResource({ id, name, role, createdAt, expiresAt, revokedAt, lastUsedAt }: StoredToken): TokenResource {
  return {
    id,
    name,
    role,
    created_at: time(createdAt),
    expires_at: maybe(expiresAt),
    revoked_at: maybe(revokedAt),
    last_used_at: maybe(lastUsedAt),
  };
}

export const toIssuedToken = (issued: IssuedToken): IssuedTokenResource => ({ ...toTokenResource(issued), token: issued.token });
