import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CarryOutParts, carryOut } from '../../src/actions/cloud/carry-out.ts';
import { findDeployment } from '../../src/actions/cloud/find-deployment.ts';
import { planDeployment } from '../../src/actions/cloud/plan-deployment.ts';
import { removalsOf, takeDown } from '../../src/actions/cloud/take-down.ts';
import { newSecrets } from '../../src/cli/cloud-state.ts';
import { wishOf } from '../../src/cli/cloud-wish.ts';
import type { CloudProject } from '../../src/domain/cloud-resources.ts';
import { newOperator } from './support/faafo.ts';
import { inventoryOf, NOTHING, rulesOf } from './support/inventory.ts';
import { openTestProject, type TestProject } from './support/project.ts';

let project: TestProject;
beforeAll(async () => {
  project = await openTestProject('interrupted');
});
afterAll(() => project?.[Symbol.asyncDispose]());

class Cut extends Error {}

/** The same project, in which the first call that changes something is carried out, and ends whoever made it before it is told so. */
function cutAfterOne(cloud: CloudProject): { readonly cut: CloudProject; changes(): number } {
  let count = 0;
  const changing = ['make', 'tag', 'allow', 'disallow', 'lead', 'remove', 'stop'];
  const guarded = (port: object): object =>
    new Proxy(port, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...words: unknown[]) => Promise<unknown>;
        if (!changing.includes(String(name))) return method;
        return async (...words: unknown[]) => {
          if (count > 0) throw new Cut();
          count++;
          await method.apply(target, words);
          throw new Cut();
        };
      },
    });
  const ports = Object.entries(cloud).map(([name, port]) => [name, typeof port === 'object' ? guarded(port) : port]);
  return { cut: Object.fromEntries(ports) as CloudProject, changes: () => count };
}

it('goes on after an end at any call that changes something, makes each thing once, and is taken down the same way', async () => {
  const { home } = await newOperator(project);
  const flags = {
    name: 'cut-short',
    topology: 'scaled',
    workers: 1,
    apis: 2,
    image: 'debian-12',
    flavor: 'm1.tiny',
    key: 'demokey',
    publicKey: `${home}/.ssh/id_ed25519.pub`,
    sshFrom: '0.0.0.0/0',
    source: '@faafo/faafo',
    store: 'swift',
  } as const;
  const plan = planDeployment(await wishOf(flags, project.cloud));
  const parts = (cloud: CloudProject): CarryOutParts => ({
    project: cloud,
    secrets,
    storeVariables: (id) => ({ OS_APPLICATION_CREDENTIAL_ID: id }),
    noteKeyPair: async () => undefined,
    awaitService: async () => undefined,
    enrolToken: async () => 'faafo_enrol_test',
    signal: AbortSignal.timeout(400_000),
    pollMs: 300,
  });
  const secrets = newSecrets();
  const watcher = { begins: () => undefined, ended: () => undefined };

  let ends = 0;
  // Each beginning is ended by its first change, which the cloud hears of.
  for (let isOver = false; !isOver; ) {
    const { cut, changes } = cutAfterOne(project.cloud);
    isOver = await carryOut(plan, parts(cut), watcher).then(
      () => true,
      (error) => {
        if (error instanceof Cut) return false;
        throw error;
      },
    );
    ends += changes();
  }
  const names = ['api', 'balancer', 'services', 'worker'].map((name) => `cut-short-${name}`);
  const rules = await rulesOf(project);
  expect(Object.keys(rules).sort()).toEqual(names);
  expect(rules['cut-short-services']).toEqual([
    'tcp 22 from 0.0.0.0/0',
    'tcp 3306 from cut-short-api',
    'tcp 5672 from cut-short-api',
    'tcp 5672 from cut-short-worker',
  ]);
  expect(rules['cut-short-api']).toEqual(['tcp 22 from 0.0.0.0/0', 'tcp 80 from cut-short-balancer']);
  expect(rules['cut-short-balancer']).toEqual(['tcp 22 from 0.0.0.0/0', 'tcp 80 from 0.0.0.0/0']);
  expect(rules['cut-short-worker']).toEqual(['tcp 22 from 0.0.0.0/0']);
  const hosts = ['app-api-1', 'app-api-2', 'app-balancer', 'app-services', 'app-worker-1'].map((name) => `cut-short-${name}`);
  expect(await inventoryOf(project)).toEqual({
    servers: hosts,
    groups: [...names, 'default'],
    ips: 1,
    keyPairs: ['demokey'],
    credentials: ['faafo-cut-short'],
    ports: 5,
  });
  const ruleCount = Object.values(rules).flat().length;
  // Key pair; groups and their tags; rules; credential; instances; a floating IP that is made, tagged, and leads somewhere.
  expect(ends).toBe(1 + 2 * names.length + ruleCount + 1 + hosts.length + 3);

  for (let isOver = false; !isOver; ) {
    const { cut } = cutAfterOne(project.cloud);
    const removals = removalsOf(await findDeployment(project.cloud, 'cut-short'), null);
    isOver = removals.length === 0;
    await takeDown(cut, removals, { signal: parts(cut).signal, pollMs: 300, onRemoved: () => undefined }).catch((error) => {
      if (!(error instanceof Cut)) throw error;
    });
  }
  expect(await inventoryOf(project)).toEqual({ ...NOTHING, keyPairs: ['demokey'] });
}, 1_200_000);
