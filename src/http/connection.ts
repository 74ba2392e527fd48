import type { z } from 'zod';
import { Fault } from '../domain/fault.ts';
import { tokenHeaders } from './bearer.ts';
import { splitEndpoint } from './endpoint.ts';
import { exchange, unreachable } from './exchange.ts';
import { type Patience, persist, type Waiting } from './persist.ts';
import { Unreachable } from './unreachable.ts';

const ANSWER_MS = 60_000;

export interface ClientOptions {
  /** shows the service who asks */
  readonly token?: string;
  readonly signal?: AbortSignal;
  /** Told of every request, e.g. `POST /v1/fractal`. */
  readonly onRequest?: (line: string) => void;
  /** Told before each rest between two tries. */
  readonly onWait?: (waiting: Waiting) => void;
}

/**
 * Requests to one API, tried again while it is busy or a connection breaks.
 * Its methods throw {Unreachable} when there is no answer, and {Fault} with the API's code and sentence when it refuses.
 */
export class Connection {
  /** without user and password */
  readonly endpoint: string;
  readonly #options: ClientOptions;
  readonly #headers: Record<string, string>;
  #reached = false;

  /** @param endpointUrl http or https; a user and password in it are sent as basic authentication */
  constructor(endpointUrl: string, options: ClientOptions) {
    const { endpoint, basic } = splitEndpoint(endpointUrl);
    this.#headers = tokenHeaders(options.token, basic);
    this.endpoint = endpoint;
    this.#options = options;
  }

  /** @param options.busyMs how long to wait for a busy API; 30 s by default */
  async json<T>(schema: z.ZodType<T>, path: string, init: RequestInit & { busyMs?: number } = {}): Promise<T> {
    const { busyMs, ...rest } = init;
    return this.persist(async () => this.read(schema, await this.send(path, rest)), busyMs);
  }

  /** @param attempt is given its number, from 1; must be idempotent */
  persist<T>(attempt: (tries: number) => Promise<T>, busyMs = 30_000): Promise<T> {
    const patience = (): Patience => ({ busyMs, brokenMs: 60_000, absentMs: this.#reached ? 60_000 : 0 });
    return persist(attempt, { ...this.#options, patience });
  }

  /** One try. The answer's status is 2xx; its body is not read yet. */
  async send(path: string, init: RequestInit = {}): Promise<Response> {
    this.#options.onRequest?.(`${init.method ?? 'GET'} ${this.endpoint}${path}`);
    const headers = {
      accept: 'application/json',
      ...this.#headers,
      ...(init.body ? { 'content-type': 'application/json' } : {}),
      ...init.headers,
    };
    const signal = init.signal ?? this.#options.signal;
    try {
      return await exchange(this.endpoint, path, { ...init, headers, timeoutMs: ANSWER_MS, ...(signal && { signal }) });
    } catch (error) {
      if (error instanceof Fault && !(error instanceof Unreachable)) this.#reached = true;
      throw error;
    }
  }

  async read<T>(schema: z.ZodType<T>, response: Response): Promise<T> {
    const text = await response.text().catch((cause) => {
      this.#options.signal?.throwIfAborted();
      throw unreachable(this.endpoint, cause);
    });
    this.#reached = true;
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new Fault('unavailable', `${this.endpoint} did not answer as a faafo API of this release would: is the URL right?`, {
        cause,
      });
    }
  }

  /** The body of an answer, as it comes. */
  async *pieces(response: Response): AsyncGenerator<Uint8Array> {
    if (!response.body) return;
    try {
      yield* response.body;
    } catch (cause) {
      this.#options.signal?.throwIfAborted();
      throw unreachable(this.endpoint, cause);
    }
  }
}
