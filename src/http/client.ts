import { Fault } from '../domain/fault.ts';
import { type ClientOptions, Connection } from './connection.ts';
import { eventStream, type StreamItem } from './event-stream.ts';
import {
  type FarmStatus,
  farmStatus,
  type PauseBody,
  type PauseResource,
  pauseResource,
  type WorkerList,
  workerList,
} from './farm-schemas.ts';
import {
  type FractalPage,
  type FractalResource,
  fractalPage,
  fractalResource,
  type ListQuery,
  MAX_PAGE_SIZE,
  type OrderBody,
} from './schemas.ts';
import { type ShareBody, type ShareResource, shareResource } from './session-schemas.ts';
import {
  type IssuedTokenResource,
  issuedToken,
  type RevokedTokenResource,
  revokedToken,
  type TokenBody,
  type TokenList,
  tokenList,
} from './token-schemas.ts';

/** A PNG on its way. */
export interface PictureStream {
  /** bytes, when the API names it */
  readonly size: number | null;
  /** @throws {Unreachable} when the connection breaks */
  readonly bytes: AsyncIterable<Uint8Array>;
}

const pathOf = (uuid: string): string => `/v1/fractal/${encodeURIComponent(uuid)}`;

/**
 * The API, typed. Every method is idempotent and is tried again while the API is busy or a connection breaks.
 * All throw {Unreachable} when there is no answer, and {Fault} with the API's code and sentence when it refuses.
 */
export class Client {
  readonly #api: Connection;
  readonly #signal: AbortSignal | undefined;

  /** @param endpointUrl http or https; a user and password in it are sent as basic authentication */
  constructor(endpointUrl: string, options: ClientOptions = {}) {
    this.#api = new Connection(endpointUrl, options);
    this.#signal = options.signal;
  }

  /** without user and password */
  get endpoint(): string {
    return this.#api.endpoint;
  }

  /** Orders once, however often the request has to be repeated: that is what the uuid is for. Waits up to ten minutes for a busy API. */
  order(body: OrderBody & { readonly uuid: string }): Promise<FractalResource> {
    return this.#api.json(fractalResource, '/v1/fractal', { method: 'POST', body: JSON.stringify(body), busyMs: 600_000 });
  }

  find(uuid: string): Promise<FractalResource> {
    return this.#api.json(fractalResource, pathOf(uuid));
  }

  list(query: ListQuery = {}): Promise<FractalPage> {
    const words = Object.entries(query).map(([name, value]) => [name, String(value)]);
    return this.#api.json(fractalPage, `/v1/fractal?${new URLSearchParams(words)}`);
  }

  /** A list, newest first, page by page, at most the newest `limit` of it. */
  async *listAll(
    query: Pick<ListQuery, 'state' | 'owner' | 'formula' | 'palette'> = {},
    limit = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<FractalResource> {
    let left = limit;
    for (let cursor: string | null | undefined; cursor !== null && left > 0; ) {
      const page = await this.list({ ...query, results_per_page: Math.min(left, MAX_PAGE_SIZE), ...(cursor && { cursor }) });
      yield* page.objects;
      left -= page.objects.length;
      cursor = page.next_cursor;
    }
  }

  async remove(uuid: string): Promise<void> {
    await this.#api.persist(async (tries) => {
      try {
        const response = await this.#api.send(pathOf(uuid), { method: 'DELETE' });
        await response.body?.cancel();
      } catch (error) {
        // The answer to an earlier try was lost on its way: it is gone, as asked.
        if (!(error instanceof Fault && error.code === 'not_found' && tries > 1)) throw error;
      }
    });
  }

  /** Also when it is cancelled already. @throws {Fault} `conflict` when it is done or failed */
  cancel(uuid: string): Promise<FractalResource> {
    return this.#api.json(fractalResource, `${pathOf(uuid)}/cancel`, { method: 'POST' });
  }

  /** Has a failed fractal drawn again. @throws {Fault} `conflict` when it has not failed */
  retry(uuid: string): Promise<FractalResource> {
    return this.#api.persist(async (tries) => {
      try {
        return await this.#api.read(fractalResource, await this.#api.send(`${pathOf(uuid)}/retry`, { method: 'POST' }));
      } catch (error) {
        // The answer to an earlier try was lost on its way: it has not failed any more, as asked.
        if (!(error instanceof Fault && error.code === 'conflict' && tries > 1)) throw error;
        return await this.find(uuid);
      }
    });
  }

  /** A link that shows a fractal without a token. */
  share(uuid: string, body: ShareBody): Promise<ShareResource> {
    return this.#api.json(shareResource, `${pathOf(uuid)}/share`, { method: 'POST', body: JSON.stringify(body) });
  }

  /** Makes all links good for nothing, and ends all sessions. */
  async withdrawShares(): Promise<void> {
    await this.#api.persist(async () => {
      const response = await this.#api.send('/v1/shares', { method: 'DELETE' });
      await response.body?.cancel();
    });
  }

  /** The PNG. @throws {Fault} `not_found`, with members state and progress when it is not finished */
  async picture(uuid: string): Promise<PictureStream> {
    const path = `/fractal/${encodeURIComponent(uuid)}`;
    const headers = { accept: 'image/png, application/problem+json' };
    const response = await this.#api.persist(() => this.#api.send(path, { headers }));
    const length = response.headers.get('content-length');
    return { size: length === null ? null : Number(length), bytes: this.#api.pieces(response) };
  }

  /** Everything that happens from now on, for ever; see eventStream. */
  events(signal?: AbortSignal): AsyncGenerator<StreamItem> {
    const open = async (lastEventId: string, stop: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
      const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
      return this.#api.pieces(await this.#api.send('/v1/events', { headers, signal: stop }));
    };
    const signals = [signal, this.#signal].filter((each) => each !== undefined);
    return eventStream(open, AbortSignal.any(signals));
  }

  /** The workers that were heard of lately. */
  workers(): Promise<WorkerList> {
    return this.#api.json(workerList, '/v1/workers');
  }

  /** Not idempotent: a try whose answer was lost has made a token that nobody knows, which can be revoked. */
  createToken(body: TokenBody): Promise<IssuedTokenResource> {
    return this.#api.json(issuedToken, '/v1/tokens', { method: 'POST', body: JSON.stringify(body) });
  }

  tokens(): Promise<TokenList> {
    return this.#api.json(tokenList, '/v1/tokens');
  }

  /** Also when it is revoked already. @param withWorkers of an enrolment token: also what it was exchanged for */
  revokeToken(id: string, withWorkers = false): Promise<RevokedTokenResource> {
    const query = withWorkers ? '?with_workers=true' : '';
    return this.#api.json(revokedToken, `/v1/tokens/${encodeURIComponent(id)}${query}`, { method: 'DELETE' });
  }

  status(): Promise<FarmStatus> {
    return this.#api.json(farmStatus, '/v1/status');
  }

  /** Also when it is paused already: then it stays as it is. */
  pause(body: PauseBody): Promise<PauseResource> {
    return this.#api.json(pauseResource, '/v1/pause', { method: 'PUT', body: JSON.stringify(body) });
  }

  /** Also when it is not paused. */
  async resume(): Promise<void> {
    await this.#api.persist(async () => {
      const response = await this.#api.send('/v1/pause', { method: 'DELETE' });
      await response.body?.cancel();
    });
  }
}
