import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * A lease token travels as `Authorization: Bearer …`. A proxy that wants a password has that header for itself; then the token stands in this one. In
 * headers, because URLs are logged.
 */
const LEASE_HEADER = 'faafo-lease';
const TOKEN = /^[\w-]{16,128}$/;

/** @param basic the Authorization that a proxy wants, if any */
export function leaseHeaders(token: string, basic?: string): Record<string, string> {
  return basic ? { authorization: basic, [LEASE_HEADER]: token } : { authorization: `Bearer ${token}` };
}

/** Refuses a request without a token, before its body is read. Whether it is the right one is the repository's to say. */
export async function requireLeaseToken(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (findToken(request) !== null) return;
  reply.header('www-authenticate', 'Bearer');
  throw Object.assign(new Error('Send the token of the lease, as Authorization: Bearer …'), { statusCode: 401 });
}

/** The token of a request; empty when there is none, which requireLeaseToken does not let pass. */
export const leaseTokenOf = (request: FastifyRequest): string => findToken(request) ?? '';

function findToken({ headers }: FastifyRequest): string | null {
  const text = headers[LEASE_HEADER] ?? /^Bearer (.*)$/i.exec(headers.authorization ?? '')?.[1];
  return typeof text === 'string' && TOKEN.test(text) ? text : null;
}
