import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { HEADERS } from '../../../src/http/headers.ts';
import { DOCUMENT, type Operation, WORK_SCHEMAS } from './operations.ts';
import type { Draft } from './requests.ts';
import type { Answer } from './send.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (to: Ajv2020) => void)(ajv);
ajv.addSchema(DOCUMENT, 'openapi');
ajv.addSchema(WORK_SCHEMAS, 'work');

/** What a request that never gets to an operation may be answered: a path that is none, a method that is none there. */
const ASTRAY = [200, 204, 400, 401, 403, 404, 405, 413, 414, 415, 422, 429, 503];
const BEGINNINGS: Readonly<Record<string, (body: Buffer) => boolean>> = {
  'image/png': (body) => body.subarray(1, 4).toString() === 'PNG' || body.length === 0,
  'image/webp': (body) => body.subarray(8, 12).toString() === 'WEBP',
};

/** What is answered before anybody knows which operation is meant: it cannot be read, or is too long. */
const UNREAD = [400, 414, 431];

/** All that is wrong with an answer; one sentence each. */
export function complaints(operation: Operation, draft: Draft, answer: Answer): string[] {
  const { status } = answer;
  if (!draft.isOnTheWay || UNREAD.includes(status)) {
    const strange =
      operation.isForPeople || [...ASTRAY, ...UNREAD].includes(status) ? [] : [`${status} for what is no operation`];
    return [...alwaysWrong(draft, answer), ...strange];
  }
  const judge = operation.isForPeople ? notForPeople : notAsDocumented;
  return [...alwaysWrong(draft, answer), ...judge(operation, draft, answer)];
}

/** What no answer may be, whatever was asked. */
function alwaysWrong({ method }: Draft, { status, headers, body }: Answer): string[] {
  // What cannot be read as a request has no id.
  const isUnread = [400, 431].includes(status) && headers.connection === 'close';
  const needed = [...(isUnread ? [] : ['x-request-id']), ...Object.keys(HEADERS)];
  const found = needed.filter((name) => headers[name] === undefined).map((name) => `${name} is missing`);
  if (status >= 500 && status !== 503) found.push(`${status}: ${body.toString().slice(0, 300)}`);
  if ((status === 429 || status === 503) && !/^\d+$/.test(headers['retry-after'] ?? ''))
    found.push(`${status} without Retry-After`);
  if (status >= 400 && method !== 'HEAD') found.push(...noProblem({ status, headers, body }));
  return found;
}

function noProblem({ status, headers, body }: Answer): string[] {
  if (!headers['content-type']?.startsWith('application/problem+json')) return [`${status} with ${headers['content-type']}`];
  const problem = parse(body);
  const found: string[] = [];
  if (problem?.status !== status) found.push(`a problem of status ${problem?.status} under ${status}`);
  if (typeof problem?.detail !== 'string' || !/[.?!…]$/.test(problem.detail)) found.push(`no sentence: ${problem?.detail}`);
  if (problem?.request_id !== headers['x-request-id']) found.push('request_id and X-Request-Id differ');
  if (/\bat .*\.ts:\d|node_modules|\bselect .* from\b/i.test(body.toString())) found.push(`an inner part shows: ${body}`);
  return found;
}

/** Pages are served, or refused: how, no document says. */
function notForPeople(_: Operation, draft: Draft, { status, headers, body }: Answer): string[] {
  if (draft.method === 'HEAD' || status >= 300) return [];
  return body.length === 0 || headers['content-type'] === undefined ? [`${status} with nothing, or with no media type`] : [];
}

function notAsDocumented({ method, path, answers }: Operation, draft: Draft, { status, headers, body }: Answer): string[] {
  const documented = answers[status];
  const type = headers['content-type']?.split(';')[0] ?? 'no media type';
  if (documented === undefined) return [`${status} is not documented for ${method} ${path}`];
  if (draft.method === 'HEAD') return body.length === 0 ? [] : ['HEAD was answered with a body'];
  if (documented === null) return body.length === 0 ? [] : [`${status} is documented without a body`];
  const schema = documented[type];
  if (schema === undefined) return [`${type} is not a documented media type of ${status}`];
  if (type.endsWith('json')) return notAsInSchema(schema, body);
  return BEGINNINGS[type]?.(body) === false && status === 200 ? [`this is no ${type}`] : [];
}

function notAsInSchema(schema: string, body: Buffer): string[] {
  const value = parse(body);
  if (value === undefined) return ['the body is no JSON'];
  const validate = ajv.getSchema(schema);
  if (!validate) throw new Error(`there is no schema ${schema}`);
  return validate(value) ? [] : [`the body is not as documented: ${ajv.errorsText(validate.errors)}`];
}

export function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
