import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ACCESS_TABLE, type Rights } from '../../../src/http/access-table.ts';
import {
  assignmentBody,
  claimBody,
  failBody,
  finalWord,
  finalWords,
  leaseBody,
  reportBody,
  resultQuery,
  resultsHead,
} from '../../../src/http/work-schemas.ts';

export type Schema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

/** One thing that can be asked for, as it is documented. */
export interface Operation {
  readonly method: string;
  /** with {names} */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** of a JSON body; null when there is none; 'bytes' for anything, 'results' for a head of JSON with bytes behind it */
  readonly body: Schema | 'bytes' | 'results' | null;
  /** by status: by media type: where its schema is; null when an answer has no body */
  readonly answers: Readonly<Record<number, Readonly<Record<string, string>> | null>>;
  /** a page or one of its files: no program reads what it is answered, and no document tells */
  readonly isForPeople?: boolean;
}

const routeOf = ({ method, path }: Operation): string => `${method} ${path.replace('{file}', '*').replace(/\{(\w+)\}/g, ':$1')}`;

export function rightsTo(operation: Operation): Rights {
  const rights = ACCESS_TABLE[routeOf(operation)];
  if (rights === undefined) throw new Error(`${routeOf(operation)} is not in the table of access`);
  return rights;
}

/** Pages, their files, and the reference: every route that is in no document, but those of workers. */
export function pageOperations(): Operation[] {
  const documented = documentedOperations().map(routeOf);
  return Object.keys(ACCESS_TABLE)
    .filter((route) => !documented.includes(route) && !route.includes('/v1/work/'))
    .map((route) => {
      const [method = '', url = ''] = route.split(' ');
      const path = url.replace('*', '{file}').replace(/:(\w+)/g, '{$1}');
      return { method, path, parameters: [], body: null, answers: {}, isForPeople: true };
    });
}

interface Documented {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
}

export const DOCUMENT = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const pointer = (...words: string[]): string =>
  `/${words.map((word) => word.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;

/** Everything in docs/openapi.json. */
export function documentedOperations(): Operation[] {
  return Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema ?? null,
      answers: Object.fromEntries(
        Object.entries(responses).map(([status, { content }]) => [
          status,
          content
            ? Object.fromEntries(
                Object.keys(content).map((type) => [
                  type,
                  `openapi#${pointer('paths', path, method, 'responses', status, 'content', type, 'schema')}`,
                ]),
              )
            : null,
        ]),
      ),
    })),
  );
}

const inputOf = (schema: z.ZodType): Schema => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
const PROBLEM = { 'application/problem+json': 'openapi#/components/schemas/Problem' };
const REFUSED = Object.fromEntries([400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503].map((status) => [status, PROBLEM]));
const json = (name: string) => ({ 'application/json': `work#/$defs/${name}` });

/** Schemas of what workers are answered. */
export const WORK_SCHEMAS = {
  $defs: { assignment: inputOf(assignmentBody), finalWord: inputOf(finalWord), finalWords: inputOf(finalWords) },
};

/** One of the words before the bytes of several results. */
export const RESULT_WORDS = (inputOf(resultsHead) as { items: Schema }).items;

/** What workers say; it is not in the document. */
export function workOperations(): Operation[] {
  const post = (name: string, body: z.ZodType, answers: Operation['answers']): Operation => ({
    ...{ method: 'POST', path: `/v1/work/${name}`, parameters: [], body: inputOf(body), answers: { ...REFUSED, ...answers } },
  });
  const words = inputOf(resultQuery) as { properties: Record<string, Schema>; required: string[] };
  return [
    post('claim', claimBody, { 200: json('assignment'), 204: null }),
    post('renew', leaseBody, { 200: json('finalWord') }),
    post('release', leaseBody, { 204: null }),
    post('fail', failBody, { 204: null }),
    post('report', reportBody, { 204: null }),
    {
      method: 'PUT',
      path: '/v1/work/result',
      parameters: Object.entries(words.properties).map(([name, schema]) => ({ name, in: 'query', required: true, schema })),
      body: 'bytes',
      answers: { ...REFUSED, 200: json('finalWord') },
    },
    {
      ...{ method: 'PUT', path: '/v1/work/results', parameters: [], body: 'results' },
      answers: { ...REFUSED, 200: json('finalWords') },
    },
  ];
}
