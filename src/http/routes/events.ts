import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Fault } from '../../domain/fault.ts';
import type { Ports } from '../../domain/ports.ts';
import type { FractalEvent } from '../../domain/repository.ts';
import { callerOf } from '../caller.ts';
import type { Guard } from '../guard.ts';
import type { HttpLimits } from '../http-limits.ts';
import { refusals } from '../refusals.ts';
import { toMessage } from '../resource.ts';
import { Shares } from '../shares.ts';
import { whenOver } from '../when-over.ts';

const PAGE = 500;
const HEARTBEAT_MS = 15_000;
const RETRY_AFTER_S = 10;

/**
 * /v1/events: server-sent events about all fractals. The SSE id is `<epoch>-<number>-<time>`; with Last-Event-ID the stream goes on after that one, and an
 * id that this history does not know is answered with a `reset` event: the client then reads the list again. So is one that is numbered as an event here but
 * was another: then the database was restored from an older backup, and its history went on differently.
 */
export function eventRoutes(
  app: FastifyInstance,
  ports: Pick<Ports, 'repository' | 'pulse'>,
  guard: Guard,
  limits: Pick<HttpLimits, 'maxConnections' | 'maxEventStreams'>,
  stopping: AbortSignal,
): void {
  const streams = new Shares({ ofOne: limits.maxEventStreams, ofAll: limits.maxConnections / 2 });
  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/events',
    {
      config: { isStream: true },
      schema: {
        operationId: 'watchEvents',
        summary: 'Live events, as server-sent events',
        description:
          'Each message has an Event as its data and the event type as its SSE event name. Resumable with Last-Event-ID.',
        tags: ['events'],
        headers: z.looseObject({ 'last-event-id': z.string().optional() }),
        response: {
          200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
          ...refusals.busy,
        },
      },
    },
    async (request, reply) => {
      // Of a stream without a body nothing would ever be sent, not even its head.
      if (request.method === 'HEAD') return await reply.type('text/event-stream; charset=utf-8').send('');
      const release = streams.take(callerOf(request));
      if (!release) throw tooManyStreams(limits.maxEventStreams);
      whenOver(reply.raw, release);
      const epoch = await ports.repository.events.epoch();
      const newest = await newestOf(ports);
      const asked = request.headers['last-event-id'];
      const known = asked === undefined ? newest : await positionOf(ports, asked, epoch);
      reply.hijack();
      const raw = reply.raw;
      const closed = new AbortController();
      whenOver(raw, () => closed.abort());
      const signal = guard.whileAdmitted(request, AbortSignal.any([closed.signal, stopping]));
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        // The connection ends with the stream: kept alive, it would hold a stopping service up.
        connection: 'close',
      });
      raw.write('retry: 1000\n\n');
      if (known === null) raw.write(reset(epoch, newest));
      await follow(ports, raw, epoch, known ?? newest, signal).catch((error) => {
        if (!signal.aborted) request.log.error({ err: error }, 'event stream failed');
      });
      raw.end();
    },
  );
}

const tooManyStreams = (most: number): Fault =>
  new Fault('busy', `Too many event streams are open: one client may have ${most} at a time. End some, or come back later.`, {
    retryAfterSeconds: RETRY_AFTER_S,
  });

type EventPorts = Pick<Ports, 'repository' | 'pulse'>;

/** The event to go on after; number 0 before the first. Its time tells it from one of the same number in another course of history. */
type Position = Pick<FractalEvent, 'number' | 'at'>;

const START: Position = { number: 0, at: 0 };

const idOf = (epoch: string, { number, at }: Position): string => `${epoch}-${number}-${at.toString(36)}`;

const reset = (epoch: string, newest: Position): string => `event: reset\nid: ${idOf(epoch, newest)}\ndata: {}\n\n`;

async function newestOf({ repository }: EventPorts): Promise<Position> {
  const { newest } = await repository.events.range();
  const [event] = newest === 0 ? [] : await repository.events.after(newest - 1, 1);
  return event ?? START;
}

/** Null when the id is not of this history. */
async function positionOf({ repository }: EventPorts, id: string, epoch: string): Promise<Position | null> {
  const number = Number(id.slice(epoch.length + 1).split('-')[0]);
  if (!id.startsWith(`${epoch}-`) || !Number.isSafeInteger(number) || number < 1) return null;
  const [event] = await repository.events.after(number - 1, 1);
  return event && idOf(epoch, event) === id ? event : null;
}

async function follow(ports: EventPorts, raw: ServerResponse, epoch: string, from: Position, signal: AbortSignal): Promise<void> {
  let position = from;
  while (!signal.aborted) {
    // Listening begins before reading, so that nothing committed in between is missed until the next heartbeat.
    const beat = ports.pulse.wait(HEARTBEAT_MS, signal);
    const events = await eventsAfter(ports, position);
    if (events === null) {
      position = await newestOf(ports);
      raw.write(reset(epoch, position));
      continue;
    }
    const text = events.map(
      (event) => `id: ${idOf(epoch, event)}\nevent: ${event.type}\ndata: ${JSON.stringify(toMessage(event))}\n\n`,
    );
    position = events.at(-1) ?? position;
    if (events.length > 0 && !raw.write(text.join(''))) await once(raw, 'drain', { signal });
    if (events.length === PAGE) continue;
    const before = Date.now();
    await beat;
    if (!signal.aborted && Date.now() - before >= HEARTBEAT_MS) raw.write(': still here\n\n');
  }
}

/** At most PAGE; null when the event at that position is no longer what it was. */
async function eventsAfter({ repository }: EventPorts, position: Position): Promise<FractalEvent[] | null> {
  if (position.number === 0) return await repository.events.after(0, PAGE);
  const [last, ...events] = await repository.events.after(position.number - 1, PAGE + 1);
  return last?.number === position.number && last.at === position.at ? events : null;
}
