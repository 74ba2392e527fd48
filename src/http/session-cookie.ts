import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TokenTeller } from '../actions/authenticate.ts';
import { type OpenedSession, openSession } from '../actions/session.ts';
import { Fault } from '../domain/fault.ts';
import type { Repository } from '../domain/repository.ts';
import type { Proof } from './bearer.ts';

/*
 * HttpOnly: no script reads it. Strict: no other site's page sends it, not even by a link. Over TLS the name begins with __Host-, which browsers keep
 * only when it came by TLS, for this very host.
 */
const NAME = 'faafo_session';
const nameFor = ({ protocol }: FastifyRequest): string => (protocol === 'https' ? `__Host-${NAME}` : NAME);

/** The session of a request, ended or not; null when it has none that this service made. */
export async function findSession(
  request: FastifyRequest,
  { secrets }: Pick<Repository, 'secrets'>,
): Promise<OpenedSession | null> {
  const name = nameFor(request);
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.split('=', 2);
    if (key?.trim() === name && value) return openSession(await secrets.signingKey(), value.trim());
  }
  return null;
}

export function setSession(request: FastifyRequest, reply: FastifyReply, sealed: string, forMs: number): void {
  reply.header('set-cookie', cookie(request, sealed, Math.floor(forMs / 1000)));
}

export function clearSession(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('set-cookie', cookie(request, '', 0));
}

const cookie = (request: FastifyRequest, value: string, seconds: number): string =>
  `${nameFor(request)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${request.protocol === 'https' ? '; Secure' : ''}`;

/** Who signed in with a token. */
export function sessionProof(teller: TokenTeller, repository: Pick<Repository, 'secrets'>): Proof {
  return async (request) => {
    const session = await findSession(request, repository);
    if (!session) return null;
    if (session.endsAt <= Date.now()) throw new Fault('unauthenticated', 'You were signed in long ago: sign in again.');
    return await teller.tell(session.token);
  };
}
