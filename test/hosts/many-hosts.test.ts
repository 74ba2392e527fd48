import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DeploymentHost } from '../../src/domain/deployment.ts';
import { Client } from '../../src/http/client.ts';
import { until } from '../support/until.ts';
import { type Deployment, deploymentOn } from './support/deployment.ts';
import type { Host } from './support/host.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

type Five<T> = readonly [T, T, T, T, T];

/** Asks HAProxy, as Debian sets it up, for its table of servers. */
const SHOW_STAT =
  'import socket; s = socket.socket(socket.AF_UNIX); s.connect("/run/haproxy/admin.sock"); s.sendall(b"show stat\\n"); print(s.makefile().read())';

describe('two APIs behind a balancer, on the database and the broker of a host that comes later', () => {
  const tarball = inject('tarball');
  const hosts: Host[] = [];
  let network: HostNetwork;
  let deployment: Deployment;
  let [services, apiOne, apiTwo, balancer, worker]: Host[] = [];
  let client: Client;

  beforeAll(async () => {
    network = await openNetwork();
    // Passwords with all that a shell, SQL and a URL would take for something else.
    const secrets = { brokerPassword: 'broker%23secret', databasePassword: 'data%27base%5Csecret' };
    deployment = deploymentOn(network, { topology: 'scaled', workers: 1, apis: 2 }, { tarball, secrets });
    const [servicesHost, oneHost, twoHost, balancerHost, workerHost] = deployment.plan.hosts as Five<DeploymentHost>;
    const boot: Deployment['boot'] = async (host, options) => {
      const booted = await deployment.boot(host, options);
      hosts.push(booted);
      return booted;
    };
    // An API is made first: it waits for its database, and says so.
    let disk = '';
    const first = boot(oneHost, {
      onDisk: (path) => {
        disk = path;
      },
    });
    const log = () => readFile(join(disk, 'var/log/faafo-install.log'), 'utf8').catch(() => '');
    const isWaiting = until(async () => /cannot be (reached|opened)/.test(await log()), 600_000);
    await Promise.race([isWaiting, first.then(() => Promise.reject(new Error('it did not wait')))]);
    [apiOne, services, balancer] = await Promise.all([first, boot(servicesHost), boot(balancerHost)]);
    apiTwo = await boot(twoHost);
    client = new Client(`http://${balancer!.address}`, { token: deployment.secrets.adminToken });
    const { token } = await client.createToken({ name: workerHost.name, role: 'worker', expires_in: 3600, uses: 1 });
    worker = await boot(workerHost, { token });
  });
  afterAll(async () => {
    for (const host of hosts) await host[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  const asAdmin = () => ({ authorization: `Bearer ${deployment.secrets.adminToken}` });
  /** What HAProxy thinks of the first API: UP, DOWN, and why. */
  const stateOfFirst = async (): Promise<string> => {
    const rows = (await balancer!.ask(`python3 -c '${SHOW_STAT}'`)).split('\n').map((row) => row.split(','));
    const [names = []] = rows;
    return rows.find(([backend, server]) => backend === 'faafo' && server === 'api1')![names.indexOf('status')]!;
  };

  it('answers at the balancer, with the pictures of both', async () => {
    const order = { uuid: crypto.randomUUID(), width: 300, height: 200, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
    expect((await client.find(order.uuid)).generated_by).toContain(worker!.name);
    for (const host of [apiOne, apiTwo]) {
      const url = `http://${host!.address}/fractal/${order.uuid}`;
      expect((await fetch(url, { headers: asAdmin() })).status).toBe(200);
    }
  });

  it('has one token of the admin, which both APIs know, and an API that was told none makes no second one', async () => {
    const admins = async () => (await client.tokens()).objects.filter(({ role }) => role === 'admin').length;
    expect(await admins()).toBe(1);
    await apiTwo!.ask(
      'rm /etc/faafo/admin-token /var/lib/faafo-install/admin-token; bash /var/lib/faafo-install/install.sh -r api',
    );
    expect((await apiTwo!.run('cat /etc/faafo/admin-token')).status).toBe(1);
    expect(await admins()).toBe(1);
  });

  it('told that it waited for the database', async () => {
    expect(await apiOne!.ask('cat /var/log/faafo-install.log')).toMatch(/cannot be (reached|opened)/);
  });

  it('lets the database and the broker in for our user alone, with its password', async () => {
    expect(await services!.ask('cat /etc/mysql/mariadb.conf.d/90-faafo.cnf')).toContain('bind-address = *');
    expect(
      await services!.ask("mariadb -Ne \"SELECT User, Host FROM mysql.user WHERE Host NOT IN ('localhost', '127.0.0.1')\""),
    ).toBe('faafo\t%\n');
    expect(await services!.ask('rabbitmqctl -q list_users --no-table-headers | cut -f1 | sort')).toBe('faafo\nfaafo-worker\n');
  });

  it('notices within 5 seconds that an API is gone, and loses no request after that', async () => {
    const url = `http://${balancer!.address}/v1/fractal`;
    for (let i = 0; i < 10; i++) expect((await fetch(url, { headers: asAdmin() })).status).toBe(200);
    await apiOne!.kill();
    const began = performance.now();
    let lastFailure = began;
    while (performance.now() - began < 10_000) {
      const status = await fetch(url, { headers: asAdmin(), signal: AbortSignal.timeout(1_000) }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status !== 200) lastFailure = performance.now();
    }
    expect(lastFailure - began).toBeLessThan(5_000);
    expect(await stateOfFirst()).toMatch(/^DOWN/);
    await apiOne!.boot();
    await until(async () => (await apiOne!.run('curl -fs http://127.0.0.1/readyz')).status === 0, 120_000);
    await until(async () => (await stateOfFirst()).startsWith('UP'), 30_000);
    for (let i = 0; i < 10; i++) expect((await fetch(url, { headers: asAdmin() })).status).toBe(200);
  });
});
