import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { freePort, signalAll } from '../support/servers/processes.ts';
import { startRabbitmq } from '../support/servers/rabbitmq.ts';
import { until } from '../support/until.ts';
import { type Image, openImages } from './support/images.ts';

const MOST_BYTES = 150 * 2 ** 20;

/** A program of the image as the first process of its own name space, as its user, with its variables; on this machine's network. */
class Container {
  readonly process: ChildProcess;
  said = '';

  constructor({ config, files }: Image, command: readonly string[], env: Readonly<Record<string, string>>) {
    const [uid, gid] = config.User.split(':');
    const variables = Object.fromEntries([...config.Env.map((each) => each.split(/=(.*)/s).slice(0, 2)), ...Object.entries(env)]);
    const start = `mount -t proc proc ${files}/proc; mount --bind /dev ${files}/dev; exec chroot --userspec=${uid}:${gid} ${files} /usr/bin/env -C ${config.WorkingDir} "$@"`;
    const spaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
    const words = ['unshare', ...spaces, 'sh', '-ec', start, 'sh', ...command] as const;
    this.process = spawn(words[0], words.slice(1), { env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.setEncoding('utf8').on('data', (text) => (this.said += text));
  }

  /** The first process, as this machine numbers it. */
  async first(): Promise<number> {
    return Number(await readFile(`/proc/${this.process.pid}/task/${this.process.pid}/children`, 'utf8'));
  }

  /** As an engine of containers stops it. @returns its exit status */
  async stop(): Promise<number | null> {
    const ended = once(this.process, 'exit');
    process.kill(await this.first(), 'SIGTERM');
    const [status] = await ended;
    return status as number | null;
  }

  /** Runs a command beside it. @returns its exit status */
  async exec(command: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
    const first = String(await this.first());
    // Its own view of its files: with /proc and /dev.
    const words = ['--target', first, '--mount', '--pid', `--root=/proc/${first}/root`, `--wd=/proc/${first}/root`, ...command];
    return await new Promise((resolve) => {
      execFile('nsenter', words, { env: { PATH: '/opt/faafo/bin:/usr/local/bin:/usr/bin:/bin', ...env } }, (error) =>
        resolve(error ? Number(error.code) : 0),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    // That its parent dies does not reach it: it has another user since.
    signalAll([await this.first()], 'SIGKILL');
    await ended;
  }
}

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
    await using container = new Container(image, image.config.Cmd, env);
    await until(() => container.said.includes('faafo is ready'), 60_000);
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
    expect(await container.exec(checkHere, {})).toBe(0);
    expect(
      await container.exec(
        check.map((word) => word.replace('8082', '9')),
        {},
      ),
    ).toBe(1);
    expect(await container.stop()).toBe(0);
  });

  it('refuses to be reached by others without a token, as it is, and says why', async () => {
    await using container = new Container(image, image.config.Cmd, {
      FAAFO_BIND_PORT: '0',
      FAAFO_METRICS_BIND_PORT: '0',
      FAAFO_DATA_DIR: '/data/new',
    });
    await once(container.process, 'exit');
    expect(container.said).toMatch(/faafo: Others can reach the address 0\.0\.0\.0, and there is no token/);
  });

  it('draws as a worker what is ordered at another container, through a broker', async () => {
    await using broker = await startRabbitmq();
    const [port, ...metrics] = [await freePort(), await freePort(), await freePort()];
    const env = { FAAFO_TRANSPORT_URL: broker.url };
    const own = { FAAFO_LISTEN_ADDRESS: '127.0.0.1', FAAFO_BIND_PORT: String(port), FAAFO_METRICS_BIND_PORT: String(metrics[0]) };
    await using api = new Container(image, image.config.Cmd, { ...env, ...own });
    await until(() => api.said.includes('faafo is ready'), 60_000);
    const mine = { FAAFO_ENDPOINT_URL: `http://127.0.0.1:${port}`, FAAFO_METRICS_BIND_PORT: String(metrics[1]) };
    await using worker = new Container(image, ['faafo-worker'], { ...env, ...mine });
    await until(() => worker.said.includes('faafo-worker is ready'), 60_000);
    const client = new Client(`http://127.0.0.1:${port}`);
    const order = { uuid: crypto.randomUUID(), width: 300, height: 200, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
    const check = image.config.Healthcheck.Test.slice(1).map((word) => word.replace('8082', String(metrics[1])));
    expect(await worker.exec(check, {})).toBe(0);
    expect([await worker.stop(), await api.stop()]).toEqual([0, 0]);
  });
});
