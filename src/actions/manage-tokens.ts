import { ENROLLED_ROLES, isIdentityName, LONGEST_ENROLMENT_MS, MOST_USES, NAME_RULE, type Role } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { Repository, StoredToken } from '../domain/repository.ts';
import { hashAccessToken, isTokenId, judgeToken, newAccessToken, newEnrolmentToken, tokenIdOf } from './access-token.ts';

export interface TokenWish {
  readonly name: string;
  readonly role: Role;
  /** null: never */
  readonly expiresInMs: number | null;
  /** makes an enrolment token, which can be exchanged that often; null: it makes an access token */
  readonly uses?: number | null;
  /** an access token that was made elsewhere; by default a new one is made */
  readonly given?: string;
  /** leaves a note for the audit: see TokenRepository */
  readonly who?: string;
}

export interface IssuedToken extends StoredToken {
  /** the token itself: it is told this once, and kept nowhere */
  readonly token: string;
}

/** Makes a token for an identity. @throws {Fault} `invalid` */
export async function createToken({ tokens }: Pick<Repository, 'tokens'>, wish: TokenWish): Promise<IssuedToken> {
  const { name, role, expiresInMs, uses = null, who } = wish;
  if (!isIdentityName(name)) throw new Fault('invalid', `A name ${NAME_RULE}.`, { field: 'name' });
  if (uses !== null) checkEnrolment({ role, expiresInMs, uses });
  if (wish.given !== undefined) return { ...(await adopt(tokens, wish, wish.given)), token: wish.given };
  const { id, text } = uses === null ? newAccessToken() : newEnrolmentToken();
  return { ...(await tokens.create({ id, name, role, expiresInMs, uses, hash: hashAccessToken(text) }, who)), token: text };
}

/** One that was made elsewhere, so that whoever made it has it already. Several processes may do so at once, and again. */
async function adopt(
  tokens: Repository['tokens'],
  { name, role, expiresInMs, who }: TokenWish,
  text: string,
): Promise<StoredToken> {
  if (judgeToken(text) !== 'possible') throw new Fault('invalid', 'That is no access token of faafo.');
  const hash = hashAccessToken(text);
  const there = await tokens.find(hash);
  if (there) return there;
  try {
    return await tokens.create({ id: tokenIdOf(text), name, role, expiresInMs, hash }, who);
  } catch (error) {
    const made = await tokens.find(hash);
    if (made) return made;
    throw error;
  }
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
 * @param options.who leaves a note for the audit: see TokenRepository
 */
export async function revokeToken(
  { tokens }: Pick<Repository, 'tokens'>,
  id: string,
  { withWorkers = false, who }: { withWorkers?: boolean; who?: string } = {},
): Promise<RevokedToken> {
  const revoked = isTokenId(id) ? await tokens.revoke(id, who) : null;
  if (!revoked) throw new Fault('not_found', `There is no token ${id}.`);
  return { ...revoked, alsoRevoked: withWorkers ? await tokens.revokeEnrolled(id) : 0 };
}
