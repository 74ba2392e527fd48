import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export interface Ask {
  /** the address to come from: any of 127.0.0.0/8 */
  readonly from?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array;
}

/** One request on a connection of its own, from an address of one's choice. @throws when the connection breaks before an answer */
export async function ask(url: string, { from, method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const options = { method, headers, agent: false, ...(from !== undefined && { localAddress: from }) };
    const asking = request(url, options, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      text(response).then((read) => resolve({ status, headers: answered, body: read }), reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** A connection that says what the test writes, from an address of one's choice. */
export function openFrom(url: string, from: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), localAddress: from });
  // How it ends is the other side's choice.
  socket.on('error', () => undefined);
  return socket;
}
