import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { enrol } from '../../actions/enrol.ts';
import { Fault } from '../../domain/fault.ts';
import type { Ports } from '../../domain/ports.ts';
import { shownToken } from '../bearer.ts';
import type { AccessOptions } from '../guard.ts';
import { refusals } from '../refusals.ts';
import { toTokenResource } from '../token-resource.ts';
import { enrolmentBody, tokenResource } from '../token-schemas.ts';

/** /v1/enrolments: a worker exchanges an enrolment token for one of its own. For everybody: what is shown is looked at here, not by the guard. */
export function enrolmentRoutes(
  app: FastifyInstance,
  { repository }: Pick<Ports, 'repository'>,
  { failures }: Pick<AccessOptions, 'failures'>,
): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/enrolments',
    {
      config: { audit: 'enrol' },
      schema: {
        operationId: 'enrol',
        summary: 'Exchange an enrolment token for a token of its own',
        description:
          'The enrolment token is shown as every token is. A worker makes its token itself, keeps it, and sends its hash alone: the same exchange may be repeated, and uses up nothing then.',
        tags: ['access'],
        security: [{ token: [] }],
        body: enrolmentBody,
        response: {
          200: tokenResource,
          201: tokenResource,
          ...refusals.malformed,
          ...refusals.unauthenticated,
          ...refusals.conflict,
          ...refusals.tooLarge,
          ...refusals.notJson,
          ...refusals.invalid,
          ...refusals.busy,
          ...refusals.unavailable,
        },
      },
    },
    async (request, reply) => {
      const shown = shownToken(request.headers);
      if (shown === null) throw new Fault('unauthenticated', 'This needs an enrolment token.');
      // Whoever tries used up or wrong ones again and again is not listened to for a while, as with every other token.
      const passed = failures?.begin(request.ip);
      const enrolled = await enrol(repository, shown, request.body).catch((error) => {
        passed?.();
        throw error;
      });
      if (enrolled.by) request.identity = { name: enrolled.by.name, role: enrolled.by.role };
      if (enrolled.answer === 'refused') throw enrolled.fault;
      passed?.();
      const { answer, token } = enrolled;
      return reply
        .code(answer === 'again' ? 200 : 201)
        .header('location', `/v1/tokens/${token.id}`)
        .send(toTokenResource(token));
    },
  );
}
