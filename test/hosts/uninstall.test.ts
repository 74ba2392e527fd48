import { hash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { until } from '../support/until.ts';
import { type Host, startHost } from './support/host.ts';
import { difference, inventoryOf } from './support/inventory.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

const PARTS = '-i database,messaging,balancer,faafo -a http://192.0.2.1:8080 -k /root/faafo.tgz';
const NOTHING = { lost: [], left: [] };

let network: HostNetwork;
beforeAll(async () => {
  network = await openNetwork();
});
afterAll(() => network?.[Symbol.asyncDispose]());

const install = async (host: Host, words: string): Promise<void> => {
  const { status, output } = await host.run(`bash /root/install.sh ${words} 2>&1`);
  expect([status, output]).toEqual([0, expect.stringContaining('faafo: done in ')]);
};
const takeAway = async (host: Host): Promise<void> => {
  const { status, output } = await host.run('bash /root/uninstall.sh -y --purge 2>&1');
  expect([status, output]).toEqual([0, expect.stringContaining('faafo: done: nothing of it is left.')]);
};

describe('a host with everything that install.sh knows', () => {
  it('is as it was before when it is taken away with --purge', async () => {
    await using host = await startHost(network, { name: 'everything', tarball: inject('tarball') });
    const before = await inventoryOf(host);
    await install(host, PARTS);
    for (const name of ['rabbitmq-server', 'mariadb', 'haproxy']) await host.ask(`service ${name} status`);
    await takeAway(host);
    expect(difference(before, await inventoryOf(host))).toEqual(NOTHING);
    expect((await host.run('ps axo comm= | grep -E "beam|epmd|maria|mysql|haproxy|supervisor"')).output).toBe('');
  });
});

/** A Node and an npm of the system, which nobody may touch, and which could not run us. */
const withOldNode = async (disk: string): Promise<void> => {
  await mkdir(join(disk, 'usr/bin'), { recursive: true });
  for (const name of ['node', 'npm']) await writeFile(join(disk, 'usr/bin', name), OLD, { mode: 0o755 });
};
const OLD = '#!/bin/sh\necho v0.10.48\ntouch /tmp/was-started\nexit 1\n';

/** What others have on a host that had servers before: their own users, databases, a virtual host, a site. */
const OTHERS = `set -e
export DEBIAN_FRONTEND=noninteractive
echo "127.0.1.1 $(hostname)" >>/etc/hosts
apt-get -q update
apt-get -q -y install --no-install-recommends rabbitmq-server mariadb-server haproxy socat
for name in rabbitmq-server mariadb haproxy; do service $name start; done
rabbitmqctl await_startup --timeout 180
rabbitmqctl add_vhost theirs
rabbitmqctl add_user theirs broker-secret
rabbitmqctl set_permissions -p theirs theirs '.*' '.*' '.*'
rabbitmqctl set_permissions -p / theirs '.*' '.*' '.*'
mariadb -e "CREATE DATABASE theirs; CREATE TABLE theirs.orders (id INT PRIMARY KEY); INSERT INTO theirs.orders VALUES (1), (2);
  CREATE USER theirs@localhost IDENTIFIED BY 'database-secret'; GRANT ALL ON theirs.* TO theirs@localhost;
  CREATE USER theirs@'%' IDENTIFIED BY 'database-secret'; GRANT ALL ON theirs.* TO theirs@'%'"
cat >>/etc/haproxy/haproxy.cfg <<'END'
frontend theirs
    bind 127.0.0.1:8888
    mode http
    timeout client 10s
    http-request return status 200 content-type text/plain string "theirs"
END
service haproxy reload`;

/** Files of servers that run: what is in them is asked of the servers. */
const OF_SERVERS = ['/var/lib/mysql/', '/var/lib/rabbitmq/mnesia/', '/var/log/rabbitmq/', '/var/log/mysql/'];

/** All that the servers of others know. */
const possessionsOf = async (host: Host) => ({
  files: await inventoryOf(host, OF_SERVERS),
  broker: JSON.parse(await host.ask('rabbitmqctl -q export_definitions - --format json')) as object,
  databases:
    await host.ask(`mariadb -Ne 'SHOW DATABASES; SELECT * FROM mysql.global_priv ORDER BY User, Host; SELECT * FROM mysql.db ORDER BY Db, User, Host;
    SELECT * FROM theirs.orders; SELECT @@bind_address'`),
  listening: await host.ask("ss -lntH | awk '{ print $4 }' | sort"),
  lets: [
    await host.ask('mariadb -u theirs -pdatabase-secret -Ne "SELECT COUNT(*) FROM theirs.orders"'),
    await host.ask('rabbitmqctl -q authenticate_user theirs broker-secret'),
    await host.ask('curl -fsS http://127.0.0.1:8888/'),
  ],
});

describe('a host on which RabbitMQ, MariaDB and HAProxy of others were before', () => {
  let host: Host;
  let before: Awaited<ReturnType<typeof possessionsOf>>;
  beforeAll(async () => {
    host = await startHost(network, { name: 'of-others', tarball: inject('tarball'), onDisk: withOldNode });
    await host.ask(OTHERS);
    await host.ask('apt-get -q -y install --no-install-recommends curl');
    before = await possessionsOf(host);
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  it('keeps what is theirs beside what is ours, and has it as before when ours is taken away', async () => {
    await install(host, PARTS);
    const { lets } = await possessionsOf(host);
    expect(lets).toEqual(before.lets);
    expect(await host.ask('rabbitmqctl -q list_users --no-table-headers | cut -f1 | sort | xargs')).toBe('faafo guest theirs\n');
    expect(await host.ask('mariadb -Ne "SELECT DISTINCT User FROM mysql.user WHERE User LIKE \'f%\'"')).toBe('faafo\n');
    await takeAway(host);
    expect(await possessionsOf(host)).toEqual(before);
  });

  it('serves from the servers of others, and leaves nothing with them', async () => {
    await install(host, '-i database,messaging,faafo -r api,worker -k /root/faafo.tgz');
    const client = new Client(`http://${host.address}`, { token: (await host.ask('cat /etc/faafo/admin-token')).trim() });
    const order = { uuid: crypto.randomUUID(), width: 300, height: 200, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
    expect(await host.ask('mariadb -Ne "SELECT uuid FROM faafo.fractals"')).toBe(`${order.uuid}\n`);
    // Its Node is ours, and nobody has started the system's, whose checksum is in the inventory.
    const home = await host.ask('readlink -f /opt/faafo/node');
    for (const program of ['faafo-api', 'faafo-worker'])
      expect(await host.ask(`readlink /proc/$(pgrep -f 'bin/node.*[b]in/${program}.js')/exe`)).toBe(`${home.trim()}/bin/node\n`);
    expect(await host.ask('faafo list -f value -c State; ls /tmp')).toBe('done\n');
    expect((await host.run('node --version')).output).toBe('v0.10.48\n');
    await host.ask('rm /tmp/was-started');
    await takeAway(host);
    expect(await possessionsOf(host)).toEqual(before);
    expect(await host.ask('sha256sum </usr/bin/node; sha256sum </usr/bin/npm')).toBe(`${hash('sha256', OLD)}  -\n`.repeat(2));
  });

  it('keeps users and a database of others that it was told to use', async () => {
    const urls = '-m amqp://theirs:broker-secret@127.0.0.1:5672/ -d mysql://theirs:database-secret@127.0.0.1:3306/theirs';
    await install(host, `-i messaging,database,faafo -r api,worker ${urls} -k /root/faafo.tgz`);
    await takeAway(host);
    expect(await possessionsOf(host)).toEqual(before);
  });

  it('keeps a database and users of the same name as those of a service elsewhere', async () => {
    await host.ask(
      'mariadb -e "CREATE DATABASE faafo; CREATE USER faafo@localhost IDENTIFIED BY \'other\'"; rabbitmqctl add_vhost faafo; rabbitmqctl add_user faafo other',
    );
    const urls = '-m amqp://faafo:secret@192.0.2.1:5672/faafo -d mysql://faafo:secret@192.0.2.1:3306/faafo';
    await install(host, `-i faafo ${urls} -k /root/faafo.tgz`);
    await takeAway(host);
    expect(await host.ask("mariadb -Ne \"SELECT User FROM mysql.user WHERE User = 'faafo'; SHOW DATABASES LIKE 'faafo'\"")).toBe(
      'faafo\nfaafo\n',
    );
    expect(await host.ask('rabbitmqctl -q authenticate_user faafo other; rabbitmqctl -q list_vhosts --no-table-headers')).toMatch(
      /^faafo$/m,
    );
  });
});
