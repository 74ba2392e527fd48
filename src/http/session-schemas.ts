import { z } from 'zod';
import { ROLES } from '../domain/access.ts';

/* Signing in, and links that others may use; see schemas.ts. */

export const signInBody = z
  .strictObject({ token: z.string().min(1).max(200).meta({ description: 'the token of whoever signs in' }) })
  .meta({ id: 'SignIn' });

export const sessionResource = z
  .object({
    access: z.enum(['open', 'closed']).meta({ description: 'open: everybody may do everything here' }),
    name: z.string().nullable().meta({ description: 'who is signed in; null for nobody' }),
    role: z.enum([...ROLES, 'none', 'everybody']).meta({ description: 'what this browser, or whoever sent the token, may do' }),
    expires_at: z.string().nullable().meta({ format: 'date-time', description: 'when the session ends; null without one' }),
    ended: z.string().nullable().meta({ description: 'why somebody who was signed in is so no longer' }),
  })
  .meta({ id: 'Session' });
export type SessionResource = z.infer<typeof sessionResource>;

const DAY_S = 86_400;
export const DEFAULT_SHARE_S = 7 * DAY_S;
export const LONGEST_SHARE_S = 366 * DAY_S;

export const shareBody = z
  .strictObject({
    what: z.enum(['image', 'page']).default('page').meta({ description: 'the picture alone, or its page' }),
    expires_in: z.int().min(1).max(LONGEST_SHARE_S).default(DEFAULT_SHARE_S).meta({ description: 'seconds; a week by default' }),
  })
  .meta({ id: 'ShareOrder' });
export type ShareBody = z.input<typeof shareBody>;

export const shareResource = z
  .object({
    url: z.string().meta({ description: 'path and query; put the address of the service before it' }),
    expires_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Share' });
export type ShareResource = z.infer<typeof shareResource>;
