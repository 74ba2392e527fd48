import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { TestProject } from './project.ts';

/** A call that changes something. */
export interface TappedCall {
  readonly method: string;
  /** behind the service, such as `compute/servers` */
  readonly path: string;
}

/** What is done with a call: it is passed on with its answer; or its answer is lost; or it never arrives. */
export type Treatment = 'pass' | 'lose answer' | 'lose call';

/** Stands between a client and the services of a cloud, and sees what the client changes. */
export interface Tap extends AsyncDisposable {
  /** variables that lead a client here */
  readonly env: Readonly<Record<string, string>>;
  readonly changes: TappedCall[];
  /** asked for each call that changes something; `done` resolves when the service has carried it out */
  treat: (call: TappedCall, done: Promise<void>) => Treatment | Promise<Treatment>;
}

const SERVICES = ['compute', 'network', 'identity'] as const;
const CATALOG = z.object({
  catalog: z.array(z.object({ type: z.string(), endpoints: z.array(z.object({ interface: z.string(), url: z.string() })) })),
});

export async function tapCloud(project: TestProject): Promise<Tap> {
  const { catalog } = await project.ask('identity').ask(CATALOG, { method: 'GET', path: '/auth/catalog' });
  const target = (type: string) =>
    catalog
      .find((each) => each.type === type)!
      // A client that is led elsewhere names the version itself.
      .endpoints.find((each) => each.interface === 'public')!
      .url.replace(/\/v[\d.]+$/, '');
  const targets = new Map(SERVICES.map((type) => [type as string, target(type)]));
  const server = createServer((request, response) => void pass(request, response).catch(() => response.destroy()));

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, type = '', rest = ''] = /^\/([^/?]+)(.*)$/.exec(request.url!) ?? [];
    const { host: _host, connection: _connection, expect: _expect, 'content-length': _length, ...headers } = request.headers;
    const body = await buffer(request);
    const forward = () =>
      fetch(targets.get(type)! + rest, {
        method: request.method!,
        headers: headers as Record<string, string>,
        ...(body.length > 0 && { body }),
      });
    const send = async (answer: Response) => {
      const text = await answer.arrayBuffer();
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      response.end(Buffer.from(text));
    };
    if (request.method === 'GET') return await send(await forward());
    const call = { method: request.method!, path: `${type}${rest}` };
    tap.changes.push(call);
    const done = Promise.withResolvers<void>();
    const treatment = tap.treat(call, done.promise);
    if ((await Promise.race([treatment, Promise.resolve('pass')])) === 'lose call') return void response.destroy();
    const answer = await forward();
    done.resolve();
    if ((await treatment) === 'pass') await send(answer);
    else response.destroy();
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tap: Tap = {
    env: Object.fromEntries(
      SERVICES.map((type) => [`OS_${type.toUpperCase()}_ENDPOINT_OVERRIDE`, `http://127.0.0.1:${port}/${type}`]),
    ),
    changes: [],
    treat: () => 'pass',
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return tap;
}
