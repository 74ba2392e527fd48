import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Identity, mayChange } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { Fractal } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { Repository } from '../domain/repository.ts';
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

/** Which order of a uuid it was: one that is deleted may be ordered anew, by somebody else. */
type Shared = Pick<Fractal, 'seq' | 'createdAt'>;

/** Makes what lets others look at one fractal without a token: for its owner, and admins. @throws {Fault} `not_found`, `denied` */
export async function shareFractal(ports: Pick<Ports, 'repository'>, share: Share, by: Identity): Promise<string> {
  const fractal = await findFractal(ports, share.id);
  const { owner } = fractal;
  if (!mayChange(by, owner)) {
    throw new Fault('denied', `The fractal ${share.id} is shared by ${owner ?? 'an admin'} alone: ask there for a link.`);
  }
  return signatureOf(await ports.repository.secrets.signingKey(), share, fractal);
}

/**
 * Whether a signature is that of one of these shares, all of one fractal.
 * @throws {Fault} `denied` when it is not, or there is no such fractal (any more): who has no right to know is not told which; `gone` when it has expired
 */
export async function checkShare(
  { fractals, secrets }: Pick<Repository, 'fractals' | 'secrets'>,
  shares: readonly Share[],
  signature: string,
  nowMs: number,
): Promise<void> {
  const given = Buffer.from(signature, 'base64url');
  const [{ id } = { id: null }] = shares;
  const fractal = id && (await fractals.find(id));
  const signingKey = await secrets.signingKey();
  const found = shares.find((share) => {
    if (!fractal) return false;
    const right = Buffer.from(signatureOf(signingKey, share, fractal), 'base64url');
    return given.length === right.length && timingSafeEqual(given, right);
  });
  if (!found) {
    throw new Fault(
      'denied',
      'This link is not right: it was copied incompletely, was withdrawn, or what it showed is no longer there. Ask for a new one.',
    );
  }
  if (found.expires * 1000 <= nowMs) throw new Fault('gone', 'This link has expired: ask for a new one.');
}

/** Another purpose signs other words, so that no signature is good for two. */
const signatureOf = (signingKey: Uint8Array, { what, id, expires }: Share, { seq, createdAt }: Shared): string =>
  createHmac('sha256', signingKey).update(`faafo share\n${what}\n${id}\n${seq}\n${createdAt}\n${expires}`).digest('base64url');
