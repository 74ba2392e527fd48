import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isFractalIdPrefix } from '../domain/ids.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** what a request changes, as the audit names it; null for workers at work, who change nothing but what was ordered */
    audit?: string | null;
  }
}

/** The only changes that nobody wants to read of: bands are claimed and delivered all the time. */
const OF_WORKERS = '/v1/work/';
const LOOKING = ['GET', 'HEAD', 'OPTIONS'];
const ID_LENGTH = 36;
/** Of an address with its zone; a proxy that is trusted, but passes on what it was told, may tell anything. */
const LONGEST_ADDRESS = 64;
/** What another program may name a request: nothing that could be taken for another line, field or command. */
const SANE_ID = /^[\w.:-]{1,64}$/;

/** The id that the client gave its request, so that its log and ours can be read together; else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID();
}

/** What a request is about: the fields of every line about it. */
export interface Subject {
  readonly fractal?: string;
  readonly band?: number;
  readonly attempt?: number;
  /** of an access token; no secret */
  readonly token_id?: string;
}

export function subjectOf(request: FastifyRequest, reply?: FastifyReply): Subject {
  const { uuid, id: tokenId = /^\/v1\/tokens\/(.+)$/.exec(locationOf(reply) ?? '')?.[1] } = objectOr(request.params);
  const { fractal, band, attempt, uuid: ordered } = { ...objectOr(request.query), ...objectOr(request.body) };
  const id = [locationOf(reply)?.split('/').at(-1), uuid, fractal, ordered].find(isWholeId);
  return {
    ...(id !== undefined && { fractal: id.toLowerCase() }),
    ...(isCount(band) && { band: Number(band) }),
    ...(isCount(attempt) && { attempt: Number(attempt) }),
    ...(typeof tokenId === 'string' && { token_id: tokenId }),
  };
}

/**
 * One line for each change that somebody made or was refused, and the lines about requests for who looks for a fault.
 * The audit is written when the answer is known, before it is sent: a client that hangs up early is not forgotten.
 */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    const changes = [method].flat().some((each) => !LOOKING.includes(each));
    if (!changes || config?.isRefusal || config?.audit) return;
    if (config?.audit === null && url.startsWith(OF_WORKERS)) return;
    throw new Error(`${method} ${url} has no audit in its config: say what it changes`);
  });
  app.addHook('onSend', async (request, reply) => {
    const { audit } = request.routeOptions.config;
    if (audit && !request.isAudited) {
      request.isAudited = true;
      auditLogOf(request.log).info({ ...auditOf(request, reply), action: audit }, 'audit');
    }
  });
  app.decorateRequest('isAudited', false);
  app.addHook('onResponse', async (request, reply) => {
    if (!request.log.isLevelEnabled?.('debug')) return;
    const { method, url } = request;
    const line = { method, path: url.split('?')[0], status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    request.log.debug({ ...line, ...subjectOf(request, reply) }, 'request');
  });
}

/** The audit is written whatever the log is to hold beside it: who quiets a log does not mean to forget who did what. */
export function auditLogOf<T extends Pick<FastifyBaseLogger, 'level' | 'child'>>(log: T): T {
  return log.level === 'silent' ? log : (log.child({}, { level: 'info' }) as unknown as T);
}

function auditOf(request: FastifyRequest, reply: FastifyReply) {
  const { statusCode: status } = reply;
  const outcome = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';
  const { fractal = null, token_id } = subjectOf(request, reply);
  // Who showed nothing that is valid has no identity yet.
  const { name: who = null, role } = request.identity ?? {};
  return {
    audit: true,
    who,
    role: who === null ? 'anonymous' : role,
    address: request.ip.slice(0, LONGEST_ADDRESS),
    fractal,
    ...(token_id !== undefined && { token_id }),
    outcome,
    status,
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    isAudited: boolean;
  }
  interface FastifyBaseLogger {
    isLevelEnabled?(level: string): boolean;
  }
}

const objectOr = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? (value as Record<string, unknown>) : {};

const isWholeId = (text: unknown): text is string =>
  typeof text === 'string' && text.length === ID_LENGTH && isFractalIdPrefix(text);

const isCount = (value: unknown): boolean => /^\d{1,10}$/.test(String(value));

/** An order without a uuid is given one. */
function locationOf(reply: FastifyReply | undefined): string | undefined {
  const location = reply?.getHeader('location');
  return typeof location === 'string' ? location : undefined;
}
