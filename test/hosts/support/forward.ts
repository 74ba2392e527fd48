import { connect, createServer } from 'node:net';

/** Lets others in to a server that listens on 127.0.0.1 alone. @param address and port where they come to */
export async function forward(address: string, port: number, toPort: number): Promise<AsyncDisposable> {
  const server = createServer((inside) => {
    const outside = connect(toPort, '127.0.0.1');
    const end = () => {
      inside.destroy();
      outside.destroy();
    };
    for (const socket of [inside, outside]) socket.on('error', end);
    inside.pipe(outside).pipe(inside);
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  return { [Symbol.asyncDispose]: async () => void server.close() };
}
