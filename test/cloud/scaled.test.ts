import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFaafo } from '../support/run-faafo.ts';
import { until } from '../support/until.ts';
import { newOperator, type Operator } from './support/faafo.ts';
import { inventoryOf, NOTHING, rulesOf, userDataOf } from './support/inventory.ts';
import { openTestProject, type TestProject } from './support/project.ts';
import { type StandIn, standIn } from './support/stand-in.ts';

const NAME = ['--name', 'big'];
const WORDS = [
  ...NAME,
  '--topology',
  'scaled',
  '--workers',
  '1',
  '--image',
  'debian-12',
  '--flavor',
  'm1.small',
  '--store',
  'swift',
];
let project: TestProject;
let operator: Operator;
let guest: StandIn;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  project = stack.use(await openTestProject('scaled'));
  operator = await newOperator(project);
  // Where the balancer would be, an API runs with what the user data of the first API say about Swift.
  guest = stack.use(standIn(project, operator, 'big', async () => saidIn(await userDataOf(project, 'big-app-api-1'))));
});
afterAll(() => stack.disposeAsync());

/** Settings and variables that install.sh is told. */
function saidIn(text: string): { flags: string[]; env: Record<string, string> } {
  const file = (flag: string) =>
    new RegExp(`^cat >said-${flag} <<'END_OF_FILE'\n(.*?)\nEND_OF_FILE$`, 'ms').exec(text)?.[1] ?? '';
  const variables = file('o')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  return {
    flags: ['--storage-url', file('s')],
    env: Object.fromEntries(variables.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])),
  };
}

describe('faafo cloud, scaled out under a name of its own', () => {
  it('comes up twice, and is made once', async () => {
    const first = await operator.run('up', ...WORDS);
    expect({ status: first.status, stderr: first.stderr }).toMatchObject({ status: 0 });
    const made = await inventoryOf(project);
    expect(made).toEqual({
      servers: ['big-app-api-1', 'big-app-api-2', 'big-app-balancer', 'big-app-services', 'big-app-worker-1'],
      groups: ['big-api', 'big-balancer', 'big-services', 'big-worker', 'default'],
      ips: 1,
      keyPairs: ['demokey'],
      credentials: ['faafo-big'],
      ports: 5,
    });
    const second = await operator.run('up', ...WORDS);
    expect({ status: second.status, stderr: second.stderr }).toMatchObject({
      status: 0,
      stderr: expect.not.stringMatching(/: (made|imported|runs)/),
    });
    expect(await inventoryOf(project)).toEqual(made);
  });

  it('lets in what the guide says', async () => {
    const everybody = '0.0.0.0/0';
    expect(await rulesOf(project)).toEqual({
      'big-api': [`tcp 22 from ${everybody}`, 'tcp 80 from big-balancer'],
      'big-balancer': [`tcp 22 from ${everybody}`, `tcp 80 from ${everybody}`],
      'big-services': [`tcp 22 from ${everybody}`, 'tcp 3306 from big-api', 'tcp 5672 from big-api', 'tcp 5672 from big-worker'],
      'big-worker': [`tcp 22 from ${everybody}`],
    });
  });

  it('tells each instance what it is', async () => {
    const command = async (name: string) =>
      /^exec bash \S*install\.sh (.*?)(?= -k | -m )/m.exec(await userDataOf(project, `big-app-${name}`))?.[1];
    expect(await command('services')).toBe('-i database -i messaging');
    expect(await command('api-1')).toBe('-i faafo -r api');
    expect(await command('balancer')).toMatch(/^-i balancer -a http:\/\/10\.10\.0\.\d+ -a http:\/\/10\.10\.0\.\d+$/);
    expect(await command('worker-1')).toMatch(/^-i faafo -r worker -e http:\/\/10\.10\.0\.\d+\/$/);
    expect(await userDataOf(project, 'big-app-api-2')).toContain('\ntrusted_proxies=10.10.0.0/24\n');
    const { secrets } = (await operator.state('big'))!;
    const balancer = await userDataOf(project, 'big-app-balancer');
    for (const secret of Object.values(secrets)) expect(balancer).not.toContain(secret);
  });

  it('keeps pictures in Swift with the credential that its APIs are told', async () => {
    const { url } = await guest.up;
    const env = { FAAFO_TOKEN: (await operator.run('token', ...NAME)).stdout.trim() };
    const order = ['create', '--tasks', '1', '--width', '40', '--height', '30', '--iterations', '64', '--wait'];
    const { status, stderr } = await runFaafo(url, order, { env });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const rows = JSON.parse((await operator.run('status', ...NAME, '-f', 'json')).stdout) as Record<string, string | null>[];
    expect(rows.map((row) => [row.Name, row.Service])).toEqual([
      ['big-app-api-1', null],
      ['big-app-api-2', null],
      ['big-app-balancer', 'ok'],
      ['big-app-services', 'database ok, queue ok'],
      ['big-app-worker-1', 'silent'],
    ]);
    const swift = project.ask('object-store');
    expect(await swift.do({ method: 'GET', path: '/faafo-big-pictures' })).toBe(200);
  });

  it('goes down; the pictures stay, and the credential is worthless', async () => {
    const { env } = saidIn(await userDataOf(project, 'big-app-api-1'));
    const { status, stderr } = await operator.run('down', '-y', ...NAME);
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('The pictures stay in Swift: containers faafo-big-pictures and'),
    });
    expect(await inventoryOf(project)).toEqual(NOTHING);
    expect(await project.ask('object-store').do({ method: 'GET', path: '/faafo-big-pictures' })).toBe(200);
    const login = async () =>
      await fetch(`${env.OS_AUTH_URL}/auth/tokens`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          auth: {
            identity: {
              methods: ['application_credential'],
              application_credential: { id: env.OS_APPLICATION_CREDENTIAL_ID, secret: env.OS_APPLICATION_CREDENTIAL_SECRET },
            },
          },
        }),
      });
    await until(async () => [401, 404].includes((await login()).status), 60_000, 1_000);
  });
});
