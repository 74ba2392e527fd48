import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newAccessToken } from '../../src/actions/access-token.ts';
import { type HostPlan, userData } from '../../src/actions/cloud/user-data.ts';
import { Client } from '../../src/http/client.ts';
import { until } from '../support/until.ts';
import { type Host, startHost } from './support/host.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

/** Made by whoever makes the hosts. */
const ADMIN = newAccessToken().text;
const SOURCE = '/root/faafo.tgz';
const PASSWORDS = { broker: 'of-the-api', worker: 'of-the-workers' };

const controllerPlan = (): HostPlan => ({
  name: 'controller',
  install: ['messaging', 'faafo'],
  run: ['api'],
  transportUrl: `amqp://faafo:${PASSWORDS.broker}@127.0.0.1:5672/faafo`,
  workerTransportUrl: `amqp://worker:${PASSWORDS.worker}@127.0.0.1:5672/faafo`,
  adminToken: ADMIN,
  source: SOURCE,
});

const workerPlan = (name: string, controller: string, token: string): HostPlan => ({
  name,
  install: ['faafo'],
  run: ['worker'],
  endpointUrl: `http://${controller}`,
  transportUrl: `amqp://worker:${PASSWORDS.worker}@${controller}:5672/faafo`,
  token,
  source: SOURCE,
});

const small = () => ({
  uuid: crypto.randomUUID(),
  width: 400,
  height: 300,
  iterations: 200,
  xa: -2,
  xb: 2,
  ya: -1.5,
  yb: 1.5,
  c_re: -0.8,
  c_im: 0.156,
});

describe('a controller and a worker, made by user data', () => {
  const tarball = inject('tarball');
  let network: HostNetwork;
  let controller: Host;
  let worker: Host;
  let client: Client;
  const others: Host[] = [];

  const newWorker = async (name: string): Promise<Host> => {
    const { token } = await client.createToken({ name, role: 'worker', expires_in: 3600, uses: 1 });
    return await startHost(network, { name, tarball, userData: userData(workerPlan(name, controller.address, token)) });
  };
  const done = async (uuid: string) =>
    await until(async () => ((f) => (f.state === 'done' ? f : null))(await client.find(uuid)), 120_000);

  beforeAll(async () => {
    network = await openNetwork();
    controller = await startHost(network, { name: 'controller', tarball, userData: userData(controllerPlan()) });
    client = new Client(`http://${controller.address}`, { token: ADMIN });
    worker = await newWorker('worker-1');
  });
  afterAll(async () => {
    for (const host of [...others, worker, controller]) await host?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  it('draws on the one what is ordered on the other', async () => {
    const order = small();
    await client.order(order);
    const fractal = await done(order.uuid);
    expect(fractal.generated_by).toMatch(/^worker-1/);
  });

  it('has told cloud-init that it went well, and shows no secret to those who look at processes or output', async () => {
    for (const host of [controller, worker]) {
      const output = await host.ask('cat /var/log/cloud-init-output.log /var/log/boot.log; cloud-init status --long; ps axww');
      expect(output).toMatch(/faafo: done in \d+ s\./);
      expect(output).toMatch(/^status: done$/m);
      for (const secret of [ADMIN, ...Object.values(PASSWORDS)]) expect(output).not.toContain(secret);
      expect(await host.ask('ps ax | grep -c "bin/node .*[f]aafo-"')).toBe('1\n');
    }
  });

  it('keeps the worker from everything at the broker but listening', async () => {
    const permissions = await controller.ask('rabbitmqctl -q list_permissions -p faafo --no-table-headers | grep ^worker');
    expect(permissions.trim().split('\t')).toEqual(['worker', '^faafo\\.doorbells$', '^$', '^faafo\\.doorbells$']);
    expect(await controller.ask('rabbitmqctl -q list_users --no-table-headers | cut -f1 | sort | xargs')).toBe('faafo worker\n');
    expect(await worker.ask('ls /etc/faafo')).not.toMatch(/admin|database/);
  });

  it('loses nothing when the worker is switched off in the midst of work, and another one takes its place', async () => {
    const orders = Array.from({ length: 12 }, () => ({ ...small(), width: 1500, height: 1500, iterations: 20_000 }));
    for (const order of orders) await client.order(order);
    await until(async () => (await client.status()).bands.leased > 0, 60_000);
    await worker.kill();
    others.push(await newWorker('worker-2'));
    const fractals = [];
    for (const { uuid } of orders) fractals.push(await done(uuid));
    expect(fractals.some(({ generated_by }) => generated_by?.startsWith('worker-2'))).toBe(true);
  });

  it('comes up by itself when both are switched off and on again', async () => {
    await controller.kill();
    await controller.boot();
    await worker.boot();
    await until(
      () =>
        client.status().then(
          ({ workers }) => workers.count === 2,
          () => false,
        ),
      120_000,
    );
    const order = small();
    await client.order(order);
    expect((await done(order.uuid)).generated_by).toMatch(/^worker-[12]/);
  });
});
