import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOperator, type Operator } from './support/faafo.ts';
import { inventoryOf, NOTHING } from './support/inventory.ts';
import { openTestProject, type TestProject } from './support/project.ts';

const GOOD = ['--image', 'debian-12', '--flavor', 'm1.small'];
let project: TestProject;
let operator: Operator;
beforeAll(async () => {
  project = await openTestProject('refusals');
  operator = await newOperator(project);
});
afterAll(() => project?.[Symbol.asyncDispose]());

describe('faafo cloud up refuses, and makes nothing:', () => {
  const cases: [number, string[], RegExp][] = [
    [2, ['up', '--workers', '0', '--topology', 'split'], /whole number from 1/],
    [2, ['up', '--name', 'Bad Name'], /--name: must be 1 to 30 small letters/],
    [2, ['up', '--topology', 'spilt'], /Allowed choices are all-in-one, split, scaled/],
    [
      1,
      ['up', '--image', 'debian-11', '--flavor', 'm1.small'],
      /There is no image 'debian-11': did you mean debian-12\? There are cirros, debian-12, /,
    ],
    [1, ['up', '--image', 'debian-12', '--flavor', 'm1.smal'], /There is no flavor 'm1\.smal': did you mean m1\.small\?/],
    [1, ['up', '--flavor', 'm1.small'], /There are several images: choose one with --image: cirros, /],
    [1, ['up', ...GOOD, '--network', 'nets'], /There is no network 'nets'/],
    [1, ['up', ...GOOD, '--external', 'outside'], /There is no external network 'outside'; there are public\./],
    [2, ['up', ...GOOD, '--public-key', '.ssh/id_ed25519'], /is a private one/],
    [
      1,
      ['up', ...GOOD, '-k', `https://example.org/${'x'.repeat(60_000)}`],
      /The user data of all-in-one would be \d+ bytes long; a cloud takes 65535/,
    ],
    [1, ['scale', '--workers', '2'], /What is kept of the deployment faafo is not here: copy /],
    [1, ['status'], /There is no deployment faafo in this project: faafo cloud up makes one/],
    [1, ['ssh', 'app-worker-1'], /There is no instance of this deployment 'app-worker-1', and no other either/],
  ];
  for (const [status, words, message] of cases) {
    it(`${status}: ${words.join(' ').slice(0, 70)}`, async () => {
      const ran = await operator.run(...words);
      expect(ran).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) });
      expect(ran.stderr).toMatch(/^faafo: [^\n]+\n$/);
    });
  }

  it('a wrong password', async () => {
    const { ended } = operator.start(['up', ...GOOD], { OS_PASSWORD: 'wrong-password' });
    expect(await ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^faafo: Keystone at \S+: POST \/v3\/auth\/tokens failed: 401 [^\n]+\n$/),
    });
  });

  it('a compute API that is too old', async () => {
    const old = createServer((_request, response) => response.end('{"version": {"version": "2.38", "min_version": "2.1"}}'));
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const { ended } = operator.start(['flavors'], {
      OS_COMPUTE_ENDPOINT_OVERRIDE: `http://127.0.0.1:${(old.address() as AddressInfo).port}`,
    });
    expect(await ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/this cloud speaks versions 2\.1 to 2\.38, and 2\.47 to 2\.79 are known here/),
    });
    old.close();
  });

  it('and is left with nothing made', async () => {
    expect(await inventoryOf(project)).toEqual(NOTHING);
  });
});

const setQuota = (quota: Record<string, number>) =>
  project.ask('compute', 'admin').do({ method: 'PUT', path: `/os-quota-sets/${project.id}`, body: { quota_set: quota } });

it('an instance that the cloud cannot make, and Ctrl-C, end it with what was made and how to go on', async () => {
  await setQuota({ cores: -1 });
  const id = `giant-${project.id.slice(0, 8)}`;
  const flavor = { id, name: id, vcpus: 100_000, ram: 512, disk: 1 };
  await project.ask('compute', 'admin').do({ method: 'POST', path: '/flavors', body: { flavor } });
  const { status, stderr } = await operator.run('up', '--image', 'debian-12', '--flavor', flavor.name);
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /the instance all-in-one is in ERROR \(No valid host was found[^\n]*\); remove it and go on: openstack server delete [0-9a-f-]{36}, then this again\.\n$/,
    ),
  });
  expect(await operator.run('down', '-y')).toMatchObject({ status: 0 });
  await project.ask('compute', 'admin').do({ method: 'DELETE', path: `/flavors/${id}` });

  const { child, ended } = operator.start(['up', ...GOOD]);
  // Nobody answers at the floating IP: it waits.
  child.stderr!.on('data', (text: Buffer) => text.includes('floating IP') && child.kill('SIGINT'));
  const interrupted = await ended;
  expect(interrupted).toMatchObject({ status: 130, stdout: '' });
  expect(interrupted.stderr).toMatch(
    /\nfaafo: Made until now: key pair demokey, security group all-in-one, instance all-in-one, floating IP all-in-one\. The same command goes on from here; [^\n]+\n$/,
  );
  expect(await operator.run('down', '-y')).toMatchObject({ status: 0 });
  expect(await inventoryOf(project)).toEqual(NOTHING);
});

it('what a quota or a taken key forbids is said in a line, with what was made and how to go on', async () => {
  await setQuota({ instances: 1 });
  const words = ['up', '--topology', 'scaled', ...GOOD];
  const { status, stdout, stderr } = await operator.run(...words);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  const [made, why] = stderr.trimEnd().split('\n').slice(-2);
  expect(made).toMatch(
    /^faafo: Made until now: key pair demokey, security group services, .*, instance app-services\. The same command goes on from here; faafo cloud down takes everything away\.$/,
  );
  expect(why).toMatch(
    /^faafo: compute: POST \/servers was refused: 403 Forbidden: Quota exceeded for instances: Requested 1, but already used 1 of 1 instances\.$/,
  );
  expect(await operator.run('down', '-y')).toMatchObject({ status: 0 });
  expect(await inventoryOf(project)).toEqual(NOTHING);

  const stranger = await newOperator(project);
  const { readFile } = await import('node:fs/promises');
  await project.cloud.keyPairs.make('demokey', (await readFile(`${stranger.home}/.ssh/id_ed25519.pub`, 'utf8')).trim());
  const taken = await operator.run('up', ...GOOD, '--public-key', '.ssh/id_ed25519.pub');
  expect(taken).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/There is a key pair demokey already, of another key: name another with --key/),
  });
  await operator.run('down', '-y');
  expect(await inventoryOf(project)).toEqual({ ...NOTHING, keyPairs: ['demokey'] });
});
