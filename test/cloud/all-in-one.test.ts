import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOperator, type Operator } from './support/faafo.ts';
import { inventoryOf, NOTHING, rulesOf, userDataOf } from './support/inventory.ts';
import { openTestProject, type TestProject } from './support/project.ts';
import { type StandIn, standIn } from './support/stand-in.ts';
import { tapCloud } from './support/tap.ts';

const WORDS = ['--image', 'debian-12', '--flavor', 'm1.small'];
let project: TestProject;
let operator: Operator;
let guest: StandIn;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  project = stack.use(await openTestProject('all-in-one'));
  operator = await newOperator(project);
  guest = stack.use(standIn(project, operator));
});
afterAll(() => stack.disposeAsync());

const addressOf = async (): Promise<string> => new URL((await guest.up).url).hostname;

describe('faafo cloud, all in one', () => {
  it('shows its plan, and makes nothing', async () => {
    const { status, stdout } = await operator.run(
      'up',
      ...WORDS,
      '--dry-run',
      '-f',
      'value',
      '-c',
      'What',
      '-c',
      'Name',
      '-c',
      'How',
      '-c',
      'State',
    );
    expect({ status, lines: stdout.split('\n') }).toEqual({
      status: 0,
      lines: [
        'key pair demokey  to be made',
        'security group all-in-one  to be made',
        'rule all-in-one 22 from 0.0.0.0/0 to be made',
        'rule all-in-one 80 from 0.0.0.0/0 to be made',
        `instance all-in-one debian-12, m1.small, ${project.network}, all-in-one to be made`,
        'boot all-in-one until it runs wait',
        'floating IP all-in-one from public to be made',
        'service all-in-one until it answers wait',
        '',
      ],
    });
    expect(await inventoryOf(project)).toEqual(NOTHING);
    expect(await operator.state()).toBeNull();
  });

  it('comes up, and says where it is', async () => {
    const { status, stdout, stderr } = await operator.run('up', ...WORDS);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toBe(`http://${await addressOf()}/\n`);
    expect(stderr).toMatch(/^\[1\/8\] key pair demokey: imported.*\n\[2\/8\] security group all-in-one: made/);
    expect(stderr).toContain(`The application is at http://${await addressOf()}/.`);
    expect(await inventoryOf(project)).toEqual({
      ...NOTHING,
      servers: ['all-in-one'],
      groups: ['all-in-one', 'default'],
      ips: 1,
      keyPairs: ['demokey'],
      ports: 1,
    });
    expect(await rulesOf(project)).toEqual({ 'all-in-one': ['tcp 22 from 0.0.0.0/0', 'tcp 80 from 0.0.0.0/0'] });
  });

  it('tells the instance what the guide says, and secrets on no command line', async () => {
    const text = await userDataOf(project, 'all-in-one');
    expect(text).toMatch(
      /^exec bash \S*install\.sh -i messaging -i faafo -r api -r worker -r demo -k @faafo\/faafo@\S+ -A @\S+$/m,
    );
    const { secrets } = (await operator.state())!;
    expect(text.split(secrets.adminToken)).toHaveLength(2);
  });

  it('changes nothing the second time', async () => {
    await using tap = await tapCloud(project);
    const before = await inventoryOf(project);
    const { status, stderr } = await operator.start(['up', ...WORDS], tap.env).ended;
    expect({ status, changes: tap.changes, stderr }).toMatchObject({ status: 0, changes: [] });
    expect(stderr.match(/: is there/g)).toHaveLength(7);
    expect(await inventoryOf(project)).toEqual(before);
  });

  it('shows its state, its console, its token and the way in', async () => {
    const { url } = await guest.up;
    const address = await addressOf();
    const status = await operator.run('status', '-f', 'json');
    expect(JSON.parse(status.stdout)).toEqual([
      {
        Name: 'all-in-one',
        Kind: 'all-in-one',
        Status: 'ACTIVE',
        Address: expect.stringMatching(/^10\.10\.0\.\d+$/),
        'Floating IP': address,
        Service: 'ok',
      },
    ]);
    expect(await operator.run('logs', 'all-in-one')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('FAKE CONSOLE OUTPUT'),
    });
    const token = await operator.run('token');
    expect(token.stdout).toBe(`${(await operator.state())!.secrets.adminToken}\n`);
    const answer = await fetch(`${url}/v1/tokens`, { headers: { authorization: `Bearer ${token.stdout.trim()}` } });
    expect(answer.status).toBe(200);
    // Nobody listens there on the port of SSH.
    const ssh = await operator.run('ssh', 'all-in-one', '--', 'true');
    expect(ssh).toMatchObject({ status: 255, stderr: expect.stringContaining(`${address} port 22: Connection refused`) });
  });

  it('goes down, asks first, and leaves nothing', async () => {
    const before = await inventoryOf(project);
    expect(await operator.run('down')).toMatchObject({ status: 2, stderr: expect.stringContaining('say -y') });
    expect(await inventoryOf(project)).toEqual(before);
    const { status, stderr } = await operator.run('down', '-y');
    expect({ status, lines: stderr.split('\n').length }).toEqual({ status: 0, lines: 5 });
    expect(await inventoryOf(project)).toEqual(NOTHING);
    expect(await operator.state()).toBeNull();
    expect(await operator.run('down', '-y')).toMatchObject({ status: 0, stderr: expect.stringContaining('There is nothing') });
  });
});
