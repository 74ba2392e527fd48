import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type HostPlan, userData } from '../../src/actions/cloud/user-data.ts';
import { Client } from '../../src/http/client.ts';
import { until } from '../support/until.ts';
import { type Host, startHost } from './support/host.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

const SOURCE = '/root/faafo.tgz';

describe('two APIs behind a balancer, on the database and the broker of a host that comes later', () => {
  const tarball = inject('tarball');
  const hosts: Host[] = [];
  let network: HostNetwork;
  let [services, apiOne, apiTwo, balancer]: Host[] = [];
  let client: Client;

  beforeAll(async () => {
    network = await openNetwork();
    const at = [network.nextAddress(), network.nextAddress(), network.nextAddress(), network.nextAddress()] as const;
    const [s, one, two, b] = at.map((address) => address.split('/')[0]!) as [string, string, string, string];
    const api = {
      install: ['faafo'],
      run: ['api'],
      source: SOURCE,
      settings: { trusted_proxies: b, anonymous: 'viewer' },
    } as const;
    const urls = {
      transportUrl: `amqp://faafo:broker%23secret@${s}:5672/`,
      databaseUrl: `mysql+pymysql://faafo:data%27base%5Csecret@${s}:3306/faafo`,
    };
    const own = {
      transportUrl: urls.transportUrl.replace(s, '127.0.0.1'),
      databaseUrl: urls.databaseUrl.replace(s, '127.0.0.1'),
    };
    const plans: readonly (readonly [string, HostPlan])[] = [
      // The APIs are made first: they wait for their database, and say so.
      [one + at[1].slice(one.length), { name: 'api-1', ...api, ...urls }],
      [at[0], { name: 'services', install: ['database', 'messaging'], run: [], source: SOURCE, ...own }],
      [
        at[3],
        { name: 'balancer', install: ['balancer'], run: [], source: SOURCE, balancerFor: [`http://${one}`, `http://${two}/`] },
      ],
    ];
    const start = async ([address, plan]: (typeof plans)[number], onDisk?: (disk: string) => void) => {
      const options = { name: plan.name, address, tarball, userData: userData(plan), ...(onDisk && { onDisk }) };
      const host = await startHost(network, options);
      hosts.push(host);
      return host;
    };
    let disk = '';
    const first = start(plans[0]!, (path) => {
      disk = path;
    });
    const log = () => readFile(join(disk, 'var/log/faafo-install.log'), 'utf8').catch(() => '');
    const isWaiting = until(async () => /cannot be (reached|opened)/.test(await log()), 600_000);
    await Promise.race([isWaiting, first.then(() => Promise.reject(new Error('it did not wait')))]);
    const made = await Promise.all([first, ...plans.slice(1).map((each) => start(each))]);
    [apiOne, services, balancer] = made;
    apiTwo = await startHost(network, {
      name: 'api-2',
      address: at[2],
      tarball,
      userData: userData({ name: 'api-2', ...api, ...urls }),
    });
    hosts.push(apiTwo);
    client = new Client(`http://${balancer!.address}`, { token: (await apiOne!.ask('cat /etc/faafo/admin-token')).trim() });
  });
  afterAll(async () => {
    for (const host of hosts) await host[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  it('answers at the balancer, with the pictures of both', async () => {
    const { token } = await client.createToken({ name: 'w', role: 'worker', expires_in: 3600 });
    await apiTwo!.ask(`bash /var/lib/faafo-install/install.sh -i faafo -r worker -t ${token} -k ${SOURCE}`);
    const order = { uuid: crypto.randomUUID(), width: 300, height: 200, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
    for (const host of [apiOne, apiTwo]) expect((await fetch(`http://${host!.address}/fractal/${order.uuid}`)).status).toBe(200);
  });

  it('made one admin token, on the first API', async () => {
    expect((await apiTwo!.run('cat /etc/faafo/admin-token')).status).toBe(1);
    expect((await client.tokens()).objects.filter(({ role }) => role === 'admin')).toHaveLength(1);
  });

  it('told that it waited for the database', async () => {
    expect(await apiOne!.ask('cat /var/log/faafo-install.log')).toMatch(/cannot be (reached|opened)/);
  });

  it('lets the database and the broker in for our user alone, with its password', async () => {
    expect(await services!.ask('cat /etc/mysql/mariadb.conf.d/90-faafo.cnf')).toContain('bind-address = *');
    expect(
      await services!.ask("mariadb -Ne \"SELECT User, Host FROM mysql.user WHERE Host NOT IN ('localhost', '127.0.0.1')\""),
    ).toBe('faafo\t%\n');
    expect(await services!.ask('rabbitmqctl -q list_users --no-table-headers | cut -f1')).toBe('faafo\n');
  });

  it('notices within 5 seconds that an API is gone, and loses no request after that', async () => {
    const url = `http://${balancer!.address}/v1/fractal`;
    for (let i = 0; i < 10; i++) expect((await fetch(url)).status).toBe(200);
    await apiOne!.kill();
    const began = performance.now();
    let lastFailure = began;
    while (performance.now() - began < 10_000) {
      const status = await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status !== 200) lastFailure = performance.now();
    }
    expect(lastFailure - began).toBeLessThan(5_000);
    await apiOne!.boot();
    await until(async () => (await apiOne!.run('curl -fs http://127.0.0.1/readyz')).status === 0, 120_000);
    await until(() =>
      balancer!.ask("echo 'show stat' | socat stdio /run/haproxy/admin.sock 2>/dev/null || true").then(() => true),
    );
  });
});
