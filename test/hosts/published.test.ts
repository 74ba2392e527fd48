import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Host, startHost } from './support/host.ts';
import { type HostNetwork, openNetwork } from './support/network.ts';
import { openRegistry, type Registry } from './support/registry.ts';

const { version } = JSON.parse(await readFile(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };
const NEXT = '99.0.0';

describe('the published package', () => {
  let network: HostNetwork;
  let registry: Registry;
  let host: Host;
  const install = (words: string) => host.run(`bash /root/install.sh -i faafo ${words} 2>&1`);
  const versionThere = async () => (await host.ask('faafo --version')).trim();

  beforeAll(async () => {
    network = await openNetwork();
    registry = await openRegistry(new URL(network.outlet.url).hostname);
    host = await startHost(network, { name: 'published', tarball: inject('tarball') });
    await host.ask(`sed -i 's|^registry=.*|registry=${registry.url}|' /root/.npmrc`);
    await registry.publish(inject('tarball'));
  });
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  it('is what is installed when no package is named', async () => {
    const { status, output } = await install('');
    expect([status, output]).toEqual([0, expect.stringMatching(/faafo: the package … \d+ s\n/)]);
    expect(await versionThere()).toBe(version);
    expect(await host.ask('faafo create --help')).toContain('--tasks');
    expect((await install('-k @faafo/faafo')).output).toMatch(/the package … \d+ s \(is there\)/);
  });

  it('is taken in the version that is named, and the newest of a tag is looked for each time', async () => {
    await registry.publish(inject('tarball'), NEXT);
    // What runs does not change because somebody publishes something.
    expect((await install('')).output).toContain('(is there)');
    expect(await versionThere()).toBe(version);
    expect((await install('-k @faafo/faafo@latest')).status).toBe(0);
    expect(await versionThere()).toBe(NEXT);
    expect((await install(`-k @faafo/faafo@${version}`)).status).toBe(0);
    expect(await versionThere()).toBe(version);
  });

  it('is left as it is when there is none of that version or name', async () => {
    for (const [name, reason] of [
      ['@faafo/faafo@7.7.7', 'No matching version found for @faafo/faafo@7.7.7'],
      ['@faafo/faafo@nightly', 'No matching version found for @faafo/faafo@nightly'],
      ['@faafo/none-of-that-name', '404 Not Found - GET .*none-of-that-name'],
    ] as const) {
      const { status, output } = await install(`-k ${name}`);
      expect([status, output]).toEqual([1, expect.stringMatching(new RegExp(`could not go on with: the package: .*${reason}`))]);
    }
    expect(await versionThere()).toBe(version);
  });

  it("is never the one of that name without a scope, which is somebody else's", async () => {
    const { status, output } = await install('-k faafo');
    expect([status, output]).toEqual([
      2,
      expect.stringContaining("-k: 'faafo' in npm's registry is somebody else's; ours is @faafo/faafo."),
    ]);
  });

  it('is fetched beside the proxy from a registry that npm is told to reach without it', async () => {
    const proxy = new URL(network.outlet.url).hostname;
    expect([...registry.askedFrom]).toEqual([proxy]);
    await host.ask(`echo noproxy=${proxy} >>/root/.npmrc; rm -rf /opt/faafo/node*`);
    expect((await install('-k @faafo/faafo@latest')).output).toMatch(/faafo: done/);
    expect([...registry.askedFrom]).toEqual([proxy, host.address]);
    expect(await versionThere()).toBe(NEXT);
  });
});
