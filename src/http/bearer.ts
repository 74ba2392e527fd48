import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { TokenTeller } from '../actions/authenticate.ts';
import type { Identity } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';

/** Where the token stands when a proxy wants a password, and has Authorization for itself. Headers, because URLs are logged. */
const TOKEN_HEADER = 'faafo-token';

/** One way to show who one is: null when a request shows nothing of this kind. @throws {Fault} `unauthenticated` when what it shows is not right */
export type Proof = (request: FastifyRequest) => Promise<Identity | null>;

/** Who fails often is no longer listened to; see guard.ts. */
export interface FailureWatch {
  /**
   * Before anybody is asked about a token of that address. @throws {Fault} `busy`
   * @returns to be called when the token was none of the wrong ones
   */
  begin(address: string): () => void;
}

/** @param basic the Authorization that a proxy wants, if any */
export function tokenHeaders(token: string | undefined, basic?: string): Record<string, string> {
  if (token === undefined) return basic ? { authorization: basic } : {};
  return basic ? { authorization: basic, [TOKEN_HEADER]: token } : { authorization: `Bearer ${token}` };
}

/** `Authorization: Bearer faafo_…` */
export function bearerProof(teller: TokenTeller, watch?: FailureWatch): Proof {
  return async ({ headers, ip }) => {
    const token = shownToken(headers);
    if (token === null) return null;
    return await tellWatched(teller, watch, ip, token);
  };
}

/** Whose token an address shows. @throws {Fault} `unauthenticated`; `busy` when it was wrong too often */
export async function tellWatched(
  teller: TokenTeller,
  watch: FailureWatch | undefined,
  address: string,
  token: string,
): Promise<Identity> {
  // Who is known already waits for no stranger that shares the address; and a program that goes on with a revoked token is no guesser.
  const passed = teller.isKnown(token) ? undefined : watch?.begin(address);
  try {
    const identity = await teller.tell(token);
    passed?.();
    return identity;
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'unauthenticated')) passed?.();
    throw error;
  }
}

/** The token that a request shows; '' for one that is empty, null for none. */
export function shownToken(headers: IncomingHttpHeaders): string | null {
  const text = headers[TOKEN_HEADER] ?? /^Bearer(?: +(.*))?$/i.exec(headers.authorization ?? '')?.slice(1)[0];
  if (text !== undefined) return String(text).trim();
  return /^Bearer$/i.test(headers.authorization ?? '') ? '' : null;
}
