import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDispatcher } from '../../src/actions/dispatcher.ts';
import { Fault } from '../../src/domain/fault.ts';
import type { Repository } from '../../src/domain/repository.ts';
import { ACCESS_TABLE } from '../../src/http/access-table.ts';
import { buildServer } from '../../src/http/server.ts';
import { NO_TOKENS } from '../support/access.ts';
import { ask } from '../support/from.ts';
import { anOrder } from '../support/orders.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FILL: Readonly<Record<string, string>> = {
  ':uuid': '154c7b41-108e-4696-a059-1bde9bf03d0a',
  ':page': '1',
  ':id': 'nowhere0',
  '*': 'nothing.js',
};
const LEASE = { fractal: FILL[':uuid'], band: 0, attempt: 1 };
const BODIES: Readonly<Record<string, object>> = {
  '/v1/fractal': anOrder(),
  '/v1/tokens': { name: 'ann', role: 'viewer' },
  '/v1/work/claim': { ...LEASE, host: 'tester', engine_version: '4' },
  '/v1/work/fail': { ...LEASE, reason: 'none' },
};

/** A repository whose every method fails so. */
function failing(fault: Fault): Repository {
  const part = new Proxy({}, { get: () => async () => Promise.reject(fault) });
  return new Proxy({} as Repository, { get: (_, name) => (name === 'ping' ? async () => Promise.reject(fault) : part) });
}

describe.each(['busy', 'unavailable'] as const)('every answer that something is %s', (code) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let parts: Awaited<ReturnType<typeof openParts>>;
  let app: Awaited<ReturnType<typeof buildServer>>;
  let url: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    parts = await openParts(folder.path);
    const ports = { ...parts.ports, repository: failing(new Fault(code, 'Not now.')) };
    app = await buildServer(ports, {
      log: pino({ level: 'silent' }),
      version: '0.0.0',
      webRoot: new URL('../../build/web/', import.meta.url),
      draining: new AbortController().signal,
      access: NO_TOKENS,
      dispatcher: localDispatcher(ports),
    });
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await app.close();
    await parts[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('tells when to come back, on every route, and the reference says so', async () => {
    const { paths } = JSON.parse((await ask(`${url}/openapi.json`)).body) as {
      paths: Record<string, Record<string, { responses: Record<string, { headers?: Record<string, unknown> }> }>>;
    };
    const [met, documented]: [string[], string[]] = [[], []];
    for (const route of Object.keys(ACCESS_TABLE)) {
      const [method = '', path = ''] = route.split(' ');
      const filled = path.replace(/:\w+|\*/g, (name) => FILL[name]!);
      const body = method === 'POST' ? JSON.stringify(BODIES[path] ?? LEASE) : undefined;
      const headers = { 'faafo-lease': 'x'.repeat(24), ...(body && { 'content-type': 'application/json' }) };
      const { status, headers: answered } = await ask(url + filled, { method, headers, ...(body && { body }) });
      if (status !== 429 && status !== 503) continue;
      met.push(route);
      expect([route, answered['retry-after']]).toEqual([route, expect.stringMatching(/^[1-9]\d*$/)]);
      const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      if (!operation) continue;
      documented.push(route);
      expect([route, Object.keys(operation.responses[status]?.headers ?? {})]).toEqual([route, ['retry-after']]);
    }
    expect(met.length).toBeGreaterThanOrEqual(15);
    expect(documented.length).toBeGreaterThanOrEqual(11);
  });
});
