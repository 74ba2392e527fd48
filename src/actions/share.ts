import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Identity, mayChange } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import { findFractal } from './find-fractal.ts';

/** What a link shows: the picture alone, or the page of a fractal with all that stands on it. */
export const SHARED_THINGS = ['image', 'page'] as const;
export type SharedThing = (typeof SHARED_THINGS)[number];

/** What stands in a signed link. */
export interface Share {
  readonly what: SharedThing;
  readonly id: FractalId;
  /** seconds since 1970 */
  readonly expires: number;
}

/** Makes what lets others look at one fractal without a token: for its owner, and admins. @throws {Fault} `not_found`, `denied` */
export async function shareFractal(ports: Pick<Ports, 'repository'>, share: Share, by: Identity): Promise<string> {
  const { owner } = await findFractal(ports, share.id);
  if (!mayChange(by, owner)) {
    throw new Fault('denied', `The fractal ${share.id} is shared by ${owner ?? 'an admin'} alone: ask there for a link.`);
  }
  return signatureOf(await ports.repository.secrets.signingKey(), share);
}

/** Whether a signature is that of one of these shares. @throws {Fault} `denied` when it is not; `gone` when it has expired */
export function checkShare(signingKey: Uint8Array, shares: readonly Share[], signature: string, nowMs: number): void {
  const given = Buffer.from(signature, 'base64url');
  const found = shares.find((share) => {
    const right = Buffer.from(signatureOf(signingKey, share), 'base64url');
    return given.length === right.length && timingSafeEqual(given, right);
  });
  if (!found) {
    throw new Fault(
      'denied',
      'This link is not right: it was copied incompletely, is for something else, or was withdrawn. Ask for a new one.',
    );
  }
  if (found.expires * 1000 <= nowMs) throw new Fault('gone', 'This link has expired: ask for a new one.');
}

/** Another purpose signs other words, so that no signature is good for two. */
const signatureOf = (signingKey: Uint8Array, { what, id, expires }: Share): string =>
  createHmac('sha256', signingKey).update(`faafo share\n${what}\n${id}\n${expires}`).digest('base64url');
