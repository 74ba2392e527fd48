import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DeploymentHost } from '../../src/domain/deployment.ts';
import { Client } from '../../src/http/client.ts';
import { until } from '../support/until.ts';
import { type Deployment, deploymentOn } from './support/deployment.ts';
import type { Host } from './support/host.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

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

describe('a controller and a worker, made by the user data of faafo cloud', () => {
  const tarball = inject('tarball');
  let network: HostNetwork;
  let deployment: Deployment;
  let workers: DeploymentHost[];
  let controller: Host;
  let worker: Host;
  let client: Client;
  const others: Host[] = [];

  const newWorker = async (): Promise<Host> => {
    const next = workers.shift()!;
    const { token } = await client.createToken({ name: next.name, role: 'worker', expires_in: 3600, uses: 1 });
    return await deployment.boot(next, { token });
  };
  const done = async (uuid: string) =>
    await until(async () => ((f) => (f.state === 'done' ? f : null))(await client.find(uuid)), 120_000);

  beforeAll(async () => {
    network = await openNetwork();
    deployment = deploymentOn(network, { topology: 'split', workers: 2, apis: 1 }, { tarball });
    const { hosts, entry } = deployment.plan;
    workers = hosts.filter(({ kind }) => kind === 'worker');
    controller = await deployment.boot(entry);
    client = new Client(`http://${controller.address}`, { token: deployment.secrets.adminToken });
    worker = await newWorker();
  });
  afterAll(async () => {
    for (const host of [...others, worker, controller]) await host?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  it('draws on the one what is ordered on the other', async () => {
    const order = small();
    await client.order(order);
    const fractal = await done(order.uuid);
    expect(fractal.generated_by).toMatch(worker.name);
  });

  it('has told cloud-init that it went well, and shows no secret to those who look at processes or output', async () => {
    for (const host of [controller, worker]) {
      const output = await host.ask('cat /var/log/cloud-init-output.log /var/log/boot.log; cloud-init status --long; ps axww');
      expect(output).toMatch(/faafo: done in \d+ s\./);
      expect(output).toMatch(/^status: done$/m);
      for (const secret of Object.values(deployment.secrets)) expect(output).not.toContain(secret);
      expect(await host.ask('ps ax | grep -c "bin/node .*[f]aafo-"')).toBe('1\n');
    }
  });

  it('keeps the worker from everything at the broker but listening', async () => {
    const permissions = await controller.ask('rabbitmqctl -q list_permissions -p faafo --no-table-headers | grep ^faafo-worker');
    expect(permissions.trim().split('\t')).toEqual(['faafo-worker', '^faafo\\.doorbells$', '^$', '^faafo\\.doorbells$']);
    expect(await controller.ask('rabbitmqctl -q list_users --no-table-headers | cut -f1 | sort | xargs')).toBe(
      'faafo faafo-worker\n',
    );
    expect(await worker.ask('ls /etc/faafo')).not.toMatch(/admin|database/);
  });

  it('loses nothing when the worker is switched off in the midst of work, and another one takes its place', async () => {
    const orders = Array.from({ length: 12 }, () => ({ ...small(), width: 1500, height: 1500, iterations: 20_000 }));
    for (const order of orders) await client.order(order);
    await until(async () => (await client.status()).bands.leased > 0, 60_000);
    await worker.kill();
    others.push(await newWorker());
    const fractals = [];
    for (const { uuid } of orders) fractals.push(await done(uuid));
    expect(fractals.some(({ generated_by }) => generated_by?.startsWith(others[0]!.name))).toBe(true);
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
    expect((await done(order.uuid)).generated_by).toMatch(/-worker-[12]/);
  });
});
