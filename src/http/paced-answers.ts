import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { AnswerMemory } from './answer-memory.ts';
import { callerOf } from './caller.ts';

/** An answer in one piece would not show how much of it was taken. */
const PIECE_BYTES = 2 ** 16;

export interface Pace {
  /** bytes a second, on average over windowMs */
  readonly leastPerSecond: number;
  readonly windowMs: number;
}

/** A modem took more. */
export const LEAST_PACE: Pace = { leastPerSecond: 4_096, windowMs: 30_000 };

/** Of answers that are in memory as a whole; a picture that is read so has 4 MiB at most. */
const MOST_BYTES = 2 ** 28;
const GRACE_MS = 2_000;

/** What was taken of an answer when its window began. */
interface Window {
  since: number;
  taken: number;
}

/**
 * Ends connections whose other side takes an answer too slowly: what it has not taken is in our memory. One that says nothing for a while because there is
 * nothing to say, as on an event stream, is not slow.
 */
export function paceAnswers(app: FastifyInstance, { leastPerSecond, windowMs }: Pace = LEAST_PACE): void {
  const windows = new Map<ServerResponse, Window>();
  const memory = new AnswerMemory({ mostBytes: MOST_BYTES, graceMs: GRACE_MS });
  app.addHook('onSend', (request, reply, payload, done) => {
    const isWhole = typeof payload === 'string' || payload instanceof Uint8Array;
    if (!isWhole || payload.length <= PIECE_BYTES) return done(null, payload);
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    reply.header('content-length', String(bytes.length));
    memory.hold(callerOf(request), reply.raw, bytes.length);
    done(null, inPieces(bytes));
  });
  app.server.on('request', (_request, response) => {
    windows.set(response, { since: performance.now(), taken: 0 });
    response.on('close', () => windows.delete(response));
  });
  const timer = setInterval(() => {
    memory.relieve();
    const now = performance.now();
    for (const [response, window] of windows) {
      const { socket } = response;
      if (!socket) continue;
      const taken = socket.bytesWritten - socket.writableLength;
      const isWaited = socket.writableLength > 0;
      if (isWaited && now - window.since < windowMs) continue;
      if (isWaited && taken - window.taken < (leastPerSecond * windowMs) / 1000) socket.destroy();
      window.since = now;
      window.taken = taken;
    }
  }, windowMs / 6);
  app.addHook('onClose', async () => clearInterval(timer));
  timer.unref();
}

/** The bytes as a stream of views of them: nothing is copied. */
export const inPieces = (bytes: Uint8Array): Readable => Readable.from(pieces(bytes), { objectMode: false });

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
