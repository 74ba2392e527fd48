import type { z } from 'zod';
import type { CloudRequest, CloudService } from '../domain/cloud.ts';
import { Fault } from '../domain/fault.ts';
import { textOf } from './answer-bytes.ts';
import { refuse } from './explain.ts';

/** What services refuse for a reason that is worth reading. */
const REFUSALS = [400, 403, 404, 409, 413];

/** A cloud that makes an instance, or is busy, takes its time. */
const TIMEOUT_MS = 60_000;

/** One call of a service that speaks JSON. */
export interface JsonCall {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** beside 200, 201, 202 and 204 */
  readonly also?: readonly number[];
}

/** A service whose bodies are JSON. */
export class JsonService {
  readonly #service: Pick<CloudService, 'send'>;
  readonly #name: string;
  /** sent with every call */
  readonly #headers: () => Promise<Readonly<Record<string, string>>>;

  /** @param name for messages, such as `compute` */
  constructor(service: Pick<CloudService, 'send'>, name: string, headers: () => Promise<Readonly<Record<string, string>>>) {
    this.#service = service;
    this.#name = name;
    this.#headers = headers;
  }

  /** A call whose body is of no interest. @returns its status. @throws {Fault} see CloudProject */
  async do({ method, path, body, headers, also = [] }: JsonCall): Promise<number> {
    return (await this.#send({ method, path, body, headers, also })).status;
  }

  /** A call whose body is. @throws {Fault} also `unavailable` when the body is not what it should be */
  async ask<T>(schema: z.ZodType<T>, call: JsonCall): Promise<T> {
    const { text } = await this.#send(call);
    const read = schema.safeParse(parseJson(text));
    if (read.success) return read.data;
    const { path, message } = read.error.issues[0]!;
    const where = path.join('.') || 'the body';
    throw new Fault(
      'unavailable',
      `${this.#name}: ${call.method} ${call.path} was answered with something else: ${where}: ${message}.`,
    );
  }

  /** A list in pages. @param next the path of the page after this one, null after the last */
  async list<T>(schema: z.ZodType<T>, path: string, next: (page: T) => string | null): Promise<T[]> {
    const pages: T[] = [];
    for (let at: string | null = path; at !== null; ) {
      const page: T = await this.ask(schema, { method: 'GET', path: at });
      pages.push(page);
      at = next(page);
    }
    return pages;
  }

  async #send({ method, path, body, headers, also = [] }: JsonCall): Promise<{ status: number; text: string }> {
    const request: CloudRequest = {
      method,
      path,
      headers: { ...(await this.#headers()), ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      expected: [200, 201, 202, 204, ...REFUSALS],
      makes: method === 'POST',
      timeoutMs: TIMEOUT_MS,
    };
    const answer = await this.#service.send(request);
    if (REFUSALS.includes(answer.status) && !also.includes(answer.status)) await refuse(this.#name, `${method} ${path}`, answer);
    return { status: answer.status, text: await textOf(answer.bytes) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
