import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long an answer that is being read may go on after the service began to close. */
const LAST_ANSWERS_MS = 5_000;

/**
 * Lets the server close as soon as the requests under way are answered. Node by itself waits for connections that browsers opened ahead and
 * have not used yet, and for those that are kept alive, which can take a minute.
 */
export function closeQuietSockets(app: FastifyInstance): void {
  const busy = new Map<Socket, number>();
  let closing = false;
  const settle = (socket: Socket, change: number): void => {
    const known = busy.get(socket);
    // It has ended: noted once more, it would be kept for ever, with what it had not sent.
    if (known === undefined) return;
    const requests = known + change;
    busy.set(socket, requests);
    if (closing && requests <= 0) socket.destroySoon();
  };
  const watch = (socket: Socket): void => {
    busy.set(socket, 0);
    socket.on('close', () => busy.delete(socket));
    if (closing) socket.destroy();
  };
  app.server.on('connection', watch);
  // With TLS requests come on a socket around the one that was accepted, which is only then no longer quiet by itself.
  app.server.on('secureConnection', (socket: Socket) => {
    for (const raw of busy.keys()) if (isSameConnection(raw, socket)) busy.delete(raw);
    watch(socket);
  });
  app.server.on('request', (request, response) => {
    settle(request.socket, 1);
    response.on('close', () => settle(request.socket, -1));
  });
  app.addHook('preClose', async () => {
    closing = true;
    for (const [socket, requests] of busy) if (requests === 0) socket.destroy();
    setTimeout(() => app.server.closeAllConnections(), LAST_ANSWERS_MS).unref();
  });
}

const isSameConnection = (one: Socket, other: Socket): boolean =>
  one !== other && one.remotePort === other.remotePort && one.remoteAddress === other.remoteAddress;
