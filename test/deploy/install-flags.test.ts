import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needProgram } from '../support/servers/private-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const INSTALL = join(ROOT, 'deploy/install.sh');
const UNINSTALL = join(ROOT, 'deploy/uninstall.sh');
const IMAGE = join(ROOT, 'deploy/image/faafo-image');
const FIRST_BOOT = join(ROOT, 'deploy/heat/boot.sh');

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script to its end, as nobody in particular: one that would go on to change the machine stops there. */
function run(script: string, ...words: string[]): Promise<Ran> {
  const args = ['--reuid=65534', '--regid=65534', '--clear-groups', '--', 'bash', script, ...words];
  return new Promise((resolve) => {
    execFile('setpriv', args, { cwd: '/', env: { PATH: process.env.PATH } }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const TOKEN = 'faafo_aaaaaaaa_0123456789012345678901234567890123456789012abcdef';
const AMQP = 'amqp://faafo:secret@10.0.0.1:5672/';
const faafo = ['-i', 'faafo'];

/** What is said, and the line that answers it. */
const REFUSED: readonly (readonly [string[], RegExp])[] = [
  [[], /^nothing to do: say what to install \(-i\)/],
  [['-x'], /^there is no flag -x\./],
  [['-i'], /^-i needs a value\./],
  [['-i', ''], /^-i needs a value\./],
  [['-i', 'rabbit'], /^-i knows messaging, database, faafo, balancer, not 'rabbit'\./],
  [['-i', 'faafo,,messaging'], /^-i knows .*, not ''\./],
  [['-i', 'messaging database'], /^-i knows .*, not 'messaging database'\./],
  [['-r', 'master'], /^-r knows api, worker, demo, not 'master'\./],
  [['-r', 'api'], /^-r needs the program: -i faafo\./],
  [[...faafo, '-k', 'faafo'], /^-k: 'faafo' in npm's registry is somebody else's; ours is @faafo\/faafo\./],
  [['-b', ...faafo, '-k', 'faafo@1.0.3'], /^-k: 'faafo@1\.0\.3' in npm's registry is somebody else's/],
  [[...faafo, 'api'], /^'api' belongs to no flag\./],
  [[...faafo, '-e', 'localhost'], /^-e takes http:\/\/HOST\[:PORT\]\/ or https:\/\/…, not 'localhost'\./],
  [[...faafo, '-e', 'http://'], /^-e takes/],
  [[...faafo, '-m', 'http://10.0.0.1/'], /^-m takes amqp:\/\/USER:PASSWORD@HOST:5672\/, not 'http/],
  [[...faafo, '-m', 'amqp://guest:guest@10.0.0.1:5672/'], /^-m: guest is everybody's user/],
  [[...faafo, '-m', 'amqp://10.0.0.1:5672/'], /^-m: guest is everybody's user/],
  [['-i', 'messaging', '-m', 'amqps://faafo:secret@10.0.0.1/'], /^-m: -i messaging sets up no TLS/],
  [['-i', 'messaging', '-m', 'amqp://faafo@10.0.0.1/'], /^-m: -i messaging makes a user and a virtual host/],
  [['-i', 'messaging', '-m', 'amqp://a%20b:secret@10.0.0.1/'], /^-m: -i messaging makes a user/],
  [['-i', 'messaging', '-w', 'amqp://guest:guest@10.0.0.1/'], /^-w: guest is everybody's user/],
  [[...faafo, '-m', '@/nowhere/at/all'], /^-m: the file \/nowhere\/at\/all cannot be read\./],
  [[...faafo, '-d', 'oracle://db/faafo'], /^-d takes mysql:\/\/USER/],
  [
    [...faafo, '-d', 'mysql://faafo:secret@10.0.0.1:3306/'],
    /^-d takes mysql:\/\/.*, not 'mysql:\/\/faafo:\*\*\*@10\.0\.0\.1:3306\/'\./,
  ],
  [['-i', 'database', '-d', 'postgresql://faafo:secret@10.0.0.1/faafo'], /^-d: -i database installs MariaDB/],
  [['-i', 'database', '-d', 'mysql://faafo:secret@10.0.0.1/fa;afo'], /^-d: -i database makes a user and a database/],
  [[...faafo, '-r', 'worker', '-m', AMQP], /^-r worker on a host without an API needs to know where that is: -e URL\./],
  [[...faafo, '-r', 'worker', '-m', AMQP, '-e', 'http://10.0.0.1'], /^-r worker for an API on another host needs -t TOKEN/],
  [[...faafo, '-r', 'worker', '-e', 'http://10.0.0.1', '-t', TOKEN], /^-r worker needs a messaging service/],
  [[...faafo, '-r', 'worker', '-m', AMQP, '-e', 'http://10.0.0.1', '-t', 'a b'], /^-t and -A take a token/],
  [[...faafo, '-r', 'demo'], /^-r demo on a host without an API needs -e URL and -t TOKEN of a creator\./],
  [['-i', 'balancer'], /^-i balancer needs the APIs to lead to: -a http/],
  [['-i', 'balancer', '-a', 'https://10.0.0.1'], /^-a takes http:\/\/HOST\[:PORT\], not 'https/],
  [['-i', 'balancer,faafo', '-r', 'api', '-a', 'http://10.0.0.1'], /^balancer and api both listen on port 80/],
  [[...faafo, '-o', 'bind_port'], /^-o takes NAME=VALUE, not 'bind_port'\./],
  [[...faafo, '-o', 'bind-port=80'], /^-o takes NAME=VALUE, not 'bind-port'\./],
  [[...faafo, '-o', 'token=secret'], /^-o does not take token/],
  [[...faafo, '-b', '-r', 'api'], /^-b only fetches: it takes -i and -k\./],
  [[...faafo, '-b', '-m', AMQP], /^-b only fetches/],
];

describe('install.sh', () => {
  it.each(REFUSED)('refuses %j with one line and status 2', async (words, line) => {
    const { status, stdout, stderr } = await run(INSTALL, ...words);
    expect([status, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1]);
    expect(stderr).toMatch(/^faafo: .* install\.sh -h says more\.\n$/);
    expect(stderr.slice('faafo: '.length)).toMatch(line);
    expect(stderr).not.toContain('secret@');
  });

  it('takes flags again, or several words behind one, and wants root then', async () => {
    for (const words of [
      ['-i', 'faafo,messaging', '-r', 'api,worker', '-r', 'demo'],
      ['-i', 'faafo', '-i', 'messaging', '-r', 'api'],
      [...faafo, '-r', 'worker', '-m', AMQP, '-e', 'http://10.0.0.1', '-t', TOKEN],
      ['-i', 'database', '-d', 'mysql+pymysql://faafo:password@10.0.0.1:3306/faafo'],
      ['-i', 'messaging', '-m', 'amqp://faafo:a%2Fb@localhost:5672/', '-w', 'amqp://worker:x@localhost/'],
      ['-i', 'balancer', '-a', 'http://10.0.0.1,http://api-2:8080', '-o', 'OS_CLOUD=mine'],
      ['-b', '-i', 'messaging,database,faafo,balancer', '-k', '@faafo/faafo@1.2.3'],
    ]) {
      const { status, stderr } = await run(INSTALL, ...words);
      expect([words, status, stderr]).toEqual([words, 1, 'faafo: this installs for the whole machine: run it as root.\n']);
    }
    expect(existsSync('/etc/faafo')).toBe(false);
  });

  it('reads values from files, so that no list of processes shows them', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'url');
    await writeFile(file, 'amqp://guest:guest@10.0.0.1/\n');
    await chmod(folder.path, 0o755);
    expect((await run(INSTALL, ...faafo, '-m', `@${file}`)).stderr).toMatch(/^faafo: -m: guest is everybody's user/);
  });

  it('says with -h what it knows', async () => {
    const { status, stdout } = await run(INSTALL, '-h');
    expect(status).toBe(0);
    const text = await readFile(INSTALL, 'utf8');
    const flags = /getopts ':([a-zA-Z:]+)'/.exec(text)![1]!.replaceAll(':', '');
    expect(flags.length).toBeGreaterThan(10);
    for (const flag of flags) expect(stdout).toMatch(new RegExp(`^  -${flag} `, 'm'));
  });

  it('brings the Node that the project is tested with', async () => {
    const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(await readFile(INSTALL, 'utf8')).toContain(`\nNODE_VERSION=${devDependencies.node}\n`);
  });
});

describe('uninstall.sh', () => {
  it('refuses what it does not know, and wants root', async () => {
    expect(await run(UNINSTALL, '--all')).toEqual({
      status: 2,
      stdout: '',
      stderr: "faafo: there is no flag '--all'. uninstall.sh -h says more.\n",
    });
    expect(await run(UNINSTALL, '-y')).toEqual({ status: 1, stdout: '', stderr: 'faafo: run this as root.\n' });
    expect((await run(UNINSTALL, '-h')).stdout).toContain('--purge');
  });
});

describe('faafo-image', () => {
  it.each([
    [[], 'say into which FILE.'],
    [['-z', 'a.qcow2'], 'there is no flag -z.'],
    [['-k'], '-k needs a value.'],
    [['-s', '4', 'a.qcow2'], "-s takes a size such as 4G or 3000M, not '4'."],
    [['-i', 'rabbit', 'a.qcow2'], "-i knows messaging, database, faafo and balancer, not 'rabbit'."],
    [['-k', '/nowhere/faafo.tgz', 'a.qcow2'], '-k: there is no package /nowhere/faafo.tgz.'],
    [['-c', 'a.tar'], '-c and -d are about disks, and a .tar is none.'],
    [['-d', 'a.tar'], '-c and -d are about disks, and a .tar is none.'],
    [['/proc/nowhere/a.qcow2'], 'there is no folder /proc/nowhere.'],
  ])('refuses %j with one line and status 2', async (words, line) => {
    const stderr = `faafo-image: ${line} faafo-image -h says more.\n`;
    expect(await run(IMAGE, ...words)).toEqual({ status: 2, stdout: '', stderr });
  });

  it('wants root, and says with -h what it knows', async () => {
    expect(await run(IMAGE, 'a.qcow2')).toMatchObject({ status: 1, stderr: expect.stringMatching(/run it as root\.\n$/) });
    const { status, stdout } = await run(IMAGE, '-h');
    expect(status).toBe(0);
    const flags = /getopts ':([a-z:]+)'/.exec(await readFile(IMAGE, 'utf8'))![1]!.replaceAll(':', '');
    for (const flag of flags) expect(stdout).toMatch(new RegExp(`^  -${flag} `, 'm'));
  });
});

describe('the scripts', () => {
  it('are such that ShellCheck has nothing to say', async () => {
    const shellcheck = needProgram('/usr/bin/shellcheck', 'shellcheck');
    const check = (...words: string[]): Promise<Ran> =>
      new Promise((resolve) => {
        execFile(shellcheck, words, (error, stdout, stderr) =>
          resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
        );
      });
    expect(await check(INSTALL, UNINSTALL, IMAGE, FIRST_BOOT)).toEqual({ status: 0, stdout: '', stderr: '' });
    await using folder = await temporaryFolder();
    const wrong = join(folder.path, 'wrong.sh');
    await writeFile(wrong, '#!/bin/bash\nrm $1\n');
    expect((await check(wrong)).status).toBe(1);
  });
});
