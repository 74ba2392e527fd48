import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HostPlan, MOST_USER_DATA, userData } from '../../src/actions/cloud/user-data.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const INSTALL = resolve(import.meta.dirname, '../../deploy/install.sh');
const WORKER: HostPlan = {
  name: 'app-worker-1',
  install: ['faafo'],
  run: ['worker'],
  endpointUrl: 'http://10.0.0.1',
  transportUrl: 'amqp://faafo:se$cret`@10.0.0.1:5672/faafo',
  token: 'faafo_aaaaaaaa_secret',
  source: 'https://packages.example.org/faafo.tgz#sha256=00',
  settings: { log_level: 'debug', OS_PASSWORD: "it's; a #secret" },
};

/**
 * Runs a script of user data on this machine, with its folder elsewhere and with an install.sh that only writes down what it is told.
 * @param statuses with which that one ends, one time after the other
 */
async function play(host: HostPlan, statuses: readonly number[] = [0]) {
  await using folder = await temporaryFolder();
  const home = join(folder.path, 'host');
  await mkdir(home);
  const script = userData(host).replaceAll('/var/lib/faafo-install', home).replaceAll('sleep $rest', 'echo $rest >>rests');
  // The real one is unpacked first, then this one takes its place.
  const double = `printf '%s\\0' "$@" >"${home}/words"; echo x >>"${home}/calls"; exit $(sed -n "$(wc -l <"${home}/calls")p" "${home}/statuses")`;
  await writeFile(join(home, 'double'), double);
  await writeFile(join(home, 'statuses'), statuses.map((each) => `${each}\n`).join(''));
  const played = script.replace('for rest in', `cp install.sh real.sh; cp double install.sh\nfor rest in`);
  let status = 0;
  try {
    execFileSync('bash', ['-c', played], { stdio: 'pipe' });
  } catch (error) {
    status = (error as { status: number }).status;
  }
  const text = (name: string) => readFile(join(home, name), 'utf8').catch(() => '');
  const words = (await text('words')).split('\0').slice(0, -1);
  const said: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    // The name of a package begins with it, too.
    if (!word.startsWith('@') || words[index - 1] === '-k') continue;
    said[words[index - 1]!] = await readFile(word.slice(1), 'utf8');
    expect((await stat(word.slice(1))).mode & 0o077).toBe(0);
  }
  return { status, words, said, real: await text('real.sh'), rests: (await text('rests')).split('\n').filter(Boolean) };
}

describe('user data', () => {
  it('runs the install.sh of this release, with what is secret in files that root alone may read', async () => {
    const { words, said, real, status } = await play(WORKER);
    expect(status).toBe(0);
    expect(real).toBe(await readFile(INSTALL, 'utf8'));
    expect(words.filter((word) => !word.startsWith('@'))).toEqual([
      '-i',
      'faafo',
      '-r',
      'worker',
      '-e',
      'http://10.0.0.1',
      '-k',
      WORKER.source,
      '-m',
      '-t',
      '-o',
    ]);
    expect(said).toEqual({
      '-m': `${WORKER.transportUrl}\n`,
      '-t': `${WORKER.token}\n`,
      '-o': `log_level=debug\nOS_PASSWORD=it's; a #secret\n`,
    });
    expect(words.join(' ')).not.toContain('secret');
  });

  it('says everything that a plan says', async () => {
    const plan: HostPlan = {
      name: 'all',
      install: ['messaging', 'database', 'balancer'],
      run: [],
      transportUrl: 'amqp://a:b@c/d',
      workerTransportUrl: 'amqp://e:f@c/d',
      databaseUrl: 'mysql://a:b@c/d',
      storageUrl: 'database:',
      adminToken: 'faafo_x',
      source: '@faafo/faafo',
      balancerFor: ['http://10.0.0.1', 'http://10.0.0.2'],
    };
    const { words, said } = await play(plan);
    expect(words.join(' ')).toMatch(
      /^-i messaging -i database -i balancer -a http:\/\/10\.0\.0\.1 -a http:\/\/10\.0\.0\.2 -k @faafo\/faafo /,
    );
    expect(said).toEqual({
      '-m': 'amqp://a:b@c/d\n',
      '-w': 'amqp://e:f@c/d\n',
      '-d': 'mysql://a:b@c/d\n',
      '-s': 'database:\n',
      '-A': 'faafo_x\n',
    });
  });

  it('tries again after a step that failed, and not after a flag that is wrong', async () => {
    expect(await play(WORKER, [1, 1, 0])).toMatchObject({ status: 0, rests: ['10', '30'] });
    expect(await play(WORKER, [1, 1, 1, 1])).toMatchObject({ status: 1, rests: ['10', '30', '60'] });
    expect(await play(WORKER, [2])).toMatchObject({ status: 2, rests: [] });
  });

  it('brings every value through, whatever signs are in it', async () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\r\n\0]/.test(text));
    await fc.assert(
      fc.asyncProperty(value, value, async (password, source) => {
        const { said, words } = await play({ ...WORKER, transportUrl: password, source, settings: { A: password } });
        expect(said).toMatchObject({ '-m': `${password}\n`, '-o': `A=${password}\n` });
        expect(words[words.indexOf('-k') + 1]).toBe(source);
      }),
      { numRuns: 20 },
    );
  });

  it('is the same each time, and small enough for Nova', () => {
    expect(userData(WORKER)).toBe(userData(WORKER));
    expect(Buffer.from(userData(WORKER)).toString('base64').length).toBeLessThan(MOST_USER_DATA / 2);
    expect(() => userData({ ...WORKER, settings: { long: 'x'.repeat(50_000) } })).toThrow(
      /would be \d+ bytes long; a cloud takes 65535/,
    );
  });

  it('refuses a value with a line break, which would become another line of the script', () => {
    for (const wrong of [
      { token: 'a\nEND_OF_FILE\nreboot' },
      { source: 'a\nb' },
      { name: 'a\rb' },
      { settings: { a: 'b\nc' } },
    ]) {
      expect(() => userData({ ...WORKER, ...wrong })).toThrow(/may hold no line break/);
    }
  });
});
