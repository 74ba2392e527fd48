import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DeploymentHost } from '../../src/domain/deployment.ts';
import { Client } from '../../src/http/client.ts';
import { until } from '../support/until.ts';
import { bakedRoot } from './support/baked-root.ts';
import { type Deployment, deploymentOn } from './support/deployment.ts';
import type { Host } from './support/host.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

/*
 * Hosts whose disk is what deploy/image/faafo-image bakes, with the user data of `faafo cloud up`, in a network that leads nowhere. What each has written lies on a layer of its own above that disk: there
 * is nothing on it that comes from a mirror.
 */

/** Programs that fetch, which note here what they were asked for, and then do it. */
const NOTED = 'var/log/fetching';
const FETCHING = ['apt', 'apt-get', 'curl', 'wget', 'npm'];
const REAL = { curl: '/usr/bin/curl', apt: '/usr/bin/apt', 'apt-get': '/usr/bin/apt-get' } as Readonly<Record<string, string>>;
/** Where packages come to lie: Debian's, what is known of mirrors, Node and our own. */
const FETCHED = [
  'var/lib/dpkg/status',
  'var/lib/apt/lists',
  'var/cache/apt/archives',
  'var/lib/apt/extended_states',
  'root/.npm',
];

const order = () => ({
  ...{ uuid: crypto.randomUUID(), width: 320, height: 240, iterations: 200 },
  ...{ xa: -2, xb: 2, ya: -1.5, yb: 1.5, c_re: -0.8, c_im: 0.156 },
});
const isReady = async (address: string): Promise<boolean> =>
  await fetch(`http://${address}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ status }) => status === 200,
    () => false,
  );
const drawn = (client: Client, uuid: string, patienceMs = 300_000): Promise<unknown> =>
  until(async () => (await client.find(uuid)).state === 'done', patienceMs, 50);
const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

/** Puts the witnesses in front of the programs that fetch: where the PATH of user data begins. */
async function watchFetching(disk: string): Promise<void> {
  await mkdir(join(disk, 'usr/local/sbin'), { recursive: true });
  for (const name of FETCHING) {
    const script = `#!/bin/sh\necho "${name} $*" >>/${NOTED}\nexec ${REAL[name] ?? '/bin/false'} "$@"\n`;
    await writeFile(join(disk, 'usr/local/sbin', name), script, { mode: 0o755 });
  }
}

/** @throws where a host has fetched something, or has tried to */
async function expectNothingFetched(host: Host): Promise<void> {
  const noted = await readFile(join(host.disk, NOTED), 'utf8').catch(() => '');
  // Whether its own API is ready, it asks itself.
  const asked = noted.split('\n').filter((line) => line !== '' && !/^curl .* http:\/\/localhost\/readyz$/.test(line));
  expect([host.name, asked]).toEqual([host.name, []]);
  for (const path of FETCHED) {
    const isThere = await access(join(host.disk, path)).then(
      () => true,
      () => false,
    );
    expect([host.name, path, isThere]).toEqual([host.name, path, false]);
  }
  const ours = await readdir(join(host.disk, 'opt/faafo')).catch(() => []);
  expect(ours.filter((name) => /^(node-|package-)/.test(name))).toEqual([]);
  const log = await readFile(join(host.disk, 'var/log/faafo-install.log'), 'utf8');
  expect(log).toMatch(/^== \S+ Debian packages /m);
  expect(log).not.toMatch(/^(Get|Hit|Ign|Err):|^Reading package lists|^Unpacking|^npm |^added \d+ packages/m);
  expect(await host.ask('ip route')).not.toMatch(/^default/m);
}

describe('hosts of a baked image in a network that leads nowhere', () => {
  let root: string;
  let network: HostNetwork;
  const hosts: Host[] = [];
  const bootOf =
    (deployment: Deployment) =>
    async (host: DeploymentHost, token?: string): Promise<Host> => {
      const booted = await deployment.boot(host, { onDisk: watchFetching, ...(token !== undefined && { token }) });
      hosts.push(booted);
      return booted;
    };

  beforeAll(async () => {
    root = await bakedRoot(inject('tarball'));
    network = await openNetwork();
    network.outlet.shut();
  });
  afterAll(async () => {
    for (const host of hosts) await host[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  it('one serves with its first boot, all in one, and draws; and again after its power was off', async () => {
    const deployment = deploymentOn(network, { topology: 'all-in-one', workers: 0, apis: 1 }, { root });
    const { entry } = deployment.plan;
    let poweredOn = 0;
    let [readyAfter, drawnAfter] = ['', ''];
    const { uuid } = order();
    const watch = async (address: string, token: string): Promise<void> => {
      await until(() => isReady(address), 600_000, 50);
      readyAfter = seconds(poweredOn);
      const client = new Client(`http://${address}`, { token });
      await client.order({ ...order(), uuid });
      await drawn(client, uuid);
      drawnAfter = seconds(poweredOn);
    };
    const watching = Promise.withResolvers<void>();
    watching.promise.catch(() => undefined);
    const host = await deployment.boot(entry, {
      onDisk: async (disk) => {
        await watchFetching(disk);
        poweredOn = performance.now();
        watch(deployment.addressOf(entry), deployment.secrets.adminToken).then(watching.resolve, watching.reject);
      },
    });
    hosts.push(host);
    const installedAfter = seconds(poweredOn);
    expect(await host.ask('cat /var/log/boot.log')).toMatch(/^faafo: done in \d+ s\.$/m);
    await watching.promise;
    console.log(
      `all in one: ready ${readyAfter} after power on, a fractal drawn after ${drawnAfter}, user data done after ${installedAfter}`,
    );
    // The witnesses were there: install.sh asks by curl whether the API is ready.
    expect(await readFile(join(host.disk, NOTED), 'utf8')).toMatch(/^curl .*\/readyz$/m);
    await expectNothingFetched(host);
    expect(await host.ask('cat /var/log/boot.log')).toMatch(/^faafo: the package … \d+ s \(baked\)$/m);

    await host.kill();
    const again = performance.now();
    await host.boot();
    await until(() => isReady(host.address), 300_000, 50);
    console.log(`all in one: ready ${seconds(again)} after power on, at a later boot`);
    const client = new Client(`http://${host.address}`, { token: deployment.secrets.adminToken });
    expect((await client.find(uuid)).state).toBe('done');
    const second = order();
    await client.order(second);
    await drawn(client, second.uuid);
  });

  it('holds nothing that is the same secret for all', async () => {
    const [host] = hosts;
    for (const path of ['var/lib/rabbitmq/.erlang.cookie', 'etc/ssh/ssh_host_ed25519_key', 'etc/faafo/admin-token']) {
      await expect(access(join(root, path))).rejects.toThrow(/ENOENT/);
      await access(join(host!.disk, path));
    }
    expect(await readFile(join(root, 'etc/machine-id'), 'utf8')).toBe('');
  });

  it('many of them become a farm: database and broker, two APIs, a balancer, a worker', async () => {
    await hosts.pop()?.[Symbol.asyncDispose]();
    const deployment = deploymentOn(network, { topology: 'scaled', workers: 1, apis: 2 }, { root });
    const boot = bootOf(deployment);
    const began = performance.now();
    const kind = (name: DeploymentHost['kind']) => deployment.plan.hosts.filter((host) => host.kind === name);
    await boot(kind('services')[0]!);
    for (const host of kind('api')) await boot(host);
    const balancer = await boot(kind('balancer')[0]!);
    await until(() => isReady(balancer.address), 300_000, 50);
    const client = new Client(`http://${balancer.address}`, { token: deployment.secrets.adminToken });
    const [workerHost] = kind('worker');
    const { token } = await client.createToken({ name: workerHost!.name, role: 'worker', expires_in: 3600, uses: 1 });
    const worker = await boot(workerHost!, token);
    const ordered = order();
    await client.order(ordered);
    await drawn(client, ordered.uuid);
    console.log(`five hosts, one after the other: a fractal drawn after ${seconds(began)}`);
    expect((await client.find(ordered.uuid)).generated_by).toContain(worker.name);
    for (const host of hosts) await expectNothingFetched(host);
  });
});
