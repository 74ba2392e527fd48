import type { FastifyRequest } from 'fastify';

/**
 * Whether an answer may be kept. What was answered to a token is kept for its holder only: a cache that others share must not hand it to those who have none.
 * @param isFinal it will never change under this URL
 */
export function cacheControl({ identity, query }: FastifyRequest, isFinal: boolean): string {
  // A signed link expires, or is withdrawn.
  if (!isFinal || 'signature' in (query as object)) return 'no-cache';
  return `${identity.name === null ? 'public' : 'private'}, max-age=31536000, immutable`;
}
