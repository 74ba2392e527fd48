import { isIdentityName, NAME_RULE, type Role } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { Repository, StoredToken } from '../domain/repository.ts';
import { hashAccessToken, isTokenId, newAccessToken } from './access-token.ts';

export interface TokenWish {
  readonly name: string;
  readonly role: Role;
  /** null: never */
  readonly expiresInMs: number | null;
}

export interface IssuedToken extends StoredToken {
  /** the token itself: it is told this once, and kept nowhere */
  readonly token: string;
}

/** Makes a token for an identity. @throws {Fault} `invalid` */
export async function createToken({ tokens }: Pick<Repository, 'tokens'>, wish: TokenWish): Promise<IssuedToken> {
  const { name, role, expiresInMs } = wish;
  if (!isIdentityName(name)) throw new Fault('invalid', `A name ${NAME_RULE}.`, { field: 'name' });
  const { id, text } = newAccessToken();
  return { ...(await tokens.create({ id, name, role, expiresInMs, hash: hashAccessToken(text) })), token: text };
}

/** Makes a token worthless, within 5 s on every process. @throws {Fault} `not_found` */
export async function revokeToken({ tokens }: Pick<Repository, 'tokens'>, id: string): Promise<StoredToken> {
  const revoked = isTokenId(id) ? await tokens.revoke(id) : null;
  if (!revoked) throw new Fault('not_found', `There is no token ${id}.`);
  return revoked;
}
