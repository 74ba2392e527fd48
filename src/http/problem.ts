import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { Fault, type FaultCode } from '../domain/fault.ts';
import { explainIssue } from './explain-issue.ts';
import { subjectOf } from './request-log.ts';
import type { Problem } from './schemas.ts';

const STATUS_OF: Readonly<Record<FaultCode, number>> = {
  invalid: 422,
  not_found: 404,
  conflict: 409,
  gone: 410,
  busy: 429,
  unavailable: 503,
  unauthenticated: 401,
  denied: 403,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Malformed request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  422: 'Invalid',
  429: 'Too busy',
  431: 'Too large',
  500: 'Internal error',
  503: 'Unavailable',
};

/** Whoever is answered so is told when to try again, also where nobody knows. */
const COMES_BACK: readonly number[] = [429, 503];
const SOON_S = 2;

/** Faults that fastify itself finds, in sentences that a person can act on. */
const PROTOCOL_SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty: send a JSON object.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send the body as JSON, with Content-Type: application/json.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large for an order.',
};

/** Translates whatever a handler threw into RFC 9457; the one place where faults become status codes. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, retryAfterSeconds } = toProblem(error);
  const waitS = retryAfterSeconds ?? (COMES_BACK.includes(problem.status) ? SOON_S : undefined);
  if (problem.status >= 500 && !(error instanceof Fault))
    request.log.error({ err: error, ...subjectOf(request) }, 'request failed');
  if (waitS !== undefined) reply.header('retry-after', String(waitS));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="faafo"');
  return (
    reply
      .code(problem.status)
      // Also where no hook was run, because the path is none.
      .header('x-request-id', request.id)
      .header('cache-control', 'no-store')
      .type('application/problem+json; charset=utf-8')
      .serializer(JSON.stringify)
      .send({ ...problem, request_id: request.id })
  );
}

function toProblem(error: unknown): { problem: Problem; retryAfterSeconds?: number } {
  if (error instanceof Fault) {
    const { field, retryAfterSeconds, members } = error.details;
    const problem = makeProblem(STATUS_OF[error.code], error.message, field);
    return { problem: { ...members, ...problem }, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    // A misspelt name explains why another field is missing, so it comes first.
    const misspelt = error.validation.filter(({ keyword }) => keyword === 'unrecognized_keys');
    const errors = [...new Set([...misspelt, ...error.validation])].map(explainIssue);
    const [first] = errors;
    return { problem: { ...makeProblem(422, first?.detail ?? 'The request is not valid.', first?.field), errors } };
  }
  const { statusCode, code, message } = error as Partial<FastifyError>;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { problem: makeProblem(statusCode, (code && PROTOCOL_SENTENCES[code]) || `${message}.`.replace(/\.\.$/, '.')) };
  }
  if (statusCode === 503)
    return { problem: makeProblem(503, 'The service is stopping: try again in a moment.'), retryAfterSeconds: 2 };
  return { problem: makeProblem(500, 'Something went wrong here. It was logged under this request_id.') };
}

/** @param detail one sentence that says what to do */
export function makeProblem(status: number, detail: string, field?: string): Problem {
  // code and message are the members of the Fractals application's errors; its clients read them.
  const title = TITLES[status] ?? 'Refused';
  return { type: 'about:blank', title, status, detail, ...(field !== undefined && { field }), code: status, message: detail };
}
