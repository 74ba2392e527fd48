import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudServer } from '../../src/domain/cloud-resources.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { administerKeystone } from '../support/servers/keystone.ts';
import { startRabbitmq } from '../support/servers/rabbitmq.ts';
import { startApi } from '../support/start-api.ts';
import { startWorker } from '../support/start-worker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { firstBoot } from './support/first-boot.ts';
import { openTestProject, type TestProject } from './support/project.ts';
import { openStacks, openstack, type Parameters, TEMPLATES } from './support/stacks.ts';

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq demo';
const FAAFO = join(import.meta.dirname, '../../bin/faafo.js');
/** Under load each step of Heat takes seconds, and a stack has many. */
const PATIENCE_MS = 200_000;
/** How long a group rests after it has changed. */
const PERIOD_S = 1;

let project: TestProject;
let stacks: ReturnType<typeof openStacks>;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let parameters: Parameters;
beforeAll(async () => {
  project = await openTestProject('heat');
  stacks = openStacks(project);
  folder = await temporaryFolder();
  await project.cloud.keyPairs.make('demokey', PUBLIC_KEY);
  parameters = { key_name: 'demokey', image_id: 'debian-12', network: project.network, ssh_from: '192.0.2.0/24' };
});
afterAll(async () => {
  await folder?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
});

const freshFolder = async (name: string): Promise<string> => {
  const path = join(folder.path, name);
  await mkdir(path);
  return path;
};
const servers = async (): Promise<readonly CloudServer[]> => await project.cloud.servers.list();
const booted = (name: string): Promise<CloudServer> =>
  until(async () => (await servers()).find((each) => each.name === name && each.status === 'ACTIVE'), PATIENCE_MS);
const flagsOf = (parameters: Parameters): string[] =>
  Object.entries(parameters).flatMap(([name, value]) => ['--parameter', `${name}=${value}`]);

/** What the groups of the project let in, by their names. */
async function rules(): Promise<Record<string, string[]>> {
  const groups = await project.cloud.groups.list();
  const from = (source: (typeof groups)[number]['rules'][number]['source']) => {
    if (source === null) return 'everywhere';
    return 'cidr' in source ? source.cidr : groups.find(({ id }) => id === source.groupId)!.name;
  };
  return Object.fromEntries(
    groups.map(({ name, rules }) => [
      name,
      rules
        .filter(({ direction }) => direction === 'ingress')
        .map(({ fromPort, source }) => `${fromPort} from ${from(source)}`)
        .sort(),
    ]),
  );
}

/** A line of the catalogue, for a while. */
async function announce(type: string, url: string): Promise<AsyncDisposable> {
  const keystone = await administerKeystone(project.facts.keystoneUrl);
  const { service } = await keystone.call<{ service: { id: string } }>('POST', '/services', { service: { type, name: type } });
  const endpoint = { service_id: service.id, interface: 'public', region_id: project.facts.region, url };
  await keystone.call('POST', '/endpoints', { endpoint });
  return { [Symbol.asyncDispose]: async () => void (await keystone.call('DELETE', `/services/${service.id}`)) };
}

/** Nothing is left of a stack but what the project had before. */
async function expectNothingLeft(): Promise<void> {
  expect(await servers()).toEqual([]);
  expect(await project.cloud.floatingIps.list()).toEqual([]);
  expect(Object.keys(await rules())).toEqual(['default']);
}

describe('all-in-one.yaml', () => {
  it('makes an instance, is complete when that serves, tells where it is, and goes away as a whole', async () => {
    const template = join(TEMPLATES, 'all-in-one.yaml');
    const said = await openstack(project, [
      'stack',
      'create',
      '-f',
      'value',
      '-c',
      'stack_name',
      '-t',
      template,
      ...flagsOf(parameters),
      'one',
    ]);
    expect(said).toBe('one\n');
    const server = await booted('one-all-in-one');
    expect((await stacks.find('one'))!.status).toBe('CREATE_IN_PROGRESS');
    expect(server.keyName).toBe('demokey');
    expect(await rules()).toMatchObject({ 'one-all-in-one': ['22 from 192.0.2.0/24', '80 from everywhere'] });

    const boot = await firstBoot(await freshFolder('one'), await stacks.userData(server.id));
    expect(boot).toMatchObject({ status: 0, output: '' });
    expect(boot.flags.join(' ')).toBe(
      '-i faafo -i messaging -r api -r worker -r demo -k @faafo/faafo -m @/var/lib/faafo-install/said-m',
    );
    expect(boot.said).toEqual({ m: expect.stringMatching(/^amqp:\/\/faafo:[A-Za-z0-9]{40}@127\.0\.0\.1:5672\/faafo$/) });
    const stack = await stacks.settled('one');
    expect(stack.status).toBe('CREATE_COMPLETE');
    const [ip] = await project.cloud.floatingIps.list();
    expect(stack.outputs).toEqual({ faafo_ip: ip!.address, faafo_url: `http://${ip!.address}/` });

    await openstack(project, ['stack', 'delete', '--yes', 'one']);
    await stacks.gone('one');
    await expectNothingLeft();
  });

  it('fails at once, with the reason, when the instance cannot be installed', async () => {
    await stacks.create('bad', 'all-in-one.yaml', { ...parameters, external_network: '' });
    const server = await booted('bad-all-in-one');
    const install = 'echo \'faafo: the Debian mirror cannot be reached: "no route".\' >&2; exit 2';
    const boot = await firstBoot(await freshFolder('bad'), await stacks.userData(server.id), { install });
    expect(boot.status).toBe(2);
    const stack = await stacks.settled('bad');
    expect(stack.status).toBe('CREATE_FAILED');
    expect(stack.reason).toContain(`${hostname()}: faafo: the Debian mirror cannot be reached: "no route".`);
    expect(await project.cloud.floatingIps.list()).toEqual([]);
    await openstack(project, ['stack', 'delete', '--yes', 'bad']);
    await stacks.gone('bad');
    await expectNothingLeft();
  });

  it.each([
    ['an image that is not there', { image_id: 'debian-99' }, /image_id.*debian-99/],
    ['a key pair that is not there', { key_name: 'nobody' }, /key_name.*nobody/],
    ['a source that a shell would take for more', { faafo_source: "x'; reboot #" }, /faafo_source/],
    ['a CIDR that is none', { ssh_from: '192.0.2.0/99' }, /ssh_from/],
  ])('refuses %s before it makes anything', async (_, wrong, message) => {
    await expect(stacks.create('wrong', 'all-in-one.yaml', { ...parameters, ...wrong })).rejects.toThrow(message);
    expect(await stacks.find('wrong')).toBeNull();
  });
});

describe('autoscaling-workers.yaml', () => {
  it('grows and shrinks a group of workers, each of which enrols with the token that the controller has made', async () => {
    await using broker = await startRabbitmq();
    await using api = await startApi({ dataDir: await freshFolder('data'), flags: ['--transport-url', broker.url] });
    const admin = (await runFaafo(api.url, ['token', 'create', 'ann', '--role', 'admin'])).stdout.trim();
    const environment = join(folder.path, 'environment.json');
    await writeFile(
      environment,
      JSON.stringify({ parameters: { ...parameters, workers: 1, most_workers: 2, period: PERIOD_S } }),
    );
    const template = join(TEMPLATES, 'autoscaling-workers.yaml');
    await openstack(project, ['stack', 'create', '-t', template, '-e', environment, 'farm']);
    const controller = await booted('farm-app-controller');
    // No worker before there is somebody to work for.
    expect(await servers()).toHaveLength(1);
    expect(await rules()).toMatchObject({
      'farm-control': ['22 from 192.0.2.0/24', '5672 from farm-worker', '80 from everywhere'],
      'farm-worker': ['22 from 192.0.2.0/24'],
    });

    const faafo = `FAAFO_TOKEN=${admin} exec ${process.execPath} ${FAAFO} --endpoint-url ${api.url} "$@"`;
    const boot = await firstBoot(await freshFolder('controller'), await stacks.userData(controller.id), { faafo });
    expect(boot).toMatchObject({ status: 0, output: '' });
    expect(boot.flags.slice(0, 6)).toEqual(['-i', 'messaging', '-i', 'faafo', '-r', 'api']);
    expect(Object.keys(boot.said).sort()).toEqual(['m', 'w']);
    const stack = await stacks.settled('farm');
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(stack.outputs).toMatchObject({ faafo_ip: expect.stringMatching(/^127\./), workers: 1 });

    const isWorker = ({ id }: CloudServer) => id !== controller.id;
    const [worker] = (await servers()).filter(isWorker);
    const controllerIp = controller.addresses.find(({ kind }) => kind === 'fixed')!.address;
    const userData = await stacks.userData(worker!.id);
    const secretOf = (url: string) => new URL(url).password;
    const workerBoot = await firstBoot(await freshFolder('worker'), userData);
    expect(workerBoot.flags.slice(0, 6)).toEqual(['-i', 'faafo', '-r', 'worker', '-e', `http://${controllerIp}/`]);
    const { m, t } = workerBoot.said;
    expect(m).toBe(boot.said.w!.replace('127.0.0.1', controllerIp));
    // The one who may only listen is not the one who may do everything.
    expect(userData).not.toContain(secretOf(boot.said.m!));
    for (const secret of [secretOf(m!), secretOf(boot.said.m!), t!]) expect(JSON.stringify(stack.outputs)).not.toContain(secret);

    const flags = ['--endpoint-url', api.url, '--transport-url', broker.url, '--threads', '1', '--state-dir', folder.path];
    await using enrolled = startWorker(flags, { FAAFO_TOKEN: t! });
    await until(() => enrolled.said().startsWith('faafo-worker is ready'), 60_000);

    // As the timer does every week. An update hands it on to those who come later, and leaves the others alone.
    expect(await boot.again('enrol-workers')).toBe(0);
    await openstack(project, ['stack', 'update', '--existing', '-t', template, 'farm']);
    expect((await stacks.settled('farm')).status).toBe('UPDATE_COMPLETE');
    expect((await servers()).filter(isWorker).map(({ id }) => id)).toEqual([worker!.id]);
    const call = async (url: unknown) => {
      const alert = { status: 'firing', alerts: [{ labels: { alertname: 'FaafoOldestTooOld' } }] };
      const answer = await fetch(String(url), {
        method: 'POST',
        body: JSON.stringify(alert),
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(200);
    };
    const counted = (count: number) =>
      until(async () => {
        const workers = (await servers()).filter((each) => isWorker(each) && each.status === 'ACTIVE');
        return workers.length === count ? workers : null;
      }, PATIENCE_MS);
    // After an update, too, the group rests; what it is told meanwhile is answered as ever, and comes to nothing.
    const rested = () => sleep(2_000 * PERIOD_S);
    await rested();
    await call(stack.outputs.scale_up_url);
    const two = await counted(2);
    await stacks.settled('farm');
    const newcomer = two.find(({ id }) => id !== worker!.id)!;
    const renewed = (await firstBoot(await freshFolder('newcomer'), await stacks.userData(newcomer.id))).said.t!;
    expect(renewed).toMatch(/^faafo_enrol_[0-9a-zA-Z_]{58}$/);
    expect(renewed).not.toBe(t);
    await rested();
    await openstack(project, ['stack', 'resource', 'signal', 'farm', 'scale_down']);
    await counted(1);

    await openstack(project, ['stack', 'delete', '--yes', 'farm']);
    await stacks.gone('farm');
    await expectNothingLeft();
  });

  it('asks for the alarms of the cloud only where it is told to', async () => {
    const named = async (more: Parameters, heat = stacks) =>
      JSON.stringify(await heat.preview('autoscaling-workers.yaml', { ...parameters, ...more }));
    expect(await named({})).not.toContain('OS::Aodh');
    await expect(named({ alarms: true })).rejects.toThrow(/OS::Aodh::GnocchiAggregationByResourcesAlarm/);
    // As if there were one: Heat looks into the catalogue, which comes with a login, and then at the alarms.
    await using _ = await announce('alarming', 'http://127.0.0.1:9');
    await using other = await openTestProject('alarms');
    await other.cloud.keyPairs.make('demokey', PUBLIC_KEY);
    const wish = { alarms: true, network: other.network };
    expect(await named(wish, openStacks(other))).toContain('OS::Aodh::GnocchiAggregationByResourcesAlarm');
  });
});
