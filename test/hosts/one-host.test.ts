import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { until } from '../support/until.ts';
import { type Host, startHost } from './support/host.ts';
import { difference, inventoryOf } from './support/inventory.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

const URL_THERE = 'http://127.0.0.1:8099/faafo.tgz';
/** Hosts have a way out through a proxy alone, which leads to no host of theirs. */
const DIRECT = 'no_proxy=127.0.0.1';
const ALL = 'bash /root/install.sh -i faafo -i messaging -r api -r worker -r demo -k /root/faafo.tgz';

describe('a host with all in one', () => {
  let network: HostNetwork;
  let host: Host;
  let before: string[];

  beforeAll(async () => {
    network = await openNetwork();
    host = await startHost(network, { name: 'all-in-one', tarball: inject('tarball') });
    before = await inventoryOf(host);
  });
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  it('says in one line that there is no network, and changes nothing but its notes', async () => {
    network.outlet.shut();
    const { status, output } = await host.run(`${ALL} 2>&1`);
    network.outlet.open();
    expect(status).toBe(1);
    expect(output).toMatch(/^faafo: Debian packages .* … failed after \d+ s\n/m);
    expect(output).toMatch(
      /^faafo: could not go on with: Debian packages .*: the Debian mirror cannot be reached: .* See \/var\/log\/faafo-install\.log; mend it and run this again\.\n$/m,
    );
  });

  it('is installed, with a line and a time for each step', async () => {
    const { status, output } = await host.run(`${ALL} 2>&1`);
    expect([status, output]).toEqual([0, expect.stringMatching(/faafo: done in \d+ s\.\n/)]);
    const steps = output.split('\n').filter((line) => line.includes('…'));
    expect(steps).toHaveLength(9);
    for (const line of steps) expect(line).toMatch(/^faafo: .+ … \d+ s( \(.*\))?$/);
    expect(output).not.toMatch(/faafo_[a-z0-9]{8}_|amqp:/);
    expect(output).toContain('/etc/faafo/admin-token');
  });

  it('draws: its demo orders pictures, its worker draws them, and the command line of root shows them', async () => {
    await until(async () => (await host.run("faafo list -f value -c State | grep -q '^done$'")).status === 0, 120_000);
    const created = await host.ask('faafo --endpoint-url http://localhost --verbose create --tasks 1 --wait 2>&1');
    expect(created).toMatch(/INFO faafo\.client \[-\] generating 1 task\(s\)/);
    const [uuid] = (await host.ask('faafo list -f value -c UUID')).split('\n');
    expect(await host.ask(`faafo show ${uuid}`)).toMatch(/generated_by +\| all-in-one/);
    // From outside it is closed to those who show no token.
    expect((await fetch(`http://${host.address}/v1/fractal`)).status).toBe(401);
    expect((await fetch(`http://${host.address}/`)).status).toBe(200);
  });

  it('runs nothing of ours as root, and the API alone has a capability: port 80', async () => {
    const processes = (await host.ask('ps axo user=,args= | grep "bin/node .*[f]aafo"')).trim().split('\n');
    expect(processes.map((line) => [line.split(' ')[0], /bin\/(faafo\S*)\.js/.exec(line)?.[1]])).toEqual([
      ['faafo', 'faafo-api'],
      ['faafo', 'faafo-worker'],
      ['faafo', 'faafo'],
    ]);
    const status = (program: string) => host.ask(`cat /proc/$(pgrep -f 'bin/node.*[b]in/${program}.js')/status`);
    for (const set of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb']) {
      expect(await status('faafo-api')).toMatch(new RegExp(`^${set}:\t0000000000000400$`, 'm'));
      expect(await status('faafo-worker')).toMatch(new RegExp(`^${set}:\t0{16}$`, 'm'));
    }
    expect(await status('faafo-api')).toMatch(/^NoNewPrivs:\t1$/m);
    expect(await host.ask('ps ax | grep faafo-worker | grep -v grep')).not.toBe('');
    expect(await host.ask('ls /var/log/supervisor')).toMatch(/faafo_api\.log\nfaafo_demo\.log\nfaafo_worker\.log/);
  });

  it('keeps its secrets to those who need them, and its broker to itself', async () => {
    const modes = await host.ask('cd /etc/faafo; stat -c "%n %a %U:%G" *');
    expect(modes.trim().split('\n')).toEqual([
      'admin-token 600 root:root',
      'demo-token 400 faafo:faafo',
      'environment 600 root:root',
      'faafo.conf 644 root:root',
      'options 600 root:root',
      'services.conf 640 root:faafo',
      'transport-url 600 root:root',
      'worker-token 400 faafo:faafo',
    ]);
    expect(await host.ask('cat /etc/faafo/faafo.conf')).toBe('endpoint_url = http://localhost\n');
    const listening = await host.ask("ss -lntH | awk '{ print $4 }' | sort");
    expect(listening.split('\n').filter((address) => !/^(127\.0\.0\.1|\[::1\]):/.test(address) && address !== '')).toEqual([
      '0.0.0.0:80',
    ]);
    expect(await host.ask('rabbitmqctl -q list_users --no-table-headers | cut -f1')).toBe('faafo\n');
    expect(await host.ask('grep -c "may read" /var/log/supervisor/faafo_*.log || true')).not.toMatch(/:[1-9]/);
  });

  it('is left as it is when the same is said again, and restarted when something else is', async () => {
    const pids = () => host.ask('pgrep -u faafo; sha256sum /etc/faafo/*');
    const was = await pids();
    const { status, output } = await host.run(`${ALL} 2>&1`);
    expect([status, output]).toEqual([0, expect.stringMatching(/the package … \d+ s \(is there\)/)]);
    expect(await pids()).toBe(was);
    expect((await host.run('bash /root/install.sh -r api -o anonymous=viewer -o OS_CLOUD="my cloud" 2>&1')).status).toBe(0);
    expect((await fetch(`http://${host.address}/v1/fractal`)).status).toBe(200);
    expect(await host.ask("tr '\\0' '\\n' </proc/$(pgrep -f 'bin/node.*[f]aafo-api.js')/environ | grep ^OS_")).toBe(
      'OS_CLOUD=my cloud\n',
    );
    // What was said holds until something else is said.
    expect((await host.run('bash /root/install.sh -r worker 2>&1')).status).toBe(0);
    expect((await fetch(`http://${host.address}/v1/fractal`)).status).toBe(200);
    expect((await host.run('bash /root/install.sh -r api -o anonymous= 2>&1')).status).toBe(0);
    expect((await fetch(`http://${host.address}/v1/fractal`)).status).toBe(401);
  });

  it('says what a program says that does not start, and goes on when that is mended', async () => {
    const wrong = await host.run('bash /root/install.sh -r api -o anonymous=everybody 2>&1');
    expect([wrong.status, wrong.output]).toEqual([
      1,
      expect.stringMatching(
        /could not go on with: faafo_api: faafo_api does not start: .*anonymous.* must be one of none, viewer, creator/,
      ),
    ]);
    expect((await host.run('bash /root/install.sh -r api -o anonymous= 2>&1')).status).toBe(0);
  });

  it('takes a package from a URL, refuses what is none or has a wrong checksum, and leaves what is there', async () => {
    // Node is there already; it serves the package to its own host.
    const serve = `require("http").createServer((_, a) => require("fs").createReadStream("/root/faafo.tgz").pipe(a)).listen(${new URL(URL_THERE).port})`;
    await host.ask(`setsid /opt/faafo/node/bin/node -e '${serve}' >/dev/null 2>&1 </dev/null & echo $! >/root/served`);
    await host.ask(
      'mkdir -p /root/x/package && echo \'{"name":"x","version":"1.0.0"}\' >/root/x/package/package.json && tar -czf /root/x.tgz -C /root/x package',
    );
    for (const [source, reason] of [
      ['/root/x.tgz', /\/root\/x\.tgz is no package of faafo\./],
      ['/root/none.tgz', /the package \/root\/none\.tgz cannot be read\./],
      ['http://127.0.0.1:9/faafo.tgz', /http:\/\/127\.0\.0\.1:9\/faafo\.tgz cannot be fetched: /],
      [`${URL_THERE}#sha256=${'0'.repeat(64)}`, /faafo\.tgz is not what it should be: its checksum is wrong\./],
    ] as const) {
      const { status, output } = await host.run(`${DIRECT} bash /root/install.sh -i faafo -k ${source} 2>&1`);
      expect([status, output]).toEqual([1, expect.stringMatching(reason)]);
    }
    const before = await host.ask('readlink /opt/faafo/package');
    const sum = (await host.ask('sha256sum /root/faafo.tgz')).split(' ')[0];
    const { status, output } = await host.run(`${DIRECT} bash /root/install.sh -i faafo -k '${URL_THERE}#sha256=${sum}' 2>&1`);
    expect([status, output]).toEqual([0, expect.stringContaining('faafo: done in ')]);
    expect(await host.ask('readlink /opt/faafo/package')).not.toBe(before);
    // Back to what the others here name.
    await host.ask('kill $(cat /root/served); rm -f /root/served; bash /root/install.sh -i faafo -k /root/faafo.tgz');
    await host.ask('rm -rf /root/x /root/x.tgz; ls -A /opt/faafo | grep -c package | grep -qx 2; faafo status >/dev/null');
  });

  it('keeps data and settings when it is taken away, and has them again when it is installed again', async () => {
    const ask = (await host.run('bash /root/uninstall.sh </dev/null')).status;
    expect(ask).toBe(2);
    const token = (await host.ask('cat /etc/faafo/admin-token')).trim();
    const count = Number((await host.ask('faafo list -f value -c UUID | wc -l')).trim());
    expect(count).toBeGreaterThan(0);
    expect((await host.run('bash /root/uninstall.sh -y 2>&1')).output).toMatch(/^faafo: done\. Data and settings are still in/m);
    expect((await host.run('pgrep -u faafo || pgrep beam')).status).toBe(1);
    expect((await host.run(`${ALL} 2>&1`)).status).toBe(0);
    const { num_results } = await new Client(`http://${host.address}`, { token }).list();
    expect(num_results).toBeGreaterThanOrEqual(count);
  });

  it('is as it was before when it is taken away with --purge', async () => {
    const { status, output } = await host.run('bash /root/uninstall.sh -y --purge 2>&1');
    expect([status, output]).toEqual([0, expect.stringContaining('faafo: done: nothing of it is left.')]);
    expect(difference(before, await inventoryOf(host))).toEqual({ lost: [], left: [] });
    expect(await host.ask('bash /root/uninstall.sh -y')).toBe(
      'faafo: install.sh was never run here: there is nothing to take away.\n',
    );
  });
});
