import { z } from 'zod';
import { isIdentityName, MOST_USES, NAME_RULE, ROLES } from '../domain/access.ts';
import { host } from './work-schemas.ts';

/* What is told of tokens; see schemas.ts. */

const DAY_S = 86_400;
export const DEFAULT_EXPIRY_S = 365 * DAY_S;
export const DEFAULT_ENROLMENT_EXPIRY_S = 3_600;
/** A hundred years: beyond it, say never. */
export const LONGEST_EXPIRY_S = 36_500 * DAY_S;

const role = z.enum(ROLES).meta({
  description:
    'viewer: looks; creator: also orders, and cancels, retries and deletes what it ordered; worker: draws, and nothing else; admin: all but drawing',
});
const moment = (what: string) => z.string().nullable().meta({ format: 'date-time', description: what });

export const tokenBody = z
  .strictObject({
    name: z
      .string()
      .refine(isIdentityName, NAME_RULE)
      .meta({
        description: `of the identity whose token it is; ${NAME_RULE}`,
      }),
    role,
    expires_in: z.int().min(1).max(LONGEST_EXPIRY_S).nullable().optional().meta({
      description: 'seconds; null: never. A year by default; of an enrolment token an hour, and thirty days at most',
    }),
    uses: z.int().min(1).max(MOST_USES).nullable().default(null).meta({
      description: 'makes an enrolment token, for a worker: for how many tokens it can be exchanged; it is good for nothing else',
    }),
  })
  .meta({ id: 'TokenOrder' });
export type TokenBody = z.input<typeof tokenBody>;

/** Milliseconds; null: never. */
export function expiryOf({ expires_in, uses }: Pick<TokenBody, 'expires_in' | 'uses'>): number | null {
  if (expires_in === null) return null;
  return (expires_in ?? (uses ? DEFAULT_ENROLMENT_EXPIRY_S : DEFAULT_EXPIRY_S)) * 1000;
}

const token = {
  id: z.string().meta({ description: 'names the token; no secret' }),
  name: z.string(),
  role,
  created_at: z.string().meta({ format: 'date-time' }),
  expires_at: moment('null: never'),
  revoked_at: moment('null: it was not'),
  last_used_at: moment('to the minute; null: never'),
  uses: z.int().nullable().meta({ description: 'of an enrolment token: for how many it can be exchanged; null: it is none' }),
  uses_left: z.int().nullable().meta({ description: 'how many of them are left' }),
  enrolment: z.string().nullable().meta({ description: 'id of the enrolment token that it was exchanged for' }),
};

export const tokenResource = z.object(token).meta({ id: 'Token' });
export type TokenResource = z.infer<typeof tokenResource>;

export const issuedToken = z
  .object({ ...token, token: z.string().meta({ description: 'the token itself; it is told this once' }) })
  .meta({ id: 'IssuedToken' });
export type IssuedTokenResource = z.infer<typeof issuedToken>;

export const revokedToken = z
  .object({ ...token, also_revoked: z.int().meta({ description: 'how many others that were exchanged for it' }) })
  .meta({ id: 'RevokedToken' });
export type RevokedTokenResource = z.infer<typeof revokedToken>;

/** Who is enrolled shows its own token to nobody, only what it will be known by. */
export const enrolmentBody = z
  .strictObject({
    id: z
      .string()
      .regex(/^[0-9a-z]{8}$/, 'must be 8 digits and small letters')
      .meta({ description: 'of the token that the worker has made' }),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 hexadecimal digits')
      .meta({ description: 'SHA-256 of that token' }),
    host: host.meta({ description: 'name of its machine; the beginning of the name that it gets' }),
  })
  .meta({ id: 'Enrolment' });
export type EnrolmentBody = z.input<typeof enrolmentBody>;

export const tokenList = z
  .object({ objects: z.array(tokenResource).meta({ description: 'all there ever were, newest first' }) })
  .meta({ id: 'TokenList' });
export type TokenList = z.infer<typeof tokenList>;
