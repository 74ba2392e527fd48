import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOnce } from '../../src/actions/cloud/make-once.ts';
import { planDeployment } from '../../src/actions/cloud/plan-deployment.ts';
import { resolveName, resolveOnly } from '../../src/actions/cloud/resolve.ts';
import { strayRules } from '../../src/actions/cloud/stray-rules.ts';
import { sshCommand } from '../../src/cli/cloud-reach.ts';
import { newSecrets, readState, removeState, statePath, writeState } from '../../src/cli/cloud-state.ts';
import { checkFlags, type UpFlags } from '../../src/cli/cloud-wish.ts';
import { readPublicKey } from '../../src/cli/public-key.ts';
import { LostAnswer } from '../../src/domain/cloud.ts';
import type { CloudGroup, CloudRule, CloudServer } from '../../src/domain/cloud-resources.ts';
import type { DeploymentWish, PlanStep } from '../../src/domain/deployment.ts';
import { Fault } from '../../src/domain/fault.ts';
import { chooseMicroversion } from '../../src/openstack/microversion.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faafo-cloud-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NAMED = { id: 'id', name: 'name' };
const WISH: DeploymentWish = {
  name: 'faafo',
  topology: 'scaled',
  workers: 3,
  apis: 2,
  image: NAMED,
  flavor: NAMED,
  network: NAMED,
  external: NAMED,
  cidrs: ['10.0.0.0/24'],
  key: { name: 'demokey', publicKey: '' },
  sshFrom: '0.0.0.0/0',
  swift: false,
  source: '@faafo/faafo',
};

describe('a plan', () => {
  const everyWish = (['all-in-one', 'split', 'scaled'] as const).flatMap((topology) =>
    [1, 3].flatMap((apis) => [0, 1, 4].map((workers) => ({ ...WISH, topology, apis, workers }))),
  );

  it('has, before each step, all that it needs', () => {
    for (const wish of everyWish) {
      const { steps, entry } = planDeployment(wish);
      const done: PlanStep[] = [];
      const has = (want: (step: PlanStep) => boolean) => done.some(want);
      for (const step of steps) {
        if (step.kind === 'rule') {
          const { from } = step.rule;
          expect(has((each) => each.kind === 'group' && each.group === step.group)).toBe(true);
          if ('group' in from) expect(has((each) => each.kind === 'group' && each.group === from.group)).toBe(true);
        }
        if (step.kind === 'server') {
          expect(has((each) => each.kind === 'key-pair')).toBe(true);
          expect(has((each) => each.kind === 'group' && each.group === step.host.group)).toBe(true);
          // A rule that is missing would keep it from what it needs.
          expect(steps.indexOf(step)).toBeGreaterThan(steps.findLastIndex(({ kind }) => kind === 'rule'));
          if (step.host.kind === 'worker') expect(has((each) => each.kind === 'ready')).toBe(true);
          if (step.host.kind === 'api') expect(has((each) => each.kind === 'boot' && each.host.kind === 'services')).toBe(true);
          if (step.host.kind === 'balancer')
            expect(done.filter((each) => each.kind === 'boot' && each.host.kind === 'api')).toHaveLength(wish.apis);
        }
        if (step.kind === 'address') expect(has((each) => each.kind === 'boot' && each.host === entry)).toBe(true);
        done.push(step);
      }
    }
  });

  it('has a balancer before several APIs, to whom their port is open alone', () => {
    const { hosts, steps } = planDeployment(WISH);
    expect(hosts.map(({ name }) => name)).toEqual([
      'app-services',
      'app-api-1',
      'app-api-2',
      'app-balancer',
      'app-worker-1',
      'app-worker-2',
      'app-worker-3',
    ]);
    const rules = steps.flatMap((step) => (step.kind === 'rule' && step.rule.port === 80 ? [[step.group, step.rule.from]] : []));
    expect(rules).toEqual([
      ['api', { group: 'balancer' }],
      ['balancer', { cidr: '0.0.0.0/0' }],
    ]);
    const single = planDeployment({ ...WISH, apis: 1 });
    expect(single.entry.name).toBe('app-api-1');
  });
});

it('what a group lets in beside its plan is told, and nothing else', () => {
  const plan = planDeployment({ ...WISH, topology: 'split', sshFrom: '192.0.2.0/24' });
  const rule = (id: string, port: number | null, source: CloudRule['source'], more: Partial<CloudRule> = {}): CloudRule => ({
    id,
    direction: 'ingress',
    protocol: 'tcp',
    fromPort: port,
    toPort: port,
    source,
    ...more,
  });
  const group = (name: string, rules: readonly CloudRule[]): CloudGroup => ({
    id: `id-${name}`,
    name,
    description: '',
    tags: [],
    rules,
  });
  const groups = [
    group('control', [
      rule('1', 22, { cidr: '192.0.2.0/24' }),
      rule('2', 22, { cidr: '0.0.0.0/0' }),
      rule('3', 80, null),
      rule('4', 5672, { groupId: 'id-worker' }),
      rule('5', 3306, { groupId: 'id-worker' }),
      rule('6', null, null, { direction: 'egress', protocol: null }),
      rule('7', null, null, { protocol: 'icmp' }),
    ]),
    group('worker', []),
  ];
  expect(strayRules(plan, groups).map(({ rule: { id }, text }) => `${id} ${text}`)).toEqual([
    '2 tcp 22 from 0.0.0.0/0',
    '5 tcp 3306 from worker',
    '7 icmp from 0.0.0.0/0',
  ]);
});

describe('what up refuses before anybody is asked', () => {
  const FLAGS: UpFlags = { name: 'faafo', topology: 'split', key: 'demokey', sshFrom: '0.0.0.0/0', source: '@faafo/faafo' };
  const cases: [Partial<UpFlags>, RegExp][] = [
    [{ name: 'No Spaces' }, /--name: must be 1 to 30 small letters/],
    [{ name: `a${'b'.repeat(30)}` }, /--name/],
    [{ topology: 'all-in-one', workers: 2 }, /--workers: all-in-one has one worker/],
    [{ apis: 2 }, /--apis: split has one API/],
    [{ sshFrom: '10.0.0.0' }, /--ssh-from: must be addresses such as/],
    [{ sshFrom: '10.0.0.0/33' }, /--ssh-from/],
    [{ sshFrom: 'everywhere' }, /--ssh-from/],
  ];
  for (const [flags, message] of cases)
    it(JSON.stringify(flags), () => expect(() => checkFlags({ ...FLAGS, ...flags })).toThrow(message));
});

describe('names', () => {
  const all = [
    { id: '1', name: 'debian-12' },
    { id: '2', name: 'cirros' },
    { id: '3', name: 'cirros' },
  ];
  it('mean one thing, by name or id', () => {
    expect(resolveName(all, 'debian-12', 'image', '--image').id).toBe('1');
    expect(resolveName(all, '3', 'image', '--image').id).toBe('3');
  });
  it('are refused with what there is', () => {
    expect(() => resolveName(all, 'debian-11', 'image', '--image')).toThrow(
      "There is no image 'debian-11': did you mean debian-12? There are cirros, debian-12.",
    );
    expect(() => resolveName(all, 'cirros', 'image', '--image')).toThrow(
      'There are 2 images called cirros: name one by its id with --image: 2, 3.',
    );
    expect(() => resolveName([], 'x', 'image', '--image')).toThrow("There is no image 'x', and no other either.");
    expect(() => resolveOnly(all, 'network', '--network')).toThrow(
      'There are several networks: choose one with --network: cirros, debian-12.',
    );
  });
});

describe('a public key', () => {
  const keygen = (...words: string[]) => {
    const path = join(folder, `key-${words.join('')}`);
    expect(spawnSync('ssh-keygen', ['-q', '-N', '', ...words, '-f', path]).status).toBe(0);
    return path;
  };
  it('is taken as OpenSSH makes it, and found where it usually is', () => {
    const made = [
      ['-t', 'ed25519'],
      ['-t', 'rsa', '-b', '2048'],
      ['-t', 'ecdsa'],
    ].map((words) => `${keygen(...words)}.pub`);
    for (const path of made) expect(readPublicKey(path)).toBe(readFileSync(path, 'utf8').trim());
    mkdirSync(join(folder, '.ssh'));
    writeFileSync(join(folder, '.ssh/id_rsa.pub'), readFileSync(made[1]!));
    expect(readPublicKey(null, folder)).toMatch(/^ssh-rsa /);
  });
  it('is refused with the reason', () => {
    const file = (text: string) => {
      const path = join(folder, 'some.pub');
      writeFileSync(path, text);
      return path;
    };
    expect(() => readPublicKey(keygen('-t', 'ed25519', '-C', 'x'))).toThrow(
      /is a private one: name the file that ends with \.pub/,
    );
    expect(() => readPublicKey(`${keygen('-t', 'rsa', '-b', '1024')}.pub`)).toThrow(/has 1024 bits, which is too few/);
    expect(() => readPublicKey(file('ssh-ed25519 bm9uZQ=='))).toThrow(/is none\.$/);
    expect(() => readPublicKey(file(''))).toThrow(/is none\.$/);
    const security = Buffer.concat([Buffer.from([0, 0, 0, 26]), Buffer.from('sk-ssh-ed25519@openssh.com')]).toString('base64');
    expect(() => readPublicKey(file(`sk-ssh-ed25519@openssh.com ${security}`))).toThrow(
      /kind sk-ssh-ed25519@openssh\.com, which clouds do not take/,
    );
    expect(() => readPublicKey(file('---- BEGIN SSH2 PUBLIC KEY ----'))).toThrow(/ssh-keygen -i/);
    expect(() => readPublicKey(join(folder, 'nowhere.pub'))).toThrow(/--public-key: there is no /);
    expect(() => readPublicKey(null, join(folder, 'empty'))).toThrow(
      /There is no public key id_ed25519\.pub, .*: make one \(ssh-keygen/,
    );
  });
});

it('a thing whose answer was lost is looked for before it is made again', async () => {
  const lost = new LostAnswer('unavailable', 'compute: POST /servers failed: socket hang up.');
  const made: string[] = [];
  const make = (isLost: boolean) => async () => {
    made.push('thing');
    if (isLost) throw lost;
    return 'thing';
  };
  let looks = 0;
  expect(await makeOnce(make(true), async () => (++looks < 2 ? null : 'found'))).toBe('found');
  expect({ made: made.length, looks }).toEqual({ made: 1, looks: 2 });
  await expect(
    makeOnce(
      async () => Promise.reject(new Fault('busy', 'quota')),
      async () => 'found',
    ),
  ).rejects.toThrow('quota');
  let tries = 0;
  expect(
    await makeOnce(
      async () => (++tries < 2 ? Promise.reject(lost) : 'again'),
      async () => null,
    ),
  ).toBe('again');
}, 60_000);

it('the newest version of the compute API that both know is spoken', () => {
  expect(chooseMicroversion('2.1', '2.93')).toBe('2.79');
  expect(chooseMicroversion('2.1', '2.53')).toBe('2.53');
  expect(() => chooseMicroversion('2.1', '2.38')).toThrow(
    'compute: this cloud speaks versions 2.1 to 2.38, and 2.47 to 2.79 are known here.',
  );
  expect(() => chooseMicroversion('2.90', '2.96')).toThrow(/2\.90 to 2\.96/);
  expect(() => chooseMicroversion('', '')).toThrow(/versions none/);
});

it('what is kept of a deployment is whole, for its owner alone, and not taken from others', async () => {
  const path = statePath('project', 'faafo', { XDG_STATE_HOME: join(folder, 'state') });
  expect(await readState(path)).toBeNull();
  const state = { wish: WISH, secrets: newSecrets(), keyPair: null };
  await writeState(path, state);
  expect(await readState(path)).toMatchObject(state);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  writeFileSync(path, '{}');
  await expect(readState(path)).rejects.toThrow(/is not what faafo cloud has written/);
});

it('what a process that is killed while it writes leaves is taken away by those after it', async () => {
  const path = statePath('killed', 'faafo', { XDG_STATE_HOME: join(folder, 'state') });
  const kept = () => readdirSync(dirname(path)).sort();
  const state = { wish: WISH, secrets: newSecrets(), keyPair: null };
  await writeState(path, state);
  await writeState(statePath('killed', 'faafo2', { XDG_STATE_HOME: join(folder, 'state') }), state);
  const writer = `
    const { replaceFile } = await import(${JSON.stringify(new URL('../../src/cli/replace-file.ts', import.meta.url))});
    await replaceFile(${JSON.stringify(path)}, async (file) => {
      await file.writeFile('secrets');
      process.kill(process.pid, 'SIGKILL');
    });`;
  const kill = () => expect(spawnSync(process.execPath, ['--input-type=module', '-e', writer]).signal).toBe('SIGKILL');
  kill();
  kill();
  expect(await readState(path)).toMatchObject(state);
  const [old, young, ...whole] = kept();
  expect([old, young]).toEqual(Array(2).fill(expect.stringMatching(/^\.faafo\.json\..*\.part$/)));
  expect(whole).toEqual(['faafo.json', 'faafo2.json']);
  const longAgo = new Date(Date.now() - 3600_000);
  utimesSync(join(dirname(path), old!), longAgo, longAgo);
  await writeState(path, state);
  expect(kept()).toEqual([young, ...whole]);
  await removeState(path);
  expect(kept()).toEqual(['faafo2.json']);
});

it('ssh goes by way of the instance that has an address outside', () => {
  const server = (name: string, fixed: string, floating?: string): CloudServer => ({
    id: name,
    name,
    status: 'ACTIVE',
    fault: null,
    metadata: {},
    addresses: [
      { address: fixed, kind: 'fixed', network: 'n' },
      ...(floating ? [{ address: floating, kind: 'floating', network: 'n' } as const] : []),
    ],
    keyName: 'demokey',
    flavorName: 'm1.tiny',
    imageId: null,
    isLeaving: false,
    createdAt: '',
  });
  const [entry, worker] = [server('app-controller', '10.0.0.2', '203.0.113.5'), server('app-worker-1', '10.0.0.3')];
  const as = { user: 'debian' };
  expect(sshCommand(entry, [entry, worker], as, ['uptime']).slice(-2)).toEqual(['debian@203.0.113.5', 'uptime']);
  const way = sshCommand(worker, [entry, worker], { ...as, identity: 'key' }, []);
  expect(way.at(-1)).toBe('debian@10.0.0.3');
  expect(way).toContain('ProxyCommand=ssh -o StrictHostKeyChecking=accept-new -i key -W %h:%p debian@203.0.113.5');
  expect(() => sshCommand(worker, [worker], as, [])).toThrow(/There is no way to app-worker-1/);
});
