import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { type PrivateSwift, startSwift } from '../support/servers/swift.ts';
import { until } from '../support/until.ts';
import { forward } from './support/forward.ts';
import { type Host, startHost } from './support/host.ts';
import { difference, inventoryOf } from './support/inventory.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';

const FOLDER = '/srv/gallery/pictures of all';

describe('a host that is told where pictures are kept', () => {
  const opened = new AsyncDisposableStack();
  let network: HostNetwork;
  let host: Host;
  let swift: PrivateSwift;
  let before: string[];
  const portOf = (url: string) => Number(new URL(url).port);
  const names = async (container: string) => (await (await swift.call('GET', `/${container}`)).text()).trim().split('\n');

  beforeAll(async () => {
    network = opened.use(await openNetwork());
    swift = opened.use(await startSwift());
    for (const url of [swift.s3Endpoint, swift.keystone.url])
      opened.use(await forward(network.gateway, portOf(url), portOf(url)));
    host = opened.use(await startHost(network, { name: 'stores', tarball: inject('tarball') }));
    before = await inventoryOf(host);
  });
  afterAll(() => opened.disposeAsync());

  const install = async (words: string): Promise<void> => {
    const { status, output } = await host.run(`bash /root/install.sh ${words} 2>&1`);
    expect([status, output]).toEqual([0, expect.stringContaining('faafo: done in ')]);
  };
  /** Orders a picture and waits for it. @returns its uuid */
  const draw = async (): Promise<string> => {
    const client = new Client(`http://${host.address}`, { token: (await host.ask('cat /etc/faafo/admin-token')).trim() });
    const order = { uuid: crypto.randomUUID(), width: 300, height: 200, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
    return order.uuid;
  };
  /** Settings of the service, in a file: what is secret is on no command line. */
  const environment = async (variables: Readonly<Record<string, string>>): Promise<string> => {
    const here = ([name, value]: [string, string]) => `${name}=${value.replaceAll('127.0.0.1', network.gateway)}`;
    await host.ask(`cat >/root/said.sh <<'END'\n${Object.entries(variables).map(here).join('\n')}\nEND`);
    return '-o @/root/said.sh';
  };
  const inFolders = () => host.ask("find /srv /var/lib/faafo -name '*.png' 2>/dev/null || true");

  it('keeps them in a folder that it makes, for the service alone', async () => {
    await install(`-i faafo -r api -k /root/faafo.tgz -s 'file://${encodeURI(FOLDER)}'`);
    const uuid = await draw();
    expect(await inFolders()).toMatch(new RegExp(`^${FOLDER}/${uuid.slice(0, 2)}/${uuid}\\S*\\.png$`, 'm'));
    expect(await inFolders()).not.toContain('/var/lib/faafo');
    expect(await host.ask(`stat -c '%U %a' '${FOLDER}'`)).toBe('faafo 700\n');
  });

  it('keeps them in Swift', async () => {
    const override = { OS_OBJECT_STORE_ENDPOINT_OVERRIDE: `${swift.s3Endpoint}/v1/AUTH_${swift.projectId}` };
    await install(`-r api -s swift://pictures ${await environment({ ...swift.environment, ...override })}`);
    const uuid = await draw();
    expect(await names('pictures')).toContainEqual(expect.stringMatching(`^${uuid}.*\\.png$`));
    expect(await inFolders()).not.toContain(uuid);
    const said = await host.ask('ps axww; cat /var/log/faafo-install.log');
    expect(said).not.toContain(swift.environment.OS_PASSWORD!);
  });

  it('keeps them in a bucket of S3', async () => {
    const url = `s3://pictures3?endpoint=http://${network.gateway}:${portOf(swift.s3Endpoint)}`;
    await install(`-r api -s '${url}' ${await environment(swift.s3Environment)}`);
    const uuid = await draw();
    expect(await names('pictures3')).toContainEqual(expect.stringMatching(`^${uuid}.*\\.png$`));
    expect(await inFolders()).not.toContain(uuid);
  });

  it('takes the folder away again with --purge', async () => {
    await host.ask('bash /root/uninstall.sh -y --purge');
    expect(difference(before, await inventoryOf(host))).toEqual({ lost: [], left: [] });
  });
});
