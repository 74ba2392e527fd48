import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** Makes app.swagger() answer OpenAPI 3.1 from the schemas that validate. Call before the routes are added. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'faafo',
        version,
        description: 'Fractals as a service: order pictures of fractals, watch them being drawn, fetch them.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A token that begins with faafo_. On a loopback address none is needed until the first one is made. Where a proxy wants a password in Authorization, the token goes into the header faafo-token.',
          },
        },
      },
      tags: [
        { name: 'fractals', description: 'Order, list, look up, cancel, retry, delete' },
        { name: 'pictures', description: 'The PNG files' },
        { name: 'events', description: 'What happens, live' },
        { name: 'farm', description: 'Who draws, how fast, and what waits' },
        { name: 'access', description: 'Who may do what' },
        { name: 'health', description: 'For supervisors and load balancers' },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: (input) => {
      const document = jsonSchemaTransformObject(input);
      dropTwins(document as Described);
      tellWhenToComeBack(document as Described);
      return document;
    },
  });
}

interface Described {
  paths?: Record<string, Record<string, { responses?: Record<string, { headers?: object }> }>>;
  components?: { schemas?: Record<string, unknown> };
}

const RETRY_AFTER = { description: 'Seconds after which to try again', schema: { type: 'integer' }, required: true };

/** Every 429 and 503 has the header; see problem.ts. */
function tellWhenToComeBack({ paths = {} }: Described): void {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  for (const { responses = {} } of operations) {
    for (const status of ['429', '503']) {
      const response = responses[status];
      if (response) response.headers = { ...response.headers, 'retry-after': RETRY_AFTER };
    }
  }
}

/** The type provider lists each schema twice, as `Order` and as `OrderInput`; one of the two is enough, under the plain name. */
function dropTwins(document: Described): void {
  const schemas = document.components?.schemas ?? {};
  const refTo = (name: string) => `#/components/schemas/${name}`;
  for (const twin of Object.keys(schemas).filter((name) => name.endsWith('Input'))) {
    const plain = twin.slice(0, -'Input'.length);
    const used = JSON.stringify(document).includes(`"${refTo(twin)}"`);
    if (used) schemas[plain] = schemas[twin];
    delete schemas[twin];
    if (used) replaceRefs(document, refTo(twin), refTo(plain));
  }
}

function replaceRefs(node: unknown, from: string, to: string): void {
  if (typeof node !== 'object' || node === null) return;
  const holder = node as { $ref?: unknown };
  if (holder.$ref === from) holder.$ref = to;
  for (const child of Object.values(node)) replaceRefs(child, from, to);
}
