import { setTimeout as sleep } from 'node:timers/promises';

/** Of one call; the pauses between them take a second and a half at most. */
const TRIES = 5;
const FIRST_PAUSE_MS = 100;
/** Until the first byte of an answer. */
const PATIENCE_MS = 60_000;
/** How fast a body has to be sent at least, bytes a millisecond: 16 MiB in 60 s. */
const SLOWEST = 2 ** 24 / 60_000;
const PIECE_BYTES = 2 ** 16;
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/**
 * fetch, for bodies that lie in memory: what may pass (a broken connection, a service that is busy) is tried again, with longer and longer pauses. What comes of the last try counts.
 */
export const patientFetch: typeof fetch = async (input, init) => {
  for (let tries = 1; ; tries++) {
    const late = new AbortController();
    const bytes = init?.body instanceof Uint8Array ? init.body : null;
    const patienceMs = Math.max(PATIENCE_MS, (bytes?.length ?? 0) / SLOWEST);
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${Math.round(patienceMs / 1000)} s`)), patienceMs);
    try {
      const answer = await fetch(input, { ...init, ...(bytes && asStream(bytes)), signal: late.signal });
      if (!PASSING.has(answer.status) || tries === TRIES) return answer;
      await answer.body?.cancel();
    } catch (error) {
      if (tries === TRIES) throw error;
    } finally {
      clearTimeout(timer);
    }
    await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2));
  }
};

/** The same bytes: of those that it is given whole, fetch makes a copy. Whoever calls has said in a header how many there are. */
function asStream(bytes: Uint8Array): RequestInit {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(pieces) {
      if (at >= bytes.length) return pieces.close();
      pieces.enqueue(bytes.subarray(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
    },
  });
  return { body, duplex: 'half' } as RequestInit;
}

/** The body of an answer, in pieces that share memory with nobody. */
export class FetchedBytes implements AsyncIterator<Uint8Array> {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(answer: Response) {
    this.#reader = answer.body?.getReader();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#reader) return { done: true, value: undefined };
    const silence = new Error(`nothing came for ${PATIENCE_MS / 1000} s`);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(silence), PATIENCE_MS);
    try {
      const { done, value } = await Promise.race([this.#reader.read(), late]);
      return done ? { done: true, value: undefined } : { done: false, value: new Uint8Array(value) };
    } finally {
      clearTimeout(timer);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#reader?.cancel().catch(() => undefined);
    return { done: true, value: undefined };
  }
}
