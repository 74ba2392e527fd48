import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, runFaafo } from '../support/run-faafo.ts';
import { until } from '../support/until.ts';
import { openTestProject, type TestProject } from './support/project.ts';

let project: TestProject;
beforeAll(async () => {
  project = await openTestProject('lists');
});
afterAll(() => project?.[Symbol.asyncDispose]());

const faafo = (words: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  runFaafo('http://127.0.0.1:9', words, { env: { ...project.env, ...env } });

describe('faafo cloud lists', () => {
  it('images and flavors that are there, in every format', async () => {
    const images = await faafo(['cloud', 'images', '-f', 'value', '-c', 'Name']);
    expect(images).toEqual({ status: 0, stdout: 'cirros\ndebian-12\nubuntu-22.04\nubuntu-24.04\n', stderr: '' });
    const flavors = await faafo(['cloud', 'flavors', '-f', 'json']);
    expect(JSON.parse(flavors.stdout)).toContainEqual({ ID: '2', Name: 'm1.small', VCPUs: 1, Memory: 2048, Disk: 20 });
    expect((await faafo(['cloud', 'flavors', '-f', 'csv', '-c', 'Name'])).stdout).toMatch(/^"Name"\n"m1.tiny"\n/);
    expect((await faafo(['cloud', 'flavors'])).stdout).toMatch(/\| m1\.tiny +\| 1 +\| 512 MiB +\| 1 GiB +\|\n/);
  });

  it('networks, groups, and of key pairs, servers and floating IPs that there are none', async () => {
    const networks = await faafo(['cloud', 'networks', '-f', 'value', '-c', 'Name', '-c', 'External']);
    expect(networks.stdout).toBe(`${project.network} false\npublic true\n`);
    expect((await faafo(['cloud', 'groups', '-f', 'value', '-c', 'Name'])).stdout).toBe('default\n');
    for (const list of ['keypairs', 'servers', 'ips'])
      expect(await faafo(['cloud', list, '-f', 'json'])).toMatchObject({ status: 0, stdout: '[]\n' });
  });

  it('and what is made meanwhile, once however often it is asked for', async () => {
    const { cloud } = project;
    const { id } = await cloud.groups.make('several', 'many rules');
    await cloud.groups.allow(id, 22, { cidr: '10.0.0.0/8' });
    await cloud.groups.allow(id, 80, { groupId: id });
    await cloud.groups.allow(id, 80, { groupId: id });
    expect((await faafo(['cloud', 'groups', '-f', 'value', '-c', 'Lets in'])).stdout).toContain(
      '22 from 10.0.0.0/8, 80 from several\n',
    );
    await cloud.groups.remove(id);
    await cloud.groups.remove(id);
  });

  it('and volumes, however many pages the cloud makes of them', async () => {
    const { volumes } = project.cloud;
    for (const name of ['a', 'b', 'c']) await volumes.make({ name, gib: 1, metadata: { of: 'lists' } });
    const all = async () => (await volumes.list()).toSorted((a, b) => a.name.localeCompare(b.name));
    expect(await all()).toMatchObject(
      ['a', 'b', 'c'].map((name) => ({ name, gib: 1, metadata: { of: 'lists' }, serverId: null })),
    );
    await until(async () => (await all()).every(({ status }) => status === 'available'), 60_000, 500);
    for (const { id } of await all()) await volumes.remove(id);
    await until(async () => (await all()).length === 0, 60_000, 500);
    await volumes.remove('5e1ec7ed-0000-4000-8000-000000000000');
  });

  it('says in one line what is wrong with the login', async () => {
    const wrong = await faafo(['cloud', 'images'], { OS_PASSWORD: 'wrong-password' });
    expect(wrong).toMatchObject({ status: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/^faafo: Keystone at 127\.0\.0\.1:\d+: POST \/v3\/auth\/tokens failed: 401 Unauthorized: .*\n$/);
    expect(wrong.stderr).not.toContain('wrong-password');
    const nowhere = await faafo(['cloud', 'images'], { OS_REGION_NAME: 'Elsewhere' });
    expect(nowhere.stderr).toMatch(
      /^faafo: The cloud envvars has no image that is public in Elsewhere; its catalogue has [^\n]+\n$/,
    );
  });
});
