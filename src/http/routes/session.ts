import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SESSION_MS, sealSession } from '../../actions/session.ts';
import type { Identity } from '../../domain/access.ts';
import { Fault } from '../../domain/fault.ts';
import type { Ports } from '../../domain/ports.ts';
import { tellWatched } from '../bearer.ts';
import type { AccessOptions, Guard } from '../guard.ts';
import { refusals } from '../refusals.ts';
import { clearSession, findSession, setSession } from '../session-cookie.ts';
import { type SessionResource, sessionResource, signInBody } from '../session-schemas.ts';

const tags = ['access'];

/** /v1/session: a browser signs in with a token, which it keeps sealed in a cookie that no script can read; and learns who it is. */
export function sessionRoutes(
  app: FastifyInstance,
  { repository }: Pick<Ports, 'repository'>,
  guard: Guard,
  { teller, failures }: AccessOptions,
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/v1/session',
    {
      config: { audit: 'sign-in' },
      schema: {
        operationId: 'signIn',
        summary: 'Sign in with a token: sets a cookie',
        description:
          'The session lasts twelve hours at most, and ends when the token does. Programs need none: they send the token with each request.',
        tags,
        body: signInBody,
        response: {
          200: sessionResource,
          ...refusals.malformed,
          ...refusals.unauthenticated,
          ...refusals.denied,
          ...refusals.tooLarge,
          ...refusals.notJson,
          ...refusals.invalid,
          ...refusals.busy,
          ...refusals.unavailable,
        },
      },
    },
    async (request, reply) => {
      const token = request.body.token.trim();
      request.identity = await tellWatched(teller, failures, request.ip, token);
      const endsAt = Date.now() + SESSION_MS;
      setSession(request, reply, sealSession(await repository.secrets.signingKey(), { token, endsAt }), SESSION_MS);
      return reply.header('cache-control', 'no-store').send(toSession(await guard.mode(), request.identity, { endsAt }));
    },
  );

  routes.get(
    '/v1/session',
    {
      schema: {
        operationId: 'getSession',
        summary: 'Who this is, and what it may do',
        tags,
        response: { 200: sessionResource, ...refusals.busy, ...refusals.unavailable },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const mode = await guard.mode();
      try {
        const identity = await guard.identify(request);
        const session = identity.name === null ? null : await findSession(request, repository);
        return toSession(mode, identity, { endsAt: session?.endsAt ?? null });
      } catch (error) {
        if (!(error instanceof Fault && error.code === 'unauthenticated')) throw error;
        clearSession(request, reply);
        return toSession(mode, guard.stranger(), { ended: error.message });
      }
    },
  );

  routes.delete(
    '/v1/session',
    {
      config: { audit: 'sign-out' },
      schema: {
        operationId: 'signOut',
        summary: 'Sign out: takes the cookie away',
        tags,
        response: { 204: z.undefined().meta({ description: 'Signed out' }) },
      },
    },
    async (request, reply) => {
      request.identity = await whoIs(request);
      clearSession(request, reply);
      return reply.code(204).send();
    },
  );

  /** For the audit; whoever it is may go. */
  const whoIs = (request: FastifyRequest): Promise<Identity> => guard.identify(request).catch(() => guard.stranger());
}

function toSession(
  access: SessionResource['access'],
  { name, role }: Identity,
  { endsAt = null, ended = null }: { endsAt?: number | null; ended?: string | null },
): SessionResource {
  return { access, name, role, expires_at: endsAt === null ? null : new Date(endsAt).toISOString(), ended };
}
