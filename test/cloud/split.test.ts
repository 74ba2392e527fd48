import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOperator, type Operator } from './support/faafo.ts';
import { inventoryOf, NOTHING, rulesOf, userDataOf } from './support/inventory.ts';
import { openTestProject, type TestProject } from './support/project.ts';
import { type StandIn, standIn } from './support/stand-in.ts';
import { addStrangers } from './support/strangers.ts';
import { tapCloud } from './support/tap.ts';

const WORDS = ['--topology', 'split', '--image', 'debian-12', '--flavor', 'm1.small', '--ssh-from', '192.0.2.0/24'];
let project: TestProject;
let operator: Operator;
let guest: StandIn;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  project = stack.use(await openTestProject('split'));
  operator = await newOperator(project);
  guest = stack.use(standIn(project, operator));
});
afterAll(() => stack.disposeAsync());

describe('faafo cloud, split', () => {
  it('comes up although answers are lost, and makes each thing once', async () => {
    await addStrangers(project, operator);
    await using tap = await tapCloud(project);
    const lost = new Set<string>();
    tap.treat = async ({ method, path }, done) => {
      // The first one of every kind.
      if (method !== 'POST' || lost.has(path)) return 'pass';
      lost.add(path);
      await done;
      return 'lose answer';
    };
    const { status, stdout, stderr } = await operator.start(['up', ...WORDS], tap.env).ended;
    expect(status, stderr).toBe(0);
    expect([...lost].sort()).toEqual([
      'compute/v2.1/os-keypairs',
      'compute/v2.1/servers',
      'network/v2.0/floatingips',
      'network/v2.0/security-group-rules',
      'network/v2.0/security-groups',
    ]);
    expect(stdout).toBe(`http://${new URL((await guest.up).url).hostname}/\n`);
    expect(await inventoryOf(project)).toEqual({
      servers: ['app-controller', 'app-worker-1', 'app-worker-1'],
      groups: ['control', 'default', 'worker', 'worker'],
      ips: 2,
      keyPairs: ['demokey', 'strangers'],
      credentials: ['faafo-faafo2'],
      ports: 3,
    });
  });

  it('lets in what the guide says, and SSH from where the operator is', async () => {
    const all = await rulesOf(project);
    expect(all.control).toEqual(['tcp 22 from 192.0.2.0/24', 'tcp 5672 from worker', 'tcp 80 from 0.0.0.0/0']);
    const { groups } = project.cloud;
    const ours = (await groups.list()).find(({ name, tags }) => name === 'worker' && tags.includes('faafo-deployment=faafo'))!;
    const ingress = ours.rules.filter(({ direction }) => direction === 'ingress');
    expect(ingress.map(({ fromPort, source }) => ({ fromPort, source }))).toEqual(
      expect.arrayContaining([
        { fromPort: 22, source: { cidr: '192.0.2.0/24' } },
        { fromPort: 22, source: { groupId: (await groups.list()).find(({ name }) => name === 'control')!.id } },
      ]),
    );
    expect(ingress).toHaveLength(2);
  });

  it('gives a worker nothing but a token to enrol with and a password to listen with', async () => {
    const { id } = (await project.cloud.servers.list()).find(({ metadata }) => metadata['faafo-kind'] === 'worker')!;
    const text = await userDataOf(project, id);
    const { secrets } = (await operator.state())!;
    expect(text).toMatch(/^exec bash \S*install\.sh -i faafo -r worker -e http:\/\/10\.10\.0\.\d+\/ /m);
    expect(text).toContain(`amqp://faafo-worker:${secrets.workerBrokerPassword}@10.10.0.`);
    expect(text).toMatch(/faafo_enrol_[0-9a-z]{8}_/);
    for (const secret of [secrets.adminToken, secrets.brokerPassword, secrets.databasePassword, secrets.storePassword])
      expect(text).not.toContain(secret);
    const controller = await userDataOf(project, 'app-controller');
    expect(controller).toMatch(/^exec bash \S*install\.sh -i messaging -i faafo -r api /m);
    for (const secret of [secrets.adminToken, secrets.brokerPassword, secrets.workerBrokerPassword])
      expect(controller).toContain(secret);
  });

  it('takes more workers, and fewer, by the numbers in their names', async () => {
    const workers = async () => (await inventoryOf(project)).servers.filter((name) => name.startsWith('app-worker-'));
    const more = await operator.run('scale', '--workers', '3');
    expect({ status: more.status, stderr: more.stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/3 workers\.\n$/),
    });
    expect(await workers()).toEqual(['app-worker-1', 'app-worker-1', 'app-worker-2', 'app-worker-3']);
    const status = JSON.parse((await operator.run('status', '-f', 'json')).stdout);
    expect(status.map((row: Record<string, string>) => [row.Name, row.Service])).toEqual([
      ['app-controller', 'ok'],
      ['app-worker-1', 'silent'],
      ['app-worker-2', 'silent'],
      ['app-worker-3', 'silent'],
    ]);
    const fewer = await operator.run('scale', '--workers', '1');
    expect(fewer).toMatchObject({ status: 0, stderr: expect.stringMatching(/^instance app-worker-\d: has ended\n/) });
    expect(await workers()).toEqual(['app-worker-1', 'app-worker-1']);
  });

  it('cannot be another topology, and is not touched from where its secrets are not', async () => {
    const other = await operator.run('up', '--image', 'debian-12', '--flavor', 'm1.small');
    expect(other).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^faafo: The deployment faafo is split; this one is all-in-one: [^\n]+\n$/),
    });
    const swift = await operator.run('up', ...WORDS, '--store', 'swift');
    expect(swift).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/keeps its pictures without Swift; this one keeps its pictures in Swift: /),
    });
    const stranger = await newOperator(project);
    const up = await stranger.run('up', ...WORDS);
    expect(up).toMatchObject({ status: 1, stderr: expect.stringMatching(/whose secrets are not here: copy \S+ from where/) });
  });

  it('goes down, and leaves what is somebody else’s', async () => {
    expect(await operator.run('down', '-y')).toMatchObject({ status: 0 });
    expect(await inventoryOf(project)).toEqual({
      ...NOTHING,
      servers: ['app-worker-1'],
      groups: ['default', 'worker'],
      ips: 1,
      keyPairs: ['strangers'],
      credentials: ['faafo-faafo2'],
      ports: 1,
    });
    expect((await rulesOf(project)).worker).toEqual(['tcp 22 from 0.0.0.0/0']);
  });
});
