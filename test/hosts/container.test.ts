import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { freePort } from '../support/servers/processes.ts';
import { startRabbitmq } from '../support/servers/rabbitmq.ts';
import { until } from '../support/until.ts';
import { Container } from './support/container.ts';
import { type Image, openImages } from './support/images.ts';

const MOST_BYTES = 150 * 2 ** 20;

describe('the image that the Containerfile makes', () => {
  let images: Awaited<ReturnType<typeof openImages>>;
  let image: Image;

  beforeAll(async () => {
    images = await openImages();
    image = await images.build();
  });
  afterAll(() => images?.[Symbol.asyncDispose]());

  it('is small, runs as nobody in particular, and says how it is, where its data are and how it is stopped', async () => {
    expect(image.config).toMatchObject({
      User: '10001:10001',
      Cmd: ['faafo-api'],
      WorkingDir: '/data',
      Volumes: { '/data': {} },
      ExposedPorts: { '8080/tcp': {} },
      StopSignal: 'SIGTERM',
      Healthcheck: { Test: ['CMD', 'node', '-e', expect.stringContaining('127.0.0.1:8082/healthz')] },
    });
    expect(image.bytes).toBeLessThan(MOST_BYTES);
    const data = await stat(join(image.files, 'data'));
    expect([data.uid, data.gid, data.mode & 0o777]).toEqual([10001, 10001, 0o700]);
  });

  it('holds nothing of the machine that built it', async () => {
    for (const path of [
      'root/.npmrc',
      'etc/authority.pem',
      'src',
      'opt/faafo/lib/node_modules/@faafo/faafo/src',
      'opt/faafo/lib/node_modules/vitest',
    ]) {
      const size = await stat(join(image.files, path)).then(
        ({ size }) => size,
        () => 0,
      );
      expect([path, size]).toEqual([path, 0]);
    }
  });

  it('serves, draws, is healthy, and ends cleanly when its first process is told to', async () => {
    const [port, metrics] = [await freePort(), await freePort()];
    const env = { FAAFO_LISTEN_ADDRESS: '127.0.0.1', FAAFO_BIND_PORT: String(port), FAAFO_METRICS_BIND_PORT: String(metrics) };
    await using container = new Container(image, { environment: env });
    await container.awaitWords('faafo is ready');
    expect((await readFile(`/proc/${await container.first()}/status`, 'utf8')).match(/^(?:Name|NSpid|Uid):.*$/gm)).toEqual([
      expect.stringMatching(/^Name:\t(node|MainThread)/),
      'Uid:\t10001\t10001\t10001\t10001',
      expect.stringMatching(/\t1$/),
    ]);
    const client = new Client(`http://127.0.0.1:${port}`);
    const order = { uuid: crypto.randomUUID(), width: 300, height: 200, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
    const [, ...check] = image.config.Healthcheck.Test;
    const checkHere = check.map((word) => word.replace('8082', String(metrics)));
    expect((await container.exec(checkHere)).status).toBe(0);
    expect((await container.exec(check.map((word) => word.replace('8082', '9')))).status).toBe(1);
    expect(await container.stop()).toBe(0);
  });

  it('refuses to be reached by others without a token, as it is, and says why', async () => {
    const environment = { FAAFO_BIND_PORT: '0', FAAFO_METRICS_BIND_PORT: '0', FAAFO_DATA_DIR: '/data/new' };
    await using container = new Container(image, { environment });
    await container.ended();
    expect(container.said).toMatch(/faafo: Others can reach the address 0\.0\.0\.0, and there is no token/);
  });

  it('draws as a worker what is ordered at another container, through a broker', async () => {
    await using broker = await startRabbitmq();
    const [port, ...metrics] = [await freePort(), await freePort(), await freePort()];
    const env = { FAAFO_TRANSPORT_URL: broker.url };
    const own = { FAAFO_LISTEN_ADDRESS: '127.0.0.1', FAAFO_BIND_PORT: String(port), FAAFO_METRICS_BIND_PORT: String(metrics[0]) };
    await using api = new Container(image, { environment: { ...env, ...own } });
    await api.awaitWords('faafo is ready');
    const mine = { FAAFO_ENDPOINT_URL: `http://127.0.0.1:${port}`, FAAFO_METRICS_BIND_PORT: String(metrics[1]) };
    await using worker = new Container(image, { command: ['faafo-worker'], environment: { ...env, ...mine } });
    await worker.awaitWords('faafo-worker is ready');
    const client = new Client(`http://127.0.0.1:${port}`);
    const order = { uuid: crypto.randomUUID(), width: 300, height: 200, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
    const check = image.config.Healthcheck.Test.slice(1).map((word) => word.replace('8082', String(metrics[1])));
    expect((await worker.exec(check)).status).toBe(0);
    expect([await worker.stop(), await api.stop()]).toEqual([0, 0]);
  });
});
