import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRabbitQueue } from '../../src/queue/rabbitmq.ts';
import { makeAuthority } from '../support/certificates.ts';
import { openTalking, someDoorbells } from '../support/rabbit-queues.ts';
import { freePort } from '../support/servers/processes.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const stack = new AsyncDisposableStack();
let broker: PrivateBroker;
let tlsUrl: string;
let ca: string;
let strangersCa: string;

beforeAll(async () => {
  const { path } = stack.use(await temporaryFolder());
  const [authority, stranger] = [await makeAuthority(path), await makeAuthority(path, 'stranger')];
  ({ ca, strangersCa } = { ca: authority.ca, strangersCa: stranger.ca });
  const { cert, key } = await authority.issue('rabbit', 'IP:127.0.0.1');
  const port = await freePort();
  tlsUrl = `amqps://guest:guest@127.0.0.1:${port}/`;
  const files = [`ssl_options.certfile = ${cert}`, `ssl_options.keyfile = ${key}`, `ssl_options.cacertfile = ${ca}`];
  broker = stack.use(await startRabbitmq({ conf: [`listeners.ssl.1 = 127.0.0.1:${port}`, ...files] }));
  await broker.ctl('add_vhost', 'private');
  await broker.ctl('add_user', 'stranger', 'planted-secret');
  await broker.ctl('set_permissions', '-p', '/', 'stranger', '^$', '^$', '^$');
});
afterAll(() => stack.disposeAsync());

/** What is said about a URL that does not work, after it was tried several times. */
async function complaintsAbout(url: string): Promise<readonly string[]> {
  await using queue = await openTalking(url);
  await expect(queue.ring(someDoorbells(1))).rejects.toMatchObject({ code: 'unavailable' });
  await until(() => queue.lines.length > 0);
  await sleep(1_500);
  expect(queue.lines.join()).not.toMatch(/planted-secret|wrong-secret/);
  return queue.lines;
}

describe('what RabbitMQ refuses is said once, and what to do', () => {
  const asStranger = (password: string, path = '/') =>
    Object.assign(new URL(broker.url), { username: 'stranger', password, pathname: path }).href;

  it('a wrong password', async () => {
    const [strangers, guests] = [asStranger('wrong-secret'), broker.url.replace('guest@', 'wrong-secret@')];
    expect(await Promise.all([strangers, guests].map(complaintsAbout))).toEqual([
      [`RabbitMQ at amqp://stranger:***@${new URL(broker.url).host}/ refuses this user and password: correct transport_url.`],
      [expect.stringContaining('guest may speak to a server on its own machine only')],
    ]);
  });

  it('an unknown virtual host, and one that is not for this user', async () => {
    const urls = [`${broker.url}nowhere`, asStranger('planted-secret', '/private')];
    const line = expect.stringContaining('has no such virtual host, or not for this user: correct the end of transport_url');
    expect(await Promise.all(urls.map(complaintsAbout))).toEqual([[line], [line]]);
  });

  it('a user without permissions', async () => {
    await using queue = await openTalking(asStranger('planted-secret'));
    await expect(queue.ring(someDoorbells(1))).rejects.toThrow(/give it permission to configure, write and read faafo/);
  });

  it('a certificate of nobody, TLS where there is none, none where it is', async () => {
    const urls = [tlsUrl, broker.url.replace('amqp:', 'amqps:'), tlsUrl.replace('amqps:', 'amqp:')];
    expect(await Promise.all(urls.map(complaintsAbout))).toEqual([
      [expect.stringMatching(/certificate that cannot be trusted \(SELF_SIGNED_CERT_IN_CHAIN\).*ca_file or \?cacertfile=/)],
      [expect.stringContaining('does not speak TLS')],
      [expect.stringContaining('begin transport_url with amqps://')],
    ]);
  });

  it('a certificate of another authority than the named one, and one for another host', async () => {
    const urls = [`${tlsUrl}?cacertfile=${strangersCa}`, `${tlsUrl.replace('127.0.0.1', 'localhost')}?cacertfile=${ca}`];
    expect(await Promise.all(urls.map(complaintsAbout))).toEqual([
      [expect.stringMatching(/a certificate that cannot be trusted \([A-Z_]+\): correct the host/)],
      [expect.stringMatching(/a certificate that cannot be trusted \(ERR_TLS_CERT_ALTNAME_INVALID\): correct the host/)],
    ]);
  });

  it('a file of authorities that is not there', async () => {
    const opening = openRabbitQueue(`${tlsUrl}?cacertfile=/nowhere.pem`, { name: '', onTrouble: () => {} });
    await expect(opening).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('/nowhere.pem') });
  });
});

describe('RabbitMQ behind TLS', () => {
  it('is trusted by cacertfile', async () => {
    await using queue = await openTalking(`${tlsUrl}?cacertfile=${ca}`);
    expect(await queue.depth()).toBe(0);
    expect(queue.lines).toEqual([]);
  });

  it('is trusted by NODE_EXTRA_CA_CERTS', async () => {
    const program = `
      import { openRabbitQueue } from '${new URL('../../src/queue/rabbitmq.ts', import.meta.url)}';
      await using queue = await openRabbitQueue('${tlsUrl}', { name: '', onTrouble: console.log });
      console.log('depth', await queue.depth());
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(await text(child.stdout)).toBe('depth 0\n');
  });
});
