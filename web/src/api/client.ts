import { signal } from '@preact/signals';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

export type Fractal = components['schemas']['Fractal'];
export type OneFractal = components['schemas']['OneFractal'];
export type FractalPage = components['schemas']['FractalPage'];
type Order = components['schemas']['Order'];
export type Problem = components['schemas']['Problem'];
export type FarmStatus = components['schemas']['Status'];
export type Session = components['schemas']['Session'];
export type ShareOrder = components['schemas']['ShareOrder'];
export type EventMessage = components['schemas']['Event'];

/** The API understood and said no, or failed in words of its own; the message is for people. */
export class Refusal extends Error {
  readonly status: number;
  /** field of the order → what is wrong with it */
  readonly fields: Readonly<Record<string, string>>;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'Refusal';
    this.status = problem.status;
    const errors = problem.errors ?? [{ detail: problem.detail, field: problem.field }];
    this.fields = Object.fromEntries(errors.flatMap(({ detail, field }) => (field === undefined ? [] : [[field, detail]])));
  }
}

/** Whether it was refused because nobody is signed in (any more). */
export const isUnknown = (failure: Error | null): boolean => failure instanceof Refusal && failure.status === 401;

/** Nobody answered, or something in between did. Trying again is right. */
class Unreachable extends Error {
  constructor(cause?: unknown) {
    super('The service cannot be reached.', { cause });
    this.name = 'Unreachable';
  }
}

export const client = createClient<paths>({ baseUrl: location.origin });

/** Grows when an answer says that whoever sat here may do so no longer. */
export const sessionDoubted = signal(0);

/** What a signed link shows: one fractal, without a token. */
interface Link {
  readonly uuid: string;
  readonly expires: string;
  readonly signature: string;
}
const LINK = linkOf(location);

function linkOf({ pathname, search }: Location): Link | null {
  const uuid = /^\/view\/([^/]+)$/.exec(pathname)?.[1]?.toLowerCase();
  const query = new URLSearchParams(search);
  const [expires, signature] = [query.get('expires'), query.get('signature')];
  return uuid !== undefined && expires !== null && signature !== null ? { uuid, expires, signature } : null;
}

/** Whether the address by which this page was opened is a signed link to that fractal. */
export const isLinked = (uuid: string): boolean => LINK?.uuid === uuid;

const linkQuery = (uuid: string): Record<string, string> =>
  LINK?.uuid === uuid ? { expires: LINK.expires, signature: LINK.signature } : {};

export function getSession(): Promise<Session> {
  return answer(client.GET('/v1/session'));
}

/** @throws {Refusal} with what is wrong with the token */
export function signInWith(token: string): Promise<Session> {
  return answer(client.POST('/v1/session', { body: { token } }), false);
}

export async function signOutHere(): Promise<void> {
  await answer<unknown>(client.DELETE('/v1/session'));
}

/** @returns where it is to be seen, path and query */
export function shareFractal(uuid: string, body: ShareOrder): Promise<components['schemas']['Share']> {
  return answer(client.POST('/v1/fractal/{uuid}/share', { params: { path: { uuid } }, body }));
}

type ListQuery = NonNullable<paths['/v1/fractal']['get']['parameters']['query']>;

/** One page, newest first. */
export function listFractals(query: ListQuery): Promise<FractalPage> {
  return answer(client.GET('/v1/fractal', { params: { query } }));
}

/** The whole farm at a glance. */
export function getStatus(): Promise<FarmStatus> {
  return answer(client.GET('/v1/status'));
}

export function getFractal(uuid: string): Promise<OneFractal> {
  return answer(client.GET('/v1/fractal/{uuid}', { params: { path: { uuid }, query: linkQuery(uuid) } }));
}

/**
 * Safe to repeat with the same uuid: the same order is answered with the same fractal.
 * @param body may be wrong in every way that a form can be: the API says what to change
 */
export function orderFractal(body: Record<string, unknown>): Promise<Fractal> {
  return answer(client.POST('/v1/fractal', { body: body as Order }));
}

export function cancelFractal(uuid: string): Promise<Fractal> {
  return answer(client.POST('/v1/fractal/{uuid}/cancel', { params: { path: { uuid } } }));
}

/** Has a failed one drawn again, from the beginning. */
export function retryFractal(uuid: string): Promise<Fractal> {
  return answer(client.POST('/v1/fractal/{uuid}/retry', { params: { path: { uuid } } }));
}

export async function deleteFractal(uuid: string): Promise<void> {
  await answer<unknown>(client.DELETE('/v1/fractal/{uuid}', { params: { path: { uuid } } }));
}

/** Where the picture is, in the form that caches may keep for ever. */
export function pictureUrl({ uuid, url, checksum }: Fractal): string {
  return `${url}?${new URLSearchParams({ checksum: String(checksum), ...linkQuery(uuid) })}`;
}

/** At most 320 pixels wide and high. */
export function thumbnailUrl({ uuid, url, checksum }: Fractal): string {
  return `${url}/thumbnail?${new URLSearchParams({ checksum: String(checksum), ...linkQuery(uuid) })}`;
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** @param doubts whether 401 is about who sits here @throws {Refusal | Unreachable} */
export async function answer<T>(call: Promise<Answer<T>>, doubts = true): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw new Unreachable(cause);
  });
  if (response.ok) return data as T;
  if (response.status === 401 && doubts) sessionDoubted.value++;
  if (isProblem(error)) throw new Refusal(error);
  throw new Unreachable(`status ${response.status}`);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'detail' in value && 'status' in value;
}
