import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CACHED_DOWNLOADS } from './debian-root.ts';

export interface Outlet extends AsyncDisposable {
  readonly url: string;
  /** from now on nothing comes through */
  shut(): void;
  open(): void;
}

/** The only way out of a network of hosts: a proxy for apt and npm, which keeps the Debian packages that come through. @param address to listen on */
export async function openOutlet(address: string): Promise<Outlet> {
  await mkdir(CACHED_DOWNLOADS, { recursive: true });
  const sockets = new Set<Socket>();
  let isShut = false;
  const server = createServer((asked, answer) => {
    if (isShut) return void asked.socket.destroy();
    fetchThrough(asked, answer).catch(() => answer.destroy());
  });
  server.on('connect', (asked: IncomingMessage, inside: Socket) => {
    if (isShut) return void inside.destroy();
    const { hostname, port } = new URL(`http://${asked.url}`);
    const outside = connect(Number(port || 443), hostname, () => {
      inside.write('HTTP/1.1 200 OK\r\n\r\n');
      outside.pipe(inside).pipe(outside);
    });
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.on('error', () => void inside.destroy(outside.destroy() && undefined));
      socket.on('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    shut: () => {
      isShut = true;
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
    },
    open: () => {
      isShut = false;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function fetchThrough(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const url = new URL(asked.url!);
  // A package's name has its version: it never changes.
  const kept = join(CACHED_DOWNLOADS, createHash('sha256').update(url.pathname).digest('hex'));
  const isPackage = url.pathname.endsWith('.deb');
  if (isPackage && existsSync(kept)) {
    answer.writeHead(200);
    return await pipeline(createReadStream(kept), answer);
  }
  const { range: _, ...headers } = asked.headers;
  const outside = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method: asked.method ?? 'GET', headers: isPackage ? headers : asked.headers }, resolve)
      .on('error', reject)
      .end();
  });
  if (!isPackage || outside.statusCode !== 200) {
    answer.writeHead(outside.statusCode!, outside.headers);
    return await pipeline(outside, answer);
  }
  const unfinished = `${kept}.${process.pid}.${Math.random()}`;
  await pipeline(outside, createWriteStream(unfinished));
  await rename(unfinished, kept);
  answer.writeHead(200);
  await pipeline(createReadStream(kept), answer);
}
