import { z } from 'zod';
import { isIdentityName, NAME_RULE, ROLES } from '../domain/access.ts';

/* What is told of tokens; see schemas.ts. */

const DAY_S = 86_400;
export const DEFAULT_EXPIRY_S = 365 * DAY_S;
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
    expires_in: z.int().min(1).max(LONGEST_EXPIRY_S).nullable().default(DEFAULT_EXPIRY_S).meta({
      description: 'seconds; null: never',
    }),
  })
  .meta({ id: 'TokenOrder' });
export type TokenBody = z.input<typeof tokenBody>;

const token = {
  id: z.string().meta({ description: 'names the token; no secret' }),
  name: z.string(),
  role,
  created_at: z.string().meta({ format: 'date-time' }),
  expires_at: moment('null: never'),
  revoked_at: moment('null: it was not'),
  last_used_at: moment('to the minute; null: never'),
};

export const tokenResource = z.object(token).meta({ id: 'Token' });
export type TokenResource = z.infer<typeof tokenResource>;

export const issuedToken = z
  .object({ ...token, token: z.string().meta({ description: 'the token itself; it is told this once' }) })
  .meta({ id: 'IssuedToken' });
export type IssuedTokenResource = z.infer<typeof issuedToken>;

export const tokenList = z
  .object({ objects: z.array(tokenResource).meta({ description: 'all there ever were, newest first' }) })
  .meta({ id: 'TokenList' });
export type TokenList = z.infer<typeof tokenList>;
