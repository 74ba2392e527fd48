import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CloudFloatingIp } from '../../src/domain/cloud-resources.ts';
import { Client } from '../../src/http/client.ts';
import { findCloud } from '../../src/openstack/clouds.ts';
import { openService } from '../../src/openstack/service.ts';
import { openSwiftStore } from '../../src/store/swift.ts';
import { anOrder } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { startApi } from '../support/start-api.ts';
import { until } from '../support/until.ts';
import { inventoryOf, NOTHING, rulesOf, userDataOf } from './support/inventory.ts';
import { openTestProject, type TestProject } from './support/project.ts';

const FOLDER = resolve(import.meta.dirname, '../../docs/tutorial');
const PORT = z.object({ network_id: z.string() });
const SNIPPETS = readdirSync(FOLDER).filter((name) => /^\d\d-.*\.ts$/.test(name));

let project: TestProject;
let home: string;
/** of chapter 14 */
let balanced: Awaited<ReturnType<typeof guestBehind>>;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  project = stack.use(await openTestProject('tutorial'));
  home = await mkdtemp(join(tmpdir(), 'reader-'));
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
  spawnSync('ssh-keygen', ['-q', '-t', 'rsa', '-N', '', '-C', 'reader@test', '-f', join(home, '.ssh/id_rsa')]);
});
afterAll(() => stack.disposeAsync());

/** Runs a chapter's program as its reader does, with @faafo/faafo/openstack from its source. @returns what it prints */
async function chapter(number: string): Promise<string> {
  const snippet = SNIPPETS.find((name) => name.startsWith(number))!;
  const env = { ...process.env, ...project.env, HOME: home, TUTORIAL_NETWORK: project.network };
  const flags = ['--conditions=faafo-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, join(FOLDER, snippet)], {
    ...{ cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    new Promise((done) => child.on('close', done)),
  ]);
  expect([snippet, status, stderr]).toEqual([snippet, 0, '']);
  return stdout;
}

/** The hosts of this cloud boot nobody: a real API is started where an address leads that was unused, or is new. It knows the admin's token, as the user data would tell it. */
async function guestBehind(known: readonly CloudFloatingIp[]) {
  const isNew = ({ id, portId }: CloudFloatingIp) =>
    portId !== null && known.find((each) => each.id === id && each.portId === portId) === undefined;
  const address = await until(async () => (await project.cloud.floatingIps.list()).find(isNew)?.address, 300_000);
  const dataDir = await mkdtemp(join(home, 'guest-'));
  const { admin } = JSON.parse(await readFile(join(home, 'tutorial-secrets.json'), 'utf8')) as { admin: string };
  await writeFile(join(dataDir, 'token'), admin, { mode: 0o600 });
  const words = ['token', 'create', 'admin', '--role', 'admin', '--token-from', join(dataDir, 'token'), '--data-dir', dataDir];
  expect(await runFaafo('http://127.0.0.1:9', words)).toMatchObject({ status: 0 });
  const api = stack.use(await startApi({ dataDir, port: 80, flags: ['--listen-address', address] }));
  return { api, address, admin, dataDir };
}

describe('the tutorial', () => {
  it('connects, and looks at images and flavors', async () => {
    expect(await chapter('01')).toBe(`connected to envvars, project ${project.id}\n`);
    expect(await chapter('02')).toMatch(/ {2}debian-12 {2}active\n(.*\n)*we take debian-12: \S+\n$/);
    expect(await chapter('03')).toMatch(/m1\.tiny {2}1 VCPUs {2}512 MiB {2}1 GiB\n(.*\n)*we take m1\.small: \S+\n$/);
  });

  it('boots an instance once, lists it, and destroys it', async () => {
    expect(await chapter('04')).toBe('testing is ACTIVE\n');
    expect(await chapter('04')).toBe('testing is there already\ntesting is ACTIVE\n');
    expect(await chapter('05')).toMatch(/^testing {2}ACTIVE {2}10\.10\.0\.\d+\n$/);
    expect(await chapter('06')).toBe('testing is gone\n');
    expect(await chapter('06')).toBe('testing is gone already\n');
  });

  it('imports a key pair, makes a security group, and takes what is too much of it away', async () => {
    expect(await chapter('07')).toMatch(/^the key pair demokey was imported from \S+\/id_rsa\.pub\ndemokey {2}[0-9a-f:]{47}\n$/);
    expect(await chapter('07')).toMatch(/^the key pair demokey is there already\n/);
    expect(await chapter('08')).toMatch(/^all-in-one: ports 22, 80$/m);
    expect(await chapter('08')).toMatch(/^the security group all-in-one is there already$/m);
    expect(await rulesOf(project)).toEqual({ 'all-in-one': ['tcp 22 from 0.0.0.0/0', 'tcp 80 from 0.0.0.0/0'] });
  });

  it('writes user data, finds an address, and makes the instance that has it all', async () => {
    expect(await chapter('09')).toMatch(
      /install\.sh -i messaging -i faafo -r api -r worker -r demo -k @faafo\/faafo .*\n\d+ bytes of 65535\n$/,
    );
    const [, address] = /^the floating IP (\S+) was allocated from public\n$/.exec(await chapter('10'))!;
    expect(await chapter('10')).toBe(`the floating IP ${address} is unused\n`);
    const said = await chapter('11');
    expect(said).toMatch(
      new RegExp(
        `^security groups: all-in-one\nprivate address: 10\\.10\\.0\\.\\d+\nThe Fractals application will be at http://${address}/\n$`,
      ),
    );
    expect(await chapter('11')).toBe(`all-in-one is there already\n${said}`);
    expect(await userDataOf(project, 'all-in-one')).toMatch(
      /^exec bash \S*install\.sh -i messaging -i faafo -r api -r worker -r demo /m,
    );
    expect((await stat(join(home, 'tutorial-secrets.json'))).mode & 0o777).toBe(0o600);
  });

  it('splits it: a controller, and a worker whose user data hold nothing that lasts', async () => {
    const known = await project.cloud.floatingIps.list();
    const [said, guest] = await Promise.all([chapter('12'), guestBehind(known)]);
    expect(said).toMatch(new RegExp(`\nThe Fractals application is at http://${guest.address}/\n$`));
    expect(await rulesOf(project)).toMatchObject({
      control: ['tcp 22 from 0.0.0.0/0', 'tcp 5672 from worker', 'tcp 80 from 0.0.0.0/0'],
      worker: ['tcp 22 from 0.0.0.0/0'],
    });
    const data = await userDataOf(project, 'app-worker-1');
    expect(data).toMatch(/faafo_enrol_[0-9a-z]{8}_/);
    expect(data).not.toContain(guest.admin);
    expect(await chapter('12')).toMatch(/^instance app-worker-1: is there already$/m);
    expect(await chapter('13')).toMatch(
      new RegExp(`^ssh debian@${guest.address}\nssh -J debian@${guest.address} debian@10\\.10\\.0\\.\\d+\n`),
    );
    await guest.api.stop();
  });

  it('scales it out, and puts its pictures into a durable store', async () => {
    const known = await project.cloud.floatingIps.list();
    const [said, guest] = await Promise.all([chapter('14'), guestBehind(known)]);
    balanced = guest;
    expect(said).toMatch(new RegExp(`\nThe Fractals application is at http://${guest.address}/\n$`));
    const { servers } = await inventoryOf(project);
    const workers = ['app-worker-1', 'app-worker-2', 'app-worker-3'];
    expect(servers).toEqual(['all-in-one', 'app-api-1', 'app-api-2', 'app-balancer', 'app-services', ...workers]);
    expect((await rulesOf(project)).services).toEqual([
      ...['tcp 22 from 0.0.0.0/0', 'tcp 3306 from api', 'tcp 5672 from api', 'tcp 5672 from worker'],
    ]);

    expect(await chapter('15')).toBe(
      'the container fractals is there\nin it: goodbye.txt\nread: so long\n8 bytes, by tutorial\ngoodbye.txt is gone\n' +
        'read, of 2 segments: so long, and thanks\nsegments left: none\n',
    );
    const client = new Client(guest.api.url, { token: guest.admin });
    const { uuid } = await client.order({ ...anOrder(), uuid: crypto.randomUUID() });
    await until(async () => (await client.find(uuid)).state === 'done', 60_000);
    const words = ['store', 'copy', `file://${guest.dataDir}/images`, 'swift://fractals', '--data-dir', guest.dataDir];
    expect(await runFaafo(guest.api.url, words, { env: project.env })).toMatchObject({ status: 0 });
    await using store = await openSwiftStore(openService(await findCloud(project.env), 'object-store'), 'fractals');
    const names = [];
    for await (const { name } of store.list()) names.push(name);
    expect(names.some((name) => name.startsWith(uuid))).toBe(true);
  });

  it('puts the database on a volume, which outlives its instance', async () => {
    const { servers, volumes } = project.cloud;
    const told = /^fractals-database {2}1 GiB {2}in-use, \/dev\/[sv]db of app-services$/m;
    expect(await chapter('16')).toMatch(/^the volume fractals-database was made\n/);
    const again = await chapter('16');
    expect(again).toMatch(told);
    expect(again).toMatch(/^the volume fractals-database is there already\n/);
    const [volume] = await volumes.list();
    const old = (await servers.list()).find(({ name }) => name === 'app-services')!;
    expect(volume).toMatchObject({ gib: 1, status: 'in-use', serverId: old.id });

    await servers.remove(old.id);
    await until(async () => (await servers.find(old.id)) === null, 60_000);
    expect(await volumes.list()).toMatchObject([{ id: volume!.id }]);
    expect(await chapter('14')).toMatch(/^instance app-services: made$/m);
    expect(await chapter('16')).toMatch(told);
    const fresh = (await servers.list()).find(({ name }) => name === 'app-services')!;
    expect(await volumes.list()).toMatchObject([{ id: volume!.id, status: 'in-use', serverId: fresh.id }]);
    await balanced.api.stop();
  });

  it('gives each tier a network of its own, behind one router', async () => {
    const { servers, networks, routers, floatingIps } = project.cloud;
    const known = await floatingIps.list();
    const [said, guest] = await Promise.all([chapter('17'), guestBehind(known)]);
    expect(said).toMatch(
      /^the router fractals-router was made, with a way to public\nthe network fractals-front: 10\.21\.1\.0\/24, behind fractals-router\nthe network fractals-work: 10\.21\.2\.0\/24, /,
    );
    expect(said).toMatch(new RegExp(`\nThe Fractals application is at http://${guest.address}/\n$`));
    const addressesOf = async (name: string) =>
      (await servers.list()).find((each) => each.name === name)!.addresses.filter(({ kind }) => kind === 'fixed');
    expect(await addressesOf('tier-controller')).toMatchObject([{ network: 'fractals-front' }]);
    expect(await addressesOf('tier-worker-1')).toMatchObject([
      { network: 'fractals-work', address: expect.stringMatching(/^10\.21\.2\.\d+$/) },
    ]);
    const [inside] = await addressesOf('tier-controller');
    expect(await userDataOf(project, 'tier-worker-1')).toContain(`-e http://${inside!.address}/ `);
    expect((await rulesOf(project))['tier-front']).toContain('tcp 5672 from tier-work');
    const router = (await routers.list()).find(({ name }) => name === 'fractals-router')!;
    const legs = await project.ask('network').ask(z.object({ ports: z.array(PORT) }), {
      ...{ method: 'GET', path: `/v2.0/ports?device_id=${router.id}&device_owner=network:router_interface` },
    });
    const tiers = (await networks.list()).filter(({ name }) => name.startsWith('fractals-'));
    expect(legs.ports.map((port) => port.network_id).sort()).toEqual(tiers.map(({ id }) => id).sort());

    const repeated = await chapter('17');
    expect(repeated).not.toContain('made');
    expect(repeated).toMatch(/^instance tier-worker-1: is there already$/m);
    await guest.api.stop();
  });

  it('leaves nothing behind, but for pictures', async () => {
    expect(await chapter('18')).toMatch(
      /^10 instances, [23] addresses, 8 security groups, 1 routers, 2 networks, 1 volumes and the key pair are gone\nfractals still holds pictures: it stays\n$/,
    );
    expect(await inventoryOf(project)).toEqual(NOTHING);
    const { networks, routers, volumes } = project.cloud;
    expect((await networks.list()).map(({ name }) => name).sort()).toEqual([project.facts.external.name, project.network].sort());
    expect((await routers.list()).map(({ name }) => name)).toEqual([project.network]);
    expect(await volumes.list()).toEqual([]);
    await using store = await openSwiftStore(openService(await findCloud(project.env), 'object-store'), 'fractals');
    for await (const { name } of store.list()) await store.remove(name as Parameters<typeof store.remove>[0]);
    expect(await chapter('18')).toBe(
      '0 instances, 0 addresses, 0 security groups, 0 routers, 0 networks, 0 volumes and the key pair are gone\n',
    );
  });
});
