import { createHash, randomBytes } from 'node:crypto';
import type { Lease } from '../domain/dispatcher.ts';
import type { LeaseKey } from '../domain/repository.ts';

/** A secret of 144 random bits in URL-safe letters. Its beginning says what it is, so that it can be kept out of logs wherever it turns up. */
export function newLeaseToken(): string {
  return `lease_${randomBytes(18).toString('base64url')}`;
}

/** What the repository knows a lease by: the token's hash, so that a leaked database gives no right to deliver. */
export function leaseKey({ token, ...lease }: Lease): LeaseKey {
  return { ...lease, tokenHash: hashToken(token) };
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
