import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LostAnswer } from '../../src/domain/cloud.ts';
import type { CloudProject } from '../../src/domain/cloud-resources.ts';
import { findCloud } from '../../src/openstack/clouds.ts';
import { openProject } from '../../src/openstack/project.ts';

/** How the services of a cloud answer that has more of everything than fits on a page, and where answers can be lost at will: test/cloud has a real one, whose pages are never full. */
const COUNT = 1_050;
let url: string;
let project: CloudProject;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  answer(request, response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const endpoints = ['COMPUTE', 'NETWORK', 'IMAGE'].map((type) => [
    `OS_${type}_ENDPOINT_OVERRIDE`,
    `${url}/${type.toLowerCase()}`,
  ]);
  project = openProject(
    await findCloud({
      ...Object.fromEntries(endpoints),
      OS_AUTH_URL: `${url}/identity`,
      OS_USERNAME: 'ada',
      OS_PASSWORD: 'hush',
      OS_PROJECT_NAME: 'engines',
    }),
  );
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

const json = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'x-subject-token': 'ticket' });
  response.end(JSON.stringify(body));
};

/** Login and versions; everything else is for `more`. */
const cloudWith =
  (more: (path: URL, response: ServerResponse, request: IncomingMessage) => void): typeof answer =>
  (request, response) => {
    const path = new URL(request.url!, url);
    if (path.pathname.endsWith('/auth/tokens')) {
      const [issued_at, expires_at] = [new Date().toISOString(), new Date(Date.now() + 3_600_000).toISOString()];
      return json(response, 201, { token: { issued_at, expires_at, project: { id: 'p', name: 'engines' }, user: { id: 'u' } } });
    }
    if (path.pathname === '/compute/v2.1/') return json(response, 200, { version: { version: '2.60', min_version: '2.1' } });
    more(path, response, request);
  };

const names = Array.from({ length: COUNT }, (_, i) => `thing-${i}`);
const after = (marker: string | null) => (marker === null ? 0 : names.indexOf(marker) + 1);

describe('lists that have several pages', () => {
  it('are whole, by marker, by link, and by next', async () => {
    answer = cloudWith((path, response, request) => {
      const limit = Number(path.searchParams.get('limit'));
      const from = after(path.searchParams.get('marker'));
      const page = names.slice(from, from + limit);
      const isMore = from + limit < COUNT;
      if (path.pathname === '/compute/v2.1/flavors/detail') {
        expect(request.headers['openstack-api-version']).toBe('compute 2.60');
        return json(response, 200, { flavors: page.map((id) => ({ id, name: id, vcpus: 1, ram: 1, disk: 1 })) });
      }
      if (path.pathname === '/image/v2/images') {
        const images = page.map((id) => ({ id, name: id, status: 'active', size: 1, min_disk: 0, min_ram: 0 }));
        return json(response, 200, { images, ...(isMore && { next: `/v2/images?limit=${limit}&marker=${page.at(-1)}` }) });
      }
      const networks = page.map((id) => ({ id, name: id, subnets: [] }));
      const href = `http://elsewhere.example/v2.0/networks?limit=${limit}&marker=${page.at(-1)}`;
      json(response, 200, { networks, ...(isMore && { networks_links: [{ rel: 'next', href }] }) });
    });
    const lists = [await project.flavors.list(), await project.images.list(), await project.networks.list()];
    for (const list of lists) expect(list.map(({ name }) => name)).toEqual(names);
    expect(asked.filter((line) => line.startsWith('GET /network/')).length).toBe(3);
  });
});

describe('what makes something', () => {
  const make = () => project.groups.make('worker', 'of a test');
  const posts = () => asked.filter((line) => line.startsWith('POST /network/')).length;

  it('is sent once when its answer is lost, whatever is between', async () => {
    for (const lose of [
      (response: ServerResponse) => response.destroy(),
      (response: ServerResponse) => json(response, 504, { message: 'Gateway Time-out' }),
      (response: ServerResponse) => json(response, 500, {}),
    ]) {
      answer = cloudWith((_path, response) => lose(response));
      const before = posts();
      await expect(make()).rejects.toBeInstanceOf(LostAnswer);
      expect(posts() - before).toBe(1);
    }
  });

  it('is sent again when it was put off', async () => {
    let count = 0;
    answer = cloudWith((_path, response) => {
      if (++count < 3) return json(response, 429, { message: 'slowly' });
      json(response, 201, { security_group: { id: 'g', name: 'worker', description: '', tags: [], security_group_rules: [] } });
    });
    expect((await make()).id).toBe('g');
    expect(count).toBe(3);
  });

  it('is refused in one line that names service, call and reason, with what kind of refusal it is', async () => {
    const cases: [number, object, string, string][] = [
      [
        409,
        { NeutronError: { message: "Quota exceeded for resources: ['security_group'].", type: 'OverQuota' } },
        'busy',
        "409 Conflict: Quota exceeded for resources: ['security_group'].",
      ],
      [409, { NeutronError: { message: 'It is in use.' } }, 'conflict', '409 Conflict: It is in use.'],
      [403, { NeutronError: { message: 'Not for you' } }, 'denied', '403 Forbidden: Not for you.'],
      [400, { badRequest: { code: 400, message: 'Wrong\n  in two lines' } }, 'invalid', '400 Bad Request: Wrong in two lines.'],
    ];
    for (const [status, body, code, reason] of cases) {
      answer = cloudWith((_path, response) => json(response, status, body));
      await expect(make()).rejects.toMatchObject({ code, message: `network: POST /security-groups was refused: ${reason}` });
    }
  });
});

it('an answer that is something else is said to be so', async () => {
  answer = cloudWith((_path, response) => json(response, 200, { networks: [{ id: 1 }] }));
  await expect(project.networks.list()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('network: GET /networks?limit=500'),
  });
});
