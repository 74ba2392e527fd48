import type { FastifyRequest } from 'fastify';
import { Fault } from '../domain/fault.ts';

/** Where a lease token travels: Authorization says who the worker is, and this one whose the band is. In a header, because URLs are logged. */
const LEASE_HEADER = 'faafo-lease';
const TOKEN = /^[\w-]{16,128}$/;

export const leaseHeaders = (token: string): Record<string, string> => ({ [LEASE_HEADER]: token });

/** Refuses a request without a token, before its body is read. Whether it is the right one is the repository's to say. */
export async function requireLeaseToken(request: FastifyRequest): Promise<void> {
  if (findToken(request) === null) throw new Fault('unauthenticated', 'Send the token of the lease, in the header faafo-lease.');
}

/** The token of a request; empty when there is none, which requireLeaseToken does not let pass. */
export const leaseTokenOf = (request: FastifyRequest): string => findToken(request) ?? '';

function findToken({ headers }: FastifyRequest): string | null {
  const text = headers[LEASE_HEADER];
  return typeof text === 'string' && TOKEN.test(text) ? text : null;
}
