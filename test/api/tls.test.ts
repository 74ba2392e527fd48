import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, type CertificateFiles, makeAuthority } from '../support/certificates.ts';
import { anOrder } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const stack = new AsyncDisposableStack();
let folder: string;
let authority: Authority;
let files: CertificateFiles;
let api: RunningApi;
const tlsFlags = ({ cert, key }: CertificateFiles) => ['--tls-cert', cert, '--tls-key', key];
beforeAll(async () => {
  folder = stack.use(await temporaryFolder()).path;
  authority = await makeAuthority(folder);
  files = await authority.issue('api', 'DNS:faafo.example,IP:127.0.0.1');
  api = stack.use(
    await startApi({
      dataDir: stack.use(await temporaryFolder()).path,
      flags: [...tlsFlags(files), '--allowed-hosts', 'faafo.example'],
    }),
  );
});
afterAll(() => stack.disposeAsync());

const portOf = ({ url }: RunningApi) => Number(new URL(url).port);

async function shownBy(running: RunningApi): Promise<PeerCertificate> {
  const socket = connect({ host: '127.0.0.1', port: portOf(running), ca: readFileSync(authority.ca) });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

async function head(host: string): Promise<Record<string, unknown>> {
  const asking = request({
    host: '127.0.0.1',
    port: portOf(api),
    path: '/',
    rejectUnauthorized: false,
    headers: { host, connection: 'close' },
  });
  asking.end();
  const [answer] = await once(asking, 'response');
  answer.resume();
  return answer.headers;
}

describe('HTTPS', () => {
  it('is what the ready line says, and what the command line speaks, with a file of the authority', async () => {
    expect(api.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const words = ['create', '--tasks', '1', '--width', '64', '--height', '48', '--iterations', '100', '--wait'];
    const { status, stderr } = await runFaafo(api.url, [...words, '--ca-file', authority.ca]);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect((await runFaafo(api.url, ['list', '-f', 'json', '--ca-file', authority.ca])).stdout).toContain('"done"');
  });

  it('is refused by the command line at once when it cannot be trusted', async () => {
    const stranger = await makeAuthority(folder, 'stranger');
    const cases: readonly [string, string[], RegExp][] = [
      [api.url, [], /certificate cannot be trusted \([A-Z_]+\): name the file of its authority with --ca-file/],
      [api.url, ['--ca-file', stranger.ca], /certificate cannot be trusted/],
      [api.url.replace('127.0.0.1', 'localhost'), ['--ca-file', authority.ca], /certificate is for another name/],
      [api.url, ['--ca-file', '/nowhere.pem'], /ca_file: \/nowhere\.pem cannot be read \(ENOENT\)/],
      [api.url, ['--ca-file', files.key], /holds no certificate as PEM/],
    ];
    for (const [url, flags, line] of cases) {
      const { status, stderr } = await runFaafo(url, ['list', ...flags]);
      expect([status, stderr]).toEqual([/nowhere|no cert/.test(line.source) ? 2 : 3, expect.stringMatching(line)]);
    }
  });

  it('makes browsers come back by HTTPS alone, but not to this machine', async () => {
    expect(await head('faafo.example')).toMatchObject({ 'strict-transport-security': 'max-age=31536000' });
    expect(await head('localhost')).not.toHaveProperty('strict-transport-security');
  });

  it('refuses protocols that are too old', async () => {
    const socket = connect({
      host: '127.0.0.1',
      port: portOf(api),
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const [error] = await once(socket, 'error');
    expect(error.code).toMatch(/PROTOCOL|ALERT|EPROTO|ECONNRESET/);
  });
});

describe('a session over TLS', () => {
  it('is in a cookie that browsers keep for this very host, and send by TLS alone; another name is not looked at', async () => {
    await using data = await temporaryFolder();
    await using running = await startApi({ dataDir: data.path, flags: tlsFlags(files) });
    const words = ['token', 'create', 'ann', '--role', 'viewer', '--data-dir', data.path];
    const token = (await runFaafo(running.url, words)).stdout.trim();
    const ask = async (method: string, headers: Record<string, string>, body?: object) => {
      const options = { host: '127.0.0.1', port: portOf(running), ca: readFileSync(authority.ca), agent: false };
      const asking = request({ ...options, path: '/v1/session', method, headers });
      asking.end(body && JSON.stringify(body));
      const [answer] = (await once(asking, 'response')) as [IncomingMessage];
      const text = (await buffer(answer)).toString();
      return {
        status: answer.statusCode,
        cookies: answer.headers['set-cookie'],
        text,
        told: text === '' ? null : JSON.parse(text),
      };
    };
    const { status, cookies } = await ask('POST', { 'content-type': 'application/json' }, { token });
    expect([status, cookies]).toEqual([
      200,
      [expect.stringMatching(/^__Host-faafo_session=[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/)],
    ]);
    const sealed = cookies![0]!.split(/[=;]/)[1]!;
    const who = async (cookie: string) => (await ask('GET', { cookie })).told.name;
    expect(await who(`__Host-faafo_session=${sealed}`)).toBe('ann');
    // What plain HTTP may have set, perhaps by somebody in between.
    expect(await who(`faafo_session=${sealed}`)).toBeNull();
    const out = await ask('DELETE', { cookie: `__Host-faafo_session=${sealed}` });
    expect(out.cookies).toEqual([expect.stringMatching(/^__Host-faafo_session=; .*Max-Age=0; Secure$/)]);
  });
});

describe('a certificate', () => {
  it('is renewed on SIGHUP while requests go on; one that does not serve leaves the old one in place', async () => {
    const paths = { cert: join(folder, 'live.pem'), key: join(folder, 'live.key') };
    const put = async ({ cert, key }: CertificateFiles) => {
      await copyFile(key, paths.key);
      await copyFile(cert, paths.cert);
    };
    await put(files);
    await using data = await temporaryFolder();
    await using running = await startApi({ dataDir: data.path, flags: tlsFlags(paths) });
    expect((await shownBy(running)).subject.CN).toBe('api');

    const events = request({
      host: '127.0.0.1',
      port: portOf(running),
      path: '/v1/events',
      ca: readFileSync(authority.ca),
    }).end();
    const [stream] = await once(events, 'response');
    let ended = false;
    stream.on('end', () => (ended = true)).resume();
    await put(await authority.issue('renewed', 'DNS:localhost,IP:127.0.0.1'));
    running.process.kill('SIGHUP');
    await until(() => running.log().includes('the certificate was read again'));
    expect((await shownBy(running)).subject.CN).toBe('renewed');

    await copyFile(files.key, paths.key);
    running.process.kill('SIGHUP');
    await until(() => /the certificate stays as it was: tls_key: the key .* is not that of the certificate/.test(running.log()));
    expect((await shownBy(running)).subject.CN).toBe('renewed');
    expect(ended).toBe(false);
    expect(await running.stop()).toBe(0);
  });

  it('that does not serve ends the start, in one line', async () => {
    await using data = await temporaryFolder();
    const start = (flags: string[]) => startApi({ dataDir: data.path, flags });
    await expect(start(['--tls-cert', files.cert])).rejects.toThrow(
      /ended \(2\).*\nfaafo: tls_key is missing: HTTPS needs .*\n$/,
    );
    await expect(start(tlsFlags({ ...files, key: '/nowhere.key' }))).rejects.toThrow(
      /ended \(1\).*\nfaafo: tls_key: the file \/nowhere\.key does not exist\.\n$/,
    );
  });
});

describe('a service with HTTPS that stops', () => {
  it('answers what is under way, and waits for nobody who only holds a connection', async () => {
    await using data = await temporaryFolder();
    await using running = await startApi({ dataDir: data.path, flags: tlsFlags(files) });
    const port = portOf(running);
    const silent = connectTcp(port, '127.0.0.1');
    const idle = connect({ host: '127.0.0.1', port, ca: readFileSync(authority.ca) });
    await Promise.all([once(silent, 'connect'), once(idle, 'secureConnect')]);
    for (const socket of [silent, idle]) socket.on('error', () => {});
    // Its body is not there yet when the service begins to stop.
    const body = JSON.stringify(anOrder());
    const asking = request({
      host: '127.0.0.1',
      port,
      path: '/v1/fractal',
      method: 'POST',
      ca: readFileSync(authority.ca),
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    });
    asking.write(body.slice(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begun = performance.now();
    const stopping = running.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    asking.end(body.slice(10));
    const [answer] = await once(asking, 'response');
    expect(answer.statusCode).toBe(201);
    answer.resume();
    expect(await stopping).toBe(0);
    // It would wait five seconds for a connection that it takes for busy.
    expect(performance.now() - begun).toBeLessThan(4_500);
  });
});
