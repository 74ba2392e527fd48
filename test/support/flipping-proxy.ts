import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, pipeline, Transform } from 'node:stream';

export interface FlippingProxy extends AsyncDisposable {
  readonly url: string;
  /** what was asked and answered of the calls whose body was changed: `PUT /v1/… 422` */
  readonly flipped: readonly string[];
  /** which calls are changed; none by default */
  flips(isHit: (method: string, path: string) => boolean): void;
}

/** Stands in front of a server, hands everything on, and changes one bit in the middle of the bodies that it is told to. @param to URL */
export async function startFlippingProxy(to: string): Promise<FlippingProxy> {
  const flipped: string[] = [];
  let isHit: Parameters<FlippingProxy['flips']>[0] = () => false;
  const hand = (asked: IncomingMessage, answer: ServerResponse): void => {
    const { method = 'GET', url: path = '/', headers } = asked;
    const flip = isHit(method, path);
    // Signed for the address that was asked: that stays in it.
    const outside = request(new URL(path, to), { method, headers }, (given) => {
      if (flip) flipped.push(`${method} ${path} ${given.statusCode}`);
      answer.writeHead(given.statusCode!, given.headers);
      pipeline(given, answer, () => undefined);
    });
    outside.on('error', () => answer.destroy());
    pipeline(asked, flip ? oneBit(Number(headers['content-length']) >> 1) : new PassThrough(), outside, () => undefined);
  };
  const server = createServer(hand);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    flipped,
    flips: (which) => {
      isHit = which;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function oneBit(at: number): Transform {
  let passed = 0;
  return new Transform({
    transform: (piece: Buffer, _, done) => {
      const here = at - passed;
      passed += piece.length;
      if (here < 0 || here >= piece.length) return done(null, piece);
      const changed = Buffer.from(piece);
      changed[here]! ^= 1;
      done(null, changed);
    },
  });
}
