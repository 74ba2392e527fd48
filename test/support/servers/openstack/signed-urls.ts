import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
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
    const answer = await fetch(`${url}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth }),
    });
    return answer.headers.get('x-subject-token')!;
  };
  const pass = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const headers = new Headers(
      PASSED_ON.flatMap((name) => (asked.headers[name] ? [[name, String(asked.headers[name])] as [string, string]] : [])),
    );
    if (asked.url!.endsWith('/ec2tokens')) headers.set('x-auth-token', await logIn());
    const body = asked.method === 'POST' ? { body: await buffer(asked) } : {};
    const said = await fetch(new URL(asked.url!, url), { method: asked.method, headers, ...body });
    const kept = PASSED_ON.flatMap((name) => (said.headers.has(name) ? [[name, said.headers.get(name)!]] : []));
    answer.writeHead(said.status, Object.fromEntries(kept)).end(Buffer.from(await said.arrayBuffer()));
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
