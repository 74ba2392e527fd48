import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../support/certificates.ts';
import { finished, look, order, SIEGEL_DISC } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { freePort } from '../support/servers/processes.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { startApi } from '../support/start-api.ts';
import { startWorker } from '../support/start-worker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** One band of some seconds. */
const LONG = { ...SIEGEL_DISC, width: 512, height: 300, iterations: 50_000 };
const READY = `faafo-worker is ready: ${hostname()}, 1 threads\n`;

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startRabbitmq();
});
afterAll(() => broker[Symbol.asyncDispose]());

const flags = (endpoint: string, transport = broker.url) => [
  ...['--endpoint-url', endpoint, '--transport-url', transport],
  ...['--threads', '1', '--log-level', 'debug'],
];

describe('faafo-worker', () => {
  it('waits for its API, draws what is ordered there, and finishes what it has in work when it is to stop', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    await using worker = startWorker(flags(`http://127.0.0.1:${port}`));
    await until(() => worker.said() === READY);
    await until(() => /the API at http:\/\/127\.0\.0\.1:\d+ cannot be reached: .* Trying again\./.test(worker.log()));

    await using api = await startApi({ dataDir: folder.path, port, flags: ['--transport-url', broker.url] });
    const { uuid } = await order(api.url);
    expect((await finished(api.url, uuid)).generated_by).toBe(hostname());
    await until(() => worker.log().includes('the API answers again'));
    const workers = async () =>
      ((await (await fetch(`${api.url}/v1/workers`)).json()) as { objects: { bands: number }[] }).objects;
    // It may have told of itself before it drew.
    await until(async () => (await workers())[0]?.bands);
    expect(await workers()).toMatchObject([{ host: hostname(), threads: 1, bands: 1 }]);

    const long = await order(api.url, LONG);
    await finished(api.url, long.uuid, 'rendering');
    const next = await order(api.url);
    expect(await worker.stop()).toBe(0);
    await finished(api.url, long.uuid, 'done', 60_000);
    expect((await look(api.url, next.uuid)).state).toBe('queued');
    expect(await workers()).toEqual([]);
    expect(worker.log()).not.toMatch(/"level":[56]0/);
    expect(await api.stop()).toBe(0);
  }, 90_000);

  it('draws over HTTPS, when it is given the authority of the certificate, and waits for nobody else', async () => {
    await using folder = await temporaryFolder();
    const [authority, stranger] = [await makeAuthority(folder.path), await makeAuthority(folder.path, 'stranger')];
    const { cert, key } = await authority.issue('api', 'IP:127.0.0.1');
    const [port, dataDir] = [await freePort(), join(folder.path, 'data')];
    const inside = ['--worker-listen-address', '127.0.0.1', '--worker-bind-port', String(port), '--transport-url', broker.url];
    await using api = await startApi({ dataDir, flags: ['--tls-cert', cert, '--tls-key', key, ...inside] });
    await using misled = startWorker([...flags(`https://127.0.0.1:${port}`), '--ca-file', stranger.ca]);
    await until(() =>
      /its certificate cannot be trusted \([A-Z_]+\): name the file of its authority with --ca-file/.test(misled.log()),
    );
    expect(await misled.stop()).toBe(0);

    await using worker = startWorker([...flags(`https://127.0.0.1:${port}`), '--ca-file', authority.ca]);
    const { status, stdout, stderr } = await runFaafo(api.url, [
      'create',
      '--tasks',
      '1',
      '--width',
      '64',
      '--height',
      '48',
      '--iterations',
      '100',
      '--wait',
      '--ca-file',
      authority.ca,
    ]);
    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/[0-9a-f]{8}-/), expect.any(String)]);
    expect(await worker.stop()).toBe(0);
    expect(await api.stop()).toBe(0);
  }, 60_000);

  it('ends with one line where it is not let in', async () => {
    const refusing = createServer((asked, answer) => asked.resume().on('end', () => answer.writeHead(403).end()));
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
      await using worker = startWorker([...flags(url).slice(0, -1), 'info']);
      expect(await worker.ended).toBe(1);
      expect(worker.log()).toMatch(/^faafo: http:\/\/127\.0\.0\.1:\d+ answered 403.*\n$/);
    } finally {
      refusing.closeAllConnections();
      refusing.close();
    }
  });

  it('says once what is wrong with the broker, without the password, and goes on trying', async () => {
    const wrong = broker.url.replace('guest:guest', 'guest:hush');
    await using worker = startWorker(flags(`http://127.0.0.1:${await freePort()}`, wrong));
    await until(() => /refuses this user and password/.test(worker.log()));
    expect(worker.process.exitCode).toBeNull();
    expect(await worker.stop()).toBe(0);
    expect(worker.log()).not.toContain('hush');
    expect(worker.said()).toBe('');
  });

  it.each<[string, string[], RegExp]>([
    ['nothing', [], /^faafo: .*a worker on its own needs the URL of .*RabbitMQ.*amqp:\/\/.*\n$/],
    ['the embedded queue', ['--transport-url', 'embedded:'], /^faafo: .*a worker on its own needs the URL of .*\n$/],
    ['another queue', ['--transport-url', 'redis://u:hush@h/'], /^faafo: --transport-url: redis:.*amqp:\/\/.*\n$/],
    ['no endpoint', ['--transport-url', 'amqp://h/', '--endpoint-url', 'h:80'], /^faafo: --endpoint-url: .*http:\/\//],
    ['a word', ['--transport-url', 'amqp://h/', 'go'], /^faafo: too many arguments/],
  ])('refuses %s', async (_, words, sentence) => {
    await using worker = startWorker(words);
    expect(await worker.ended).toBe(2);
    expect(worker.log()).toMatch(sentence);
    expect(worker.log()).not.toContain('hush');
  });

  it('tells its version, and helps', async () => {
    await using version = startWorker(['--version']);
    expect(await version.ended).toBe(0);
    expect(version.said()).toMatch(/^\d+\.\d+\.\d+\n$/);
    await using help = startWorker(['--help']);
    expect(await help.ended).toBe(0);
    expect(help.said()).toMatch(/--endpoint-url.*--transport-url.*--threads.*--log-level/s);
    expect(help.said()).not.toMatch(/--database-url|--bind-port/);
  });
});
