import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { addressGroup } from './address-group.ts';
import type { HttpLimits } from './http-limits.ts';

/** A flood is told once in so long. */
const TELL_EVERY_MS = 60_000;

interface Connection {
  readonly key: string;
  readonly socket: Socket;
  readonly group: Group;
  requests: number;
}

/** The connections of one address. */
interface Group {
  readonly address: string;
  readonly isLimited: boolean;
  all: number;
  /** those without a request under way; the one that has been quiet for longest comes first */
  readonly quiet: Set<Connection>;
}

export interface ConnectionLimitOptions extends Pick<HttpLimits, 'maxConnections' | 'maxConnectionsPerAddress'> {
  readonly log: FastifyBaseLogger;
  /** whether many people come through this address */
  readonly isProxy: (address: string) => boolean;
}

/**
 * Holds connections to their limits. One too many makes the one go that has been quiet for longest, of its address or of all: who opens many and says
 * nothing, or says it slowly, only ends its own. Where all have requests under way the new one is dropped.
 */
export function limitConnections(app: FastifyInstance, options: ConnectionLimitOptions): void {
  const { maxConnections, maxConnectionsPerAddress, isProxy } = options;
  const groups = new Map<string, Group>();
  const connections = new Map<string, Connection>();
  const quiet = new Set<Connection>();
  const tell = teller(options.log);

  const groupOf = (address: string): Group => {
    const name = addressGroup(address);
    const known = groups.get(name);
    if (known) return known;
    const group = { address: name, isLimited: !isProxy(address), all: 0, quiet: new Set<Connection>() };
    groups.set(name, group);
    return group;
  };
  const setQuiet = (connection: Connection, isQuiet: boolean): void => {
    for (const set of [quiet, connection.group.quiet]) {
      if (isQuiet) set.add(connection);
      else set.delete(connection);
    }
  };
  const forget = (connection: Connection): void => {
    if (connections.get(connection.key) !== connection) return;
    connections.delete(connection.key);
    setQuiet(connection, false);
    connection.group.all--;
    if (connection.group.all === 0) groups.delete(connection.group.address);
  };
  /** @returns whether there is room for one more now */
  const makeRoom = (among: Set<Connection>): boolean => {
    const [longest] = among;
    if (!longest) return false;
    forget(longest);
    longest.socket.destroy();
    return true;
  };

  // The socket's own count includes those that are just being closed.
  app.server.maxConnections = maxConnections + 256;
  app.server.on('drop', (dropped) => tell(addressGroup(dropped?.remoteAddress ?? 'unknown'), 'all connections'));
  app.server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    // It has gone already.
    if (remoteAddress === undefined) return void socket.destroy();
    const group = groupOf(remoteAddress);
    const isFull = group.isLimited && group.all >= maxConnectionsPerAddress;
    if (isFull || connections.size >= maxConnections) {
      tell(group.address, isFull ? 'connections of one address' : 'all connections');
      if (!makeRoom(isFull ? group.quiet : quiet)) {
        if (group.all === 0) groups.delete(group.address);
        return void socket.destroy();
      }
      groups.set(group.address, group);
    }
    const connection = { key: keyOf(socket), socket, group, requests: 0 };
    group.all++;
    connections.set(connection.key, connection);
    setQuiet(connection, true);
    socket.on('close', () => forget(connection));
  });
  app.server.on('request', (request, response) => {
    // With TLS it is another socket than the one that was accepted, between the same ends.
    const connection = connections.get(keyOf(request.socket));
    if (!connection) return;
    connection.requests++;
    setQuiet(connection, false);
    response.on('close', () => {
      connection.requests--;
      if (connection.requests === 0 && connections.get(connection.key) === connection) setQuiet(connection, true);
    });
  });
}

/** The ends of a connection. */
const keyOf = ({ remoteAddress, remotePort, localAddress }: Socket): string => `${remoteAddress} ${remotePort} ${localAddress}`;

function teller(log: FastifyBaseLogger): (address: string, limit: string) => void {
  let count = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return (address, limit) => {
    count++;
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    log.warn({ address, limit, count }, 'too many connections: the quietest are ended');
    toldAt = performance.now();
    count = 0;
  };
}
