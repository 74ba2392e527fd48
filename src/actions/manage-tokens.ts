import { ENROLLED_ROLES, isIdentityName, LONGEST_ENROLMENT_MS, MOST_USES, NAME_RULE, type Role } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { Repository, StoredToken } from '../domain/repository.ts';
import { hashAccessToken, isTokenId, newAccessToken, newEnrolmentToken } from './access-token.ts';

export interface TokenWish {
  readonly name: string;
  readonly role: Role;
  /** null: never */
  readonly expiresInMs: number | null;
  /** makes an enrolment token, which can be exchanged that often; null: it makes an access token */
  readonly uses?: number | null;
}

export interface IssuedToken extends StoredToken {
  /** the token itself: it is told this once, and kept nowhere */
  readonly token: string;
}

/** Makes a token for an identity. @throws {Fault} `invalid` */
export async function createToken({ tokens }: Pick<Repository, 'tokens'>, wish: TokenWish): Promise<IssuedToken> {
  const { name, role, expiresInMs, uses = null } = wish;
  if (!isIdentityName(name)) throw new Fault('invalid', `A name ${NAME_RULE}.`, { field: 'name' });
  if (uses !== null) checkEnrolment({ role, expiresInMs, uses });
  const { id, text } = uses === null ? newAccessToken() : newEnrolmentToken();
  return { ...(await tokens.create({ id, name, role, expiresInMs, uses, hash: hashAccessToken(text) })), token: text };
}

/** @throws {Fault} `invalid` for an enrolment token that would be good for too much */
function checkEnrolment({ role, expiresInMs, uses }: Pick<TokenWish, 'role' | 'expiresInMs'> & { uses: number }): void {
  if (!ENROLLED_ROLES.some((each) => each === role)) {
    const possible = ENROLLED_ROLES.join(' or ');
    throw new Fault('invalid', `Nobody is enrolled as ${role}: the role of an enrolment token is ${possible}.`, {
      field: 'role',
    });
  }
  if (!Number.isInteger(uses) || uses < 1 || uses > MOST_USES)
    throw new Fault('invalid', `An enrolment token has 1 to ${MOST_USES} uses.`, { field: 'uses' });
  if (expiresInMs === null || expiresInMs > LONGEST_ENROLMENT_MS)
    throw new Fault('invalid', 'An enrolment token is good for 30 days at most.', { field: 'expires_in' });
}

/** A token that was revoked, and how many more with it. */
export interface RevokedToken extends StoredToken {
  readonly alsoRevoked: number;
}

/**
 * Makes a token worthless, within 5 s on every process. @throws {Fault} `not_found`
 * @param options.withWorkers of an enrolment token: also what it was exchanged for
 */
export async function revokeToken(
  { tokens }: Pick<Repository, 'tokens'>,
  id: string,
  { withWorkers = false }: { withWorkers?: boolean } = {},
): Promise<RevokedToken> {
  const revoked = isTokenId(id) ? await tokens.revoke(id) : null;
  if (!revoked) throw new Fault('not_found', `There is no token ${id}.`);
  return { ...revoked, alsoRevoked: withWorkers ? await tokens.revokeEnrolled(id) : 0 };
}
