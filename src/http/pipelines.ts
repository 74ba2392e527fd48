import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Requests of one connection that wait for their answers at the same time. Browsers and our own client send one after the other. */
const MOST_QUEUED = 4;

/**
 * Ends connections that send more and more requests without waiting for answers: each would be carried out at once, and its answer kept in memory until those
 * before it are taken, so that one packet did what a thousand connections may not. Add it before whatever else looks at requests.
 */
export function limitPipelines(app: FastifyInstance): void {
  const waiting = new WeakMap<Socket, number>();
  const change = (socket: Socket, by: number): number => {
    const count = (waiting.get(socket) ?? 0) + by;
    waiting.set(socket, count);
    return count;
  };
  app.server.prependListener('request', ({ socket }, response) => {
    response.once('close', () => change(socket, -1));
    if (change(socket, 1) > MOST_QUEUED) socket.destroy();
  });
  app.addHook('onRequest', (request, reply, done) => {
    // What came together with the one too many is not carried out.
    if (request.raw.socket.destroyed) reply.hijack();
    else done();
  });
}
