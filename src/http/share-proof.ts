import { z } from 'zod';
import { checkShare, SHARED_THINGS, type Share, type SharedThing } from '../actions/share.ts';
import { parseFractalId } from '../domain/ids.ts';
import type { Repository } from '../domain/repository.ts';
import type { Proof } from './bearer.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** by links to which things this may be looked at */
    sharedBy?: readonly SharedThing[];
  }
}

/** A page shows the picture, too. */
export const BY_ANY_LINK = { sharedBy: SHARED_THINGS } as const;
export const BY_PAGE_LINK = { sharedBy: ['page'] } as const;

/** What a signed link adds to an address. */
export const shareQuery = {
  expires: z
    .string()
    .regex(/^\d{1,12}$/, 'must be the seconds of a signed link')
    .optional()
    .meta({ description: 'of a signed link: when it ends, in seconds since 1970' }),
  signature: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be that of a signed link')
    .optional()
    .meta({ description: 'of a signed link: lets anybody look without a token' }),
};

/** Somebody who was given a signed link: may look at what it is for. @throws {Fault} `denied`, `gone` */
export function shareProof(repository: Pick<Repository, 'fractals' | 'secrets'>): Proof {
  return async ({ query, params, routeOptions: { config } }) => {
    const { signature, expires } = (query ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof signature !== 'string' || !config.sharedBy) return null;
    const id = parseFractalId((params as { uuid: string }).uuid);
    const shares = config.sharedBy.map((what): Share => ({ what, id, expires: Number(expires) }));
    await checkShare(repository, shares, signature, Date.now());
    return { name: null, role: 'viewer' };
  };
}
