import type { z } from 'zod';
import { Fault } from '../domain/fault.ts';
import { eventStream, type StreamItem } from './event-stream.ts';
import { exchange, unreachable } from './exchange.ts';
import { type Patience, persist, type Waiting } from './persist.ts';
import {
  type FractalPage,
  type FractalResource,
  fractalPage,
  fractalResource,
  type ListQuery,
  MAX_PAGE_SIZE,
  type OrderBody,
} from './schemas.ts';
import { Unreachable } from './unreachable.ts';

const ANSWER_MS = 60_000;

export interface ClientOptions {
  readonly signal?: AbortSignal;
  /** Told of every request, e.g. `POST /v1/fractal`. */
  readonly onRequest?: (line: string) => void;
  /** Told before each rest between two tries. */
  readonly onWait?: (waiting: Waiting) => void;
}

/** A PNG on its way. */
export interface PictureStream {
  /** bytes, when the API names it */
  readonly size: number | null;
  /** @throws {Unreachable} when the connection breaks */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * The API, typed. Every method is idempotent and is tried again while the API is busy or a connection breaks.
 * All throw {Unreachable} when there is no answer, and {Fault} with the API's code and sentence when it refuses.
 */
export class Client {
  /** without user and password */
  readonly endpoint: string;
  readonly #options: ClientOptions;
  readonly #headers: Record<string, string>;
  #reached = false;

  /** @param endpointUrl http or https; a user and password in it are sent as basic authentication */
  constructor(endpointUrl: string, options: ClientOptions = {}) {
    const url = new URL(endpointUrl);
    const { username, password } = url;
    const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
    this.#headers = username || password ? { authorization: `Basic ${basic}` } : {};
    url.username = '';
    url.password = '';
    this.endpoint = url.href.replace(/\/+$/, '');
    this.#options = options;
  }

  /** Orders once, however often the request has to be repeated: that is what the uuid is for. Waits up to ten minutes for a busy API. */
  order(body: OrderBody & { readonly uuid: string }): Promise<FractalResource> {
    return this.#json(fractalResource, '/v1/fractal', { method: 'POST', body: JSON.stringify(body), busyMs: 600_000 });
  }

  find(uuid: string): Promise<FractalResource> {
    return this.#json(fractalResource, `/v1/fractal/${encodeURIComponent(uuid)}`);
  }

  list(query: ListQuery = {}): Promise<FractalPage> {
    const words = Object.entries(query).map(([name, value]) => [name, String(value)]);
    return this.#json(fractalPage, `/v1/fractal?${new URLSearchParams(words)}`);
  }

  /** A list, newest first, page by page, at most the newest `limit` of it. */
  async *listAll(query: Pick<ListQuery, 'state'> = {}, limit = Number.POSITIVE_INFINITY): AsyncGenerator<FractalResource> {
    let left = limit;
    for (let cursor: string | null | undefined; cursor !== null && left > 0; ) {
      const page = await this.list({ ...query, results_per_page: Math.min(left, MAX_PAGE_SIZE), ...(cursor && { cursor }) });
      yield* page.objects;
      left -= page.objects.length;
      cursor = page.next_cursor;
    }
  }

  async remove(uuid: string): Promise<void> {
    await this.#persist(async (tries) => {
      try {
        const response = await this.#send(`/v1/fractal/${encodeURIComponent(uuid)}`, { method: 'DELETE' });
        await response.body?.cancel();
      } catch (error) {
        // The answer to an earlier try was lost on its way: it is gone, as asked.
        if (!(error instanceof Fault && error.code === 'not_found' && tries > 1)) throw error;
      }
    });
  }

  /** Also when it is cancelled already. @throws {Fault} `conflict` when it is done or failed */
  cancel(uuid: string): Promise<FractalResource> {
    return this.#json(fractalResource, `/v1/fractal/${encodeURIComponent(uuid)}/cancel`, { method: 'POST' });
  }

  /** The PNG. @throws {Fault} `not_found`, with members state and progress when it is not finished */
  async picture(uuid: string): Promise<PictureStream> {
    const path = `/fractal/${encodeURIComponent(uuid)}`;
    const response = await this.#persist(() => this.#send(path, { headers: { accept: 'image/png, application/problem+json' } }));
    const length = response.headers.get('content-length');
    return { size: length === null ? null : Number(length), bytes: this.#pieces(response) };
  }

  /** Everything that happens from now on, for ever; see eventStream. */
  events(signal?: AbortSignal): AsyncGenerator<StreamItem> {
    const open = async (lastEventId: string, stop: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
      const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
      return this.#pieces(await this.#send('/v1/events', { headers, signal: stop }));
    };
    const signals = [signal, this.#options.signal].filter((each) => each !== undefined);
    return eventStream(open, AbortSignal.any(signals));
  }

  async #json<T>(schema: z.ZodType<T>, path: string, init: RequestInit & { busyMs?: number } = {}): Promise<T> {
    const { busyMs, ...rest } = init;
    return this.#persist(async () => this.#read(schema, await this.#send(path, rest)), busyMs);
  }

  #persist<T>(attempt: (tries: number) => Promise<T>, busyMs = 30_000): Promise<T> {
    const patience = (): Patience => ({ busyMs, brokenMs: 60_000, absentMs: this.#reached ? 60_000 : 0 });
    return persist(attempt, { ...this.#options, patience });
  }

  async #send(path: string, init: RequestInit = {}): Promise<Response> {
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

  async #read<T>(schema: z.ZodType<T>, response: Response): Promise<T> {
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

  async *#pieces(response: Response): AsyncGenerator<Uint8Array> {
    if (!response.body) return;
    try {
      yield* response.body;
    } catch (cause) {
      this.#options.signal?.throwIfAborted();
      throw unreachable(this.endpoint, cause);
    }
  }
}
