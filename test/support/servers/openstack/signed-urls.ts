import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { PrivateKeystone } from '../keystone.ts';
import type { PlanePlan } from './configs.ts';

const PASSED_ON = ['content-type', 'x-auth-token', 'x-subject-token', 'accept'];

/**
 * Keystone as Heat asks it about signed URLs. Since CVE-2025-65073 Keystone answers that only to services that log in, which Heat has learned after the release that Debian 12 has: this adds the
 * login, and passes everything else on as it is.
 */
export async function startSignedUrls({ url }: PrivateKeystone, { ports, servicePassword }: PlanePlan): Promise<AsyncDisposable> {
  const logIn = async (): Promise<string> => {
    const domain = { id: 'default' };
    const password = { user: { name: 'heat', password: servicePassword, domain } };
    const scope = { project: { name: 'service', domain } };
    const auth = { identity: { methods: ['password'], password }, scope };
    const answer = await ask(
      new URL(`${url}/auth/tokens`),
      'POST',
      { 'content-type': 'application/json' },
      JSON.stringify({ auth }),
    );
    answer.resume();
    return String(answer.headers['x-subject-token']);
  };
  const pass = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const headers: Record<string, string> = passedOn(asked);
    if (asked.url!.endsWith('/ec2tokens')) headers['x-auth-token'] = await logIn();
    const said = await ask(new URL(asked.url!, url), asked.method!, headers, await buffer(asked));
    answer.writeHead(said.statusCode!, passedOn(said)).end(await buffer(said));
  };
  const server = createServer((asked, answer) => void pass(asked, answer).catch(() => answer.destroy()));
  await new Promise<void>((resolve) => server.listen(ports.signedUrls, '127.0.0.1', resolve));
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const passedOn = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])));

/** On a connection of its own: Keystone's server closes those that wait for a next request without a word. */
function ask(url: URL, method: string, headers: Record<string, string>, body: string | Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const lines = method === 'POST' ? { ...headers, 'content-length': Buffer.byteLength(body) } : headers;
    const asked = request(url, { method, headers: lines, agent: false }, resolve);
    asked.on('error', reject);
    asked.end(method === 'POST' ? body : undefined);
  });
}
