import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { newOperator, type Operator } from './support/faafo.ts';
import { type CloudInventory, inventoryOf, rulesOf } from './support/inventory.ts';
import { countKinds, killedAtEveryChange, type Moment } from './support/killed.ts';
import { openTestProject, type TestProject } from './support/project.ts';
import { type StandIn, standIn } from './support/stand-in.ts';
import { addStrangers, everythingIn } from './support/strangers.ts';
import { tapCloud } from './support/tap.ts';

const TWO_HOURS_MS = 2 * 3600_000;

/** What one command changes, by kind. */
type Changes = Readonly<Record<string, number>>;

/** A floating IP is made, marked, and leads somewhere. */
const ADDRESS: Changes = {
  'POST network/floatingips': 1,
  'PUT network/floatingips/ID/tags/MARK': 1,
  'PUT network/floatingips/ID': 1,
};
const making = (groups: number, rules: number, servers: number): Changes => ({
  'POST compute/os-keypairs': 1,
  'POST network/security-groups': groups,
  'PUT network/security-groups/ID/tags/MARK': groups,
  'POST network/security-group-rules': rules,
  'POST compute/servers': servers,
  ...ADDRESS,
});
/** @param rules that name other groups; the others go with their group */
const removing = (groups: number, rules: number, servers: number): Changes => ({
  'DELETE compute/servers/ID': servers,
  ...(rules > 0 && { 'DELETE network/security-group-rules/ID': rules }),
  'DELETE network/floatingips/ID': 1,
  'DELETE network/security-groups/ID': groups,
  'DELETE compute/os-keypairs/demokey': 1,
});

interface Case {
  readonly name: string;
  readonly moment: Moment;
  readonly words: readonly string[];
  readonly made: Changes;
  readonly removed: Changes;
  /** beside what strangers have */
  readonly there: CloudInventory;
  readonly rules: Readonly<Record<string, readonly string[]>>;
}

const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTP = 'tcp 80 from 0.0.0.0/0';
const there = (servers: readonly string[], groups: readonly string[], credentials: readonly string[] = []): CloudInventory => ({
  servers,
  groups,
  ips: 1,
  keyPairs: ['demokey'],
  credentials,
  ports: servers.length,
});

const CASES: readonly Case[] = [
  ...(['after', 'before'] as const).map((moment) => ({
    name: `all-in-one, ${moment} it`,
    moment,
    words: ['--topology', 'all-in-one'],
    made: making(1, 2, 1),
    removed: removing(1, 0, 1),
    there: there(['all-in-one'], ['all-in-one']),
    rules: { 'all-in-one': [SSH, HTTP] },
  })),
  {
    name: 'split, after it',
    moment: 'after',
    words: ['--topology', 'split'],
    made: making(2, 4, 2),
    removed: removing(2, 1, 2),
    there: there(['app-controller', 'app-worker-1'], ['control', 'worker']),
    rules: { control: [SSH, 'tcp 5672 from worker', HTTP], worker: [SSH] },
  },
  {
    name: 'scaled, after it',
    moment: 'after',
    words: ['--topology', 'scaled', '--workers', '1', '--apis', '2', '--store', 'swift'],
    made: { ...making(4, 9, 5), 'POST identity/users/ID/application_credentials': 1 },
    removed: { ...removing(4, 4, 5), 'DELETE identity/users/ID/application_credentials/ID': 1 },
    there: there(
      ['app-api-1', 'app-api-2', 'app-balancer', 'app-services', 'app-worker-1'],
      ['api', 'balancer', 'services', 'worker'],
      ['faafo-faafo'],
    ),
    rules: {
      services: [SSH, 'tcp 3306 from api', 'tcp 5672 from api', 'tcp 5672 from worker'],
      api: [SSH, 'tcp 80 from balancer'],
      balancer: [SSH, HTTP],
      worker: [SSH],
    },
  },
];

describe.each(CASES)('faafo cloud, each process killed at its first change: $name', ({ words, moment, ...expected }) => {
  const up = ['up', ...words, '--image', 'debian-12', '--flavor', 'm1.tiny'];
  let project: TestProject;
  let operator: Operator;
  let guest: StandIn;
  let strangers: Record<string, unknown>;
  let theirs: CloudInventory;
  const stack = new AsyncDisposableStack();
  beforeAll(async () => {
    project = stack.use(await openTestProject('killed'));
    operator = await newOperator(project);
    await addStrangers(project, operator);
    strangers = await everythingIn(project);
    theirs = await inventoryOf(project);
    guest = stack.use(standIn(project, operator));
  });
  afterAll(() => stack.disposeAsync());

  /** What lies in the operator's state folder. */
  const kept = async (): Promise<string[]> => {
    const found = await readdir(join(operator.home, '.local/state'), { recursive: true, withFileTypes: true });
    return found.filter((each) => !each.isDirectory()).map(({ name }) => name);
  };
  const killed = (...command: string[]) =>
    killedAtEveryChange({ project, operator }, command, moment, async () => expect(await kept()).toEqual(['faafo.json']));
  const withTheirs = (ours: CloudInventory): CloudInventory => {
    const both = (key: 'servers' | 'groups' | 'keyPairs' | 'credentials') => [...theirs[key], ...ours[key]].sort();
    return {
      servers: both('servers'),
      groups: both('groups'),
      ips: theirs.ips + ours.ips,
      keyPairs: both('keyPairs'),
      credentials: both('credentials'),
      ports: theirs.ports + ours.ports,
    };
  };

  it('comes up, each thing once', async () => {
    const { kills, last } = await killed(...up);
    expect(countKinds(kills)).toEqual(expected.made);
    expect(last.stdout).toBe(`http://${new URL((await guest.up).url).hostname}/\n`);
    expect(await inventoryOf(project)).toEqual(withTheirs(expected.there));
    expect(await rulesOf(project, 'faafo')).toEqual(expected.rules);
    expect(await kept()).toEqual(['faafo.json']);
  });

  it('is left as it is when the same is said again', async () => {
    const before = await everythingIn(project);
    await using tap = await tapCloud(project);
    const { status, stderr } = await operator.start(up, tap.env).ended;
    expect({ status, stderr, changes: tap.changes }).toMatchObject({ status: 0, changes: [] });
    expect(await everythingIn(project)).toEqual(before);
  });

  it.runIf(words.includes('split'))('takes two workers more, and gives them back', async () => {
    const names = async () => (await inventoryOf(project)).servers;
    const more = await killed('scale', '--workers', '3');
    expect(countKinds(more.kills)).toEqual({ 'POST compute/servers': 2 });
    const before = withTheirs(expected.there).servers;
    expect(await names()).toEqual([...before, 'app-worker-2', 'app-worker-3']);
    const fewer = await killed('scale', '--workers', '1');
    expect(countKinds(fewer.kills)).toEqual({ 'POST compute/servers/ID/action': 2, 'DELETE compute/servers/ID': 2 });
    expect(await names()).toEqual(before);
  });

  it.runIf(words.includes('split'))(
    'has made a token for each worker, which one alone can enrol with, for two hours',
    async () => {
      const { secrets } = (await operator.state())!;
      const { objects } = await new Client((await guest.up).url, { token: secrets.adminToken }).tokens();
      const enrolling = objects.filter(({ uses }) => uses !== null);
      expect(enrolling).toHaveLength(3);
      for (const token of enrolling) {
        expect(token).toMatchObject({ name: 'worker-of-faafo', role: 'worker', uses: 1, uses_left: 1, revoked_at: null });
        expect(Date.parse(token.expires_at!) - Date.parse(token.created_at)).toBe(TWO_HOURS_MS);
      }
    },
  );

  it.runIf(words.includes('all-in-one'))('comes up again while an instance of it is still being taken away', async () => {
    const ids = async () => (await project.cloud.servers.list()).filter(({ name }) => name === 'all-in-one').map(({ id }) => id);
    const before = await ids();
    await using tap = await tapCloud(project);
    const down = operator.start(['down', '-y'], tap.env);
    tap.treat = async (_call, done) => {
      await done;
      down.child.kill('SIGKILL');
      return 'lose answer' as const;
    };
    await down.ended;
    const { status, stderr } = await operator.run(...up);
    expect(status, stderr).toBe(0);
    expect(await ids()).not.toEqual(before);
    expect(await inventoryOf(project)).toEqual(withTheirs(expected.there));
  });

  it('goes down: nothing is left, and nothing else was touched', async () => {
    const { kills } = await killed('down', '-y');
    expect(countKinds(kills)).toEqual(expected.removed);
    expect(await everythingIn(project)).toEqual(strangers);
    expect(await inventoryOf(project)).toEqual(theirs);
    expect(await kept()).toEqual([]);
  });
});
