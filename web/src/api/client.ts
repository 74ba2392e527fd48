import createClient from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

export type Fractal = components['schemas']['Fractal'];
export type FractalPage = components['schemas']['FractalPage'];
type Order = components['schemas']['Order'];
export type Problem = components['schemas']['Problem'];
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

/** Nobody answered, or something in between did. Trying again is right. */
class Unreachable extends Error {
  constructor(cause?: unknown) {
    super('The service cannot be reached.', { cause });
    this.name = 'Unreachable';
  }
}

const client = createClient<paths>({ baseUrl: location.origin });

/** One page, newest first. @param page from 1 */
export function listFractals(page: number, resultsPerPage: number): Promise<FractalPage> {
  return answer(client.GET('/v1/fractal', { params: { query: { page, results_per_page: resultsPerPage } } }));
}

export function getFractal(uuid: string): Promise<Fractal> {
  return answer(client.GET('/v1/fractal/{uuid}', { params: { path: { uuid } } }));
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
export function pictureUrl({ url, checksum }: Fractal): string {
  return `${url}?checksum=${checksum}`;
}

/** At most 320 pixels wide and high. */
export function thumbnailUrl({ url, checksum }: Fractal): string {
  return `${url}/thumbnail?checksum=${checksum}`;
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** @throws {Refusal | Unreachable} */
async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw new Unreachable(cause);
  });
  if (response.ok) return data as T;
  if (isProblem(error)) throw new Refusal(error);
  throw new Unreachable(`status ${response.status}`);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'detail' in value && 'status' in value;
}
