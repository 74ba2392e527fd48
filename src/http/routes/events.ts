import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Ports } from '../../domain/ports.ts';
import { toMessage } from '../resource.ts';

const PAGE = 500;
const HEARTBEAT_MS = 15_000;

/**
 * /v1/events: server-sent events about all fractals. The SSE id is `<epoch>-<number>`; with Last-Event-ID the stream goes on after that one, and an
 * id that this history does not know is answered with a `reset` event: the client then reads the list again.
 */
export function eventRoutes(app: FastifyInstance, ports: Pick<Ports, 'repository' | 'pulse'>, stopping: AbortSignal): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/events',
    {
      schema: {
        operationId: 'watchEvents',
        summary: 'Live events, as server-sent events',
        description:
          'Each message has an Event as its data and the event type as its SSE event name. Resumable with Last-Event-ID.',
        tags: ['events'],
        headers: z.looseObject({ 'last-event-id': z.string().optional() }),
        response: { 200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } } },
      },
    },
    async (request, reply) => {
      const epoch = await ports.repository.events.epoch();
      const range = await ports.repository.events.range();
      const asked = request.headers['last-event-id'];
      const known = asked === undefined ? range.newest : positionOf(asked, epoch, range);
      reply.hijack();
      const raw = reply.raw;
      const closed = new AbortController();
      raw.on('close', () => closed.abort());
      const signal = AbortSignal.any([closed.signal, stopping]);
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        // The connection ends with the stream: kept alive, it would hold a stopping service up.
        connection: 'close',
      });
      raw.write('retry: 1000\n\n');
      if (known === null) raw.write(`event: reset\nid: ${epoch}-${range.newest}\ndata: {}\n\n`);
      await follow(ports, raw, epoch, known ?? range.newest, signal).catch((error) => {
        if (!signal.aborted) request.log.error({ err: error }, 'event stream failed');
      });
      raw.end();
    },
  );
}

/** The number to go on after, or null when the id is not of this history. */
function positionOf(id: string, epoch: string, { oldest, newest }: { oldest: number; newest: number }): number | null {
  const number = Number(id.slice(epoch.length + 1));
  if (!id.startsWith(`${epoch}-`) || !Number.isSafeInteger(number)) return null;
  return number >= oldest - 1 && number <= newest ? number : null;
}

async function follow(
  { repository, pulse }: Pick<Ports, 'repository' | 'pulse'>,
  raw: ServerResponse,
  epoch: string,
  from: number,
  signal: AbortSignal,
): Promise<void> {
  let position = from;
  while (!signal.aborted) {
    // Listening begins before reading, so that nothing committed in between is missed until the next heartbeat.
    const beat = pulse.wait(HEARTBEAT_MS, signal);
    const events = await repository.events.after(position, PAGE);
    const text = events.map(
      (event) => `id: ${epoch}-${event.number}\nevent: ${event.type}\ndata: ${JSON.stringify(toMessage(event))}\n\n`,
    );
    position = events.at(-1)?.number ?? position;
    if (events.length > 0 && !raw.write(text.join(''))) await once(raw, 'drain', { signal });
    if (events.length === PAGE) continue;
    const before = Date.now();
    await beat;
    if (!signal.aborted && Date.now() - before >= HEARTBEAT_MS) raw.write(': still here\n\n');
  }
}
