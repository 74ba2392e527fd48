import type { z } from 'zod';
import type { Dispatcher, Lease } from '../domain/dispatcher.ts';
import type { RenderedBand } from '../domain/engine.ts';
import { Fault, type FaultCode } from '../domain/fault.ts';
import { tokenHeaders } from './bearer.ts';
import { splitEndpoint } from './endpoint.ts';
import { exchange, unreachable } from './exchange.ts';
import { leaseHeaders } from './lease-header.ts';
import { writeResults } from './results-body.ts';
import { Unreachable } from './unreachable.ts';
import { assignmentBody, finalWord, finalWords, MAX_REASON, toAssignment, toReportBody } from './work-schemas.ts';

const ANSWER_MS = 10_000;
/** A result is some megabytes, and the store may be slow. */
const DELIVERY_MS = 60_000;

/** Nobody needs the band any more. */
type LastWord = 'stale' | 'cancelled' | 'unknown';

/**
 * The service, over HTTP. One try each: who calls decides about another. All methods may be repeated, a claim
 * with its token.
 * @param endpointUrl http or https; a user and password in it are sent as basic authentication
 * @param token of the worker, where access is closed
 */
export function remoteDispatcher(endpointUrl: string, token?: string): Dispatcher {
  const service = new Service(endpointUrl, token);
  const say = async (name: string, lease: Lease, more = {}): Promise<void> => {
    await service.tell(name, post(wireLease(lease), service.leaseHeaders(lease), more));
  };
  return {
    claim: async (doorbell, { host, engineVersion, token, isRepeated = false, most = 1 }) => {
      const headers = token === undefined ? service.headers : service.leaseHeaders({ token });
      const body = await service.ask(
        'claim',
        post({ ...doorbell, host, engine_version: engineVersion, repeated: isRepeated, most }, headers),
      );
      return body === '' ? null : toAssignment(service.read(assignmentBody, body));
    },
    renew: async (lease) => {
      const asking = service.ask('renew', post(wireLease(lease), service.leaseHeaders(lease)));
      return await service.finalWord(asking, 'held');
    },
    deliver: async (lease, band, thumbnail) => {
      const traced: Record<string, string> = lease.trace ? { traceparent: lease.trace } : {};
      const headers = { ...service.leaseHeaders(lease), ...traced, 'content-type': 'application/octet-stream' };
      const body = thumbnail ? Buffer.concat([band.bytes, thumbnail]) : band.bytes;
      const init = { method: 'PUT', headers, body: body as BodyInit };
      const asking = service.ask(`result?${new URLSearchParams(resultWords(lease, band, thumbnail))}`, init, DELIVERY_MS);
      return await service.finalWord(asking, 'accepted');
    },
    deliverAll: async (deliveries) => {
      const headers = { ...service.leaseHeaders(deliveries[0]!.lease), 'content-type': 'application/octet-stream' };
      const pieces = deliveries.flatMap(({ band, thumbnail }) => (thumbnail ? [band.bytes, thumbnail] : [band.bytes]));
      const head = deliveries.map(({ lease, band, thumbnail }) => ({
        ...resultWords(lease, band, thumbnail),
        bytes: String(band.bytes.length + (thumbnail?.length ?? 0)),
      }));
      const init = { method: 'PUT', headers, body: writeResults(head, pieces) as BodyInit };
      const { answers } = service.read(finalWords, await service.ask('results', init, DELIVERY_MS));
      return answers;
    },
    release: (lease) => say('release', lease),
    fail: (lease, reason) => say('fail', lease, { reason: oneLine(reason) }),
    report: (report) => service.tell('report', post(toReportBody(report), service.headers)),
  };
}

const wireLease = ({ fractal, band, attempt }: Lease) => ({ fractal, band, attempt });

const post = (body: object, headers: Record<string, string>, more = {}): RequestInit => ({
  method: 'POST',
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify({ ...body, ...more }),
});

function resultWords(lease: Lease, band: RenderedBand, thumbnail: Uint8Array | null) {
  return {
    fractal: lease.fractal,
    band: String(lease.band),
    attempt: String(lease.attempt),
    split: String(band.split),
    sha256: band.sha256,
    adler: String(band.adler),
    mirror_adler: String(band.mirrorAdler),
    render_ms: band.renderMs.toFixed(3),
    thumbnail_bytes: String(thumbnail?.length ?? 0),
  };
}

/** A reason that the service takes, whatever is in it. */
const oneLine = (reason: string): string =>
  // Cut before: half a character would be left over.
  reason.slice(0, MAX_REASON).replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ') || '(no reason)';

class Service {
  readonly headers: Record<string, string>;
  /** without user and password */
  readonly #endpoint: string;

  constructor(endpointUrl: string, token: string | undefined) {
    const { endpoint, basic } = splitEndpoint(endpointUrl);
    this.headers = { accept: 'application/json', ...tokenHeaders(token, basic) };
    this.#endpoint = endpoint;
  }

  leaseHeaders({ token }: Pick<Lease, 'token'>): Record<string, string> {
    return { ...this.headers, ...leaseHeaders(token) };
  }

  /** One exchange, its answer read to the end. @throws {Fault} */
  async ask(path: string, init: RequestInit, timeoutMs = ANSWER_MS): Promise<string> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      // A token goes nowhere but to the endpoint.
      const options = { ...init, redirect: 'error', signal, timeoutMs } as const;
      const response = await exchange(this.#endpoint, `/v1/work/${path}`, options);
      return await response.text();
    } catch (error) {
      if (error instanceof Fault) throw isForeign(error) ? this.#strange(error) : error;
      throw unreachable(this.#endpoint, signal.aborted ? 'it does not answer' : error);
    }
  }

  /** The same, where there is nothing to be said in return. */
  async tell(path: string, init: RequestInit): Promise<void> {
    if ((await this.ask(path, init)) !== '') throw this.#strange();
  }

  /** @throws {Fault} `unavailable` when the text is something else: a proxy's page, say */
  read<T>(schema: z.ZodType<T>, text: string): T {
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw this.#strange(cause);
    }
  }

  /** What a 200 or a problem says about a lease or a delivery. @param possible what it may be in a 200 */
  async finalWord<W extends 'held' | 'accepted'>(asking: Promise<string>, possible: W): Promise<W | LastWord> {
    try {
      const { answer } = this.read(finalWord, await asking);
      if (answer === possible) return possible;
    } catch (error) {
      const word = error instanceof Fault ? LAST_WORDS[error.code] : undefined;
      if (word !== undefined) return word;
      throw error;
    }
    throw this.#strange();
  }

  #strange(cause?: unknown): Unreachable {
    const message = `${this.#endpoint} did not answer as a faafo API of this release answers its workers: is the URL right?`;
    return new Unreachable(message, { broken: false, cause });
  }
}

const LAST_WORDS: Readonly<Partial<Record<FaultCode, LastWord>>> = { conflict: 'stale', gone: 'cancelled', not_found: 'unknown' };

/** Whether a refusal that would end the work on a band is not the service's own: a proxy's 404, say. */
function isForeign({ code, details }: Fault): boolean {
  const word = LAST_WORDS[code];
  return word !== undefined && details.members?.answer !== word;
}
