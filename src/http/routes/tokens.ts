import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { TokenTeller } from '../../actions/authenticate.ts';
import { createToken, revokeToken } from '../../actions/manage-tokens.ts';
import type { Ports } from '../../domain/ports.ts';
import { refusals } from '../refusals.ts';
import { toIssuedToken, toRevokedToken, toTokenResource } from '../token-resource.ts';
import { expiryOf, issuedToken, revokedToken, tokenBody, tokenList } from '../token-schemas.ts';

const tags = ['access'];
/** Beyond what the database's column has room for there is none in any case. */
const params = z.strictObject({ id: z.string().max(64) });
const querystring = z.strictObject({
  with_workers: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'of an enrolment token: also what it was exchanged for' }),
});

/** /v1/tokens: make, list, revoke. @param teller is told, so that a change holds here at once */
export function tokenRoutes(app: FastifyInstance, { repository }: Pick<Ports, 'repository'>, teller: TokenTeller): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/v1/tokens',
    {
      config: { audit: 'create-token' },
      schema: {
        operationId: 'createToken',
        summary: 'Make a token',
        description:
          'The token is told in this answer, and never again. The first one closes access for those who have none. With `uses` it is an enrolment token.',
        tags,
        body: tokenBody,
        response: {
          201: issuedToken,
          ...refusals.malformed,
          ...refusals.tooLarge,
          ...refusals.notJson,
          ...refusals.invalid,
        },
      },
    },
    async ({ body }, reply) => {
      const { name, role, uses } = body;
      const issued = await createToken(repository, { name, role, uses, expiresInMs: expiryOf(body) });
      teller.forget();
      const shown = toIssuedToken(issued);
      return reply.code(201).header('location', `/v1/tokens/${shown.id}`).header('cache-control', 'no-store').send(shown);
    },
  );

  routes.get(
    '/v1/tokens',
    { schema: { operationId: 'listTokens', summary: 'The tokens, but for their secrets', tags, response: { 200: tokenList } } },
    async () => ({ objects: (await repository.tokens.list()).map(toTokenResource) }),
  );

  routes.delete(
    '/v1/tokens/:id',
    {
      config: { audit: 'revoke-token' },
      schema: {
        operationId: 'revokeToken',
        summary: 'Revoke a token: within 5 s it is good for nothing',
        tags,
        params,
        querystring,
        response: { 200: revokedToken, ...refusals.unknown, ...refusals.invalid },
      },
    },
    async ({ params: { id }, query: { with_workers: withWorkers } }) => {
      const revoked = await revokeToken(repository, id, { withWorkers });
      teller.forget();
      return toRevokedToken(revoked);
    },
  );
}
