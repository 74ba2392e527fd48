import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { until } from '../support/until.ts';
import { type Host, startHost } from './support/host.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

const ALL = 'bash /root/install.sh -i faafo,messaging -r api,worker -k /root/faafo.tgz';

/** The same with the servers of a farm, on a host of their own. */
const SERVERS = 'bash /root/install.sh -i database,balancer -a http://192.0.2.1:8080';
const STOPS_OF_SERVERS: typeof STOPS = [
  ['Debian packages', 12_000, 'kill'],
  ['MariaDB', 100, 'kill'],
  ['MariaDB', 1_500, 'off'],
  ['HAProxy', 50, 'kill'],
  ['HAProxy', 300, 'off'],
];

/**
 * Where an installer is stopped, one after the other: as soon as a step says so, and a while later; by SIGKILL to itself alone, so that what it started goes on,
 * or by switching the host off.
 */
const STOPS: readonly (readonly [step: string, restMs: number, how: 'kill' | 'off'])[] = [
  ['Debian packages', 5_000, 'kill'],
  ['Debian packages', 12_000, 'off'],
  ['RabbitMQ', 1_000, 'kill'],
  ['RabbitMQ', 6_000, 'off'],
  ['Node', 1_500, 'kill'],
  ['the package', 3_000, 'off'],
  ['programs and settings', 100, 'kill'],
  ['tokens', 700, 'kill'],
  ['tokens', 1_500, 'off'],
  ['faafo_api', 300, 'kill'],
  ['faafo_api', 2_000, 'off'],
  ['faafo_worker', 300, 'kill'],
];

/** Starts an installer, and stops it in a step. */
async function stopOnce(host: Host, command: string, ...[step, restMs, how]: (typeof STOPS)[number]): Promise<void> {
  await host.ask(`rm -f /root/out; setsid ${command} >/root/out 2>&1 & echo $! >/root/pid`);
  const output = () => host.ask('cat /root/out');
  const isOver = async () => (await host.run('kill -0 $(cat /root/pid)')).status !== 0;
  await until(async () => (await output()).includes(`faafo: ${step}`) || (await isOver()), 600_000);
  expect(await output()).toContain(`faafo: ${step}`);
  await sleep(restMs);
  if (how === 'kill') await host.run('kill -9 $(cat /root/pid)');
  else {
    await host.kill();
    await host.boot();
  }
}

describe('an installer that is stopped anywhere', () => {
  let network: HostNetwork;
  let host: Host;

  beforeAll(async () => {
    network = await openNetwork();
    host = await startHost(network, { name: 'interrupted', tarball: inject('tarball') });
  });
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  it.each(STOPS)('in the step %s, after %d ms, by %s, does not keep the next one from going on', (...stop) =>
    stopOnce(host, ALL, ...stop),
  );

  it('has in the end what one that was left alone would have', async () => {
    const { status, output } = await host.run(`${ALL} 2>&1`);
    expect([status, output]).toEqual([0, expect.stringMatching(/faafo: done in \d+ s\./)]);
    const token = (await host.ask('cat /etc/faafo/admin-token')).trim();
    const client = new Client(`http://${host.address}`, { token });
    const order = { uuid: crypto.randomUUID(), width: 300, height: 200, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
    // Nothing half-made lies about.
    expect(await host.ask("ls -A /opt/faafo /etc/faafo | grep -E '^\\.' || true")).toBe('');
    expect(await host.ask('ls -d /opt/faafo/package-* /opt/faafo/node-* | wc -l')).toBe('2\n');
    expect(await host.ask('dpkg --audit')).toBe('');
  });

  it('waits for the step of one that was killed, which is still at work', async () => {
    await host.ask('rm -rf /opt/faafo/package*; : >/root/next');
    await host.ask(`rm -f /root/out; setsid ${ALL} >/root/out 2>&1 & echo $! >/root/pid`);
    await until(async () => (await host.ask('cat /root/out')).includes('faafo: the package'), 60_000);
    // Its step stands still, so that it cannot have ended by chance.
    await host.ask(
      'read -r step _ </var/lib/faafo-install/at-work; echo $step >/root/step; kill -STOP $step; kill -9 $(cat /root/pid)',
    );
    const next = host.run(`set -o pipefail; ${ALL} 2>&1 | tee /root/next`);
    await until(async () => (await host.ask('cat /root/next')).includes('is still at work; waiting for it.'), 30_000);
    await host.ask('kill -CONT $(cat /root/step)');
    expect(await next).toEqual({ status: 0, output: expect.stringMatching(/faafo: done in \d+ s\./) });
    expect(await host.ask('ls -d /opt/faafo/package-* | wc -l; faafo --version')).toMatch(/^1\n\d+\.\d+\.\d+\n$/);
  });

  it('waits for another one that is at work', async () => {
    await host.ask(`setsid ${ALL} >/root/first 2>&1 &`);
    const { status, output } = await host.run(`${ALL} 2>&1`);
    expect(status).toBe(0);
    expect(output + (await host.ask('cat /root/first'))).toContain('another install.sh is at work; waiting for it.');
  });
});

describe('an installer of a database and a balancer that is stopped anywhere', () => {
  const opened = new AsyncDisposableStack();
  let host: Host;

  beforeAll(async () => {
    const network = opened.use(await openNetwork());
    host = opened.use(await startHost(network, { name: 'servers', tarball: inject('tarball') }));
  });
  afterAll(() => opened.disposeAsync());

  it.each(STOPS_OF_SERVERS)('in the step %s, after %d ms, by %s, does not keep the next one from going on', (...stop) =>
    stopOnce(host, SERVERS, ...stop),
  );

  it('has in the end what one that was left alone would have', async () => {
    const { status, output } = await host.run(`${SERVERS} 2>&1`);
    expect([status, output]).toEqual([0, expect.stringMatching(/faafo: done in \d+ s\./)]);
    // The password that it kept is the one that lets in, also from another host.
    const [, password] = /^mysql:\/\/faafo:([^@]+)@/.exec(await host.ask('cat /etc/faafo/database-url'))!;
    const ask = `mariadb -h ${host.address} -u faafo -p'${password}' -Ne 'SELECT DATABASE(), @@bind_address' faafo`;
    expect(await host.ask(ask)).toBe('faafo\t*\n');
    expect(await host.ask('mariadb -Ne "SELECT User, Host FROM mysql.user WHERE User = \'faafo\' ORDER BY Host"')).toBe(
      'faafo\t%\nfaafo\t127.0.0.1\nfaafo\tlocalhost\n',
    );
    expect(
      await host.ask('haproxy -c -f /etc/haproxy/haproxy.cfg && grep -c "^# faafo: begin" /etc/haproxy/haproxy.cfg'),
    ).toMatch(/\n1\n$/);
    // It leads to an API that is not there.
    expect((await fetch(`http://${host.address}/`)).status).toBe(503);
    expect(await host.ask("ls -A /etc/haproxy /etc/faafo | grep -E '^\\.' || true")).toBe('');
    expect(await host.ask('dpkg --audit')).toBe('');
  });
});
