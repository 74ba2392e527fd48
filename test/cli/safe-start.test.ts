import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { looseFolder } from '../../src/cli/loose-folder.ts';
import { type Exposed, exposure, objectionsTo } from '../../src/cli/safe-start.ts';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { order } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';

/** Not under the folder for temporary files: everybody may write there, and that is one of the objections. */
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(homedir(), '.faafo-test-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const folder = (name: string, mode = 0o700): string => {
  const path = join(home, name);
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
};

const SAFE: Exposed = {
  listen_address: '0.0.0.0',
  worker_listen_address: '',
  trusted_proxies: [],
  transport_url: 'embedded:',
  data_dir: '/var/lib/faafo',
  database_url: 'sqlite:////var/lib/faafo/faafo.db',
  storage_url: 'file:///var/lib/faafo/images',
  tls_cert: '',
};
const nowhere = { tokensExist: true, loose: () => null };
const inTmp = { tokensExist: true, loose: (path: string) => (path.startsWith('/tmp/') ? '/tmp' : null) };

describe('who can reach the service', () => {
  it.each([
    [{ listen_address: '127.0.0.1' }, null],
    [{ listen_address: 'localhost' }, null],
    [{ listen_address: '::1' }, null],
    [{ listen_address: '0.0.0.0' }, 'address 0.0.0.0'],
    [{ listen_address: '::' }, 'address ::'],
    [{ listen_address: '127.evil.example' }, 'address 127.evil.example'],
    [{ listen_address: '127.0.0.1', trusted_proxies: ['127.0.0.1'] }, 'proxy 127.0.0.1'],
    [
      { listen_address: '127.0.0.1', worker_listen_address: '10.0.0.1', transport_url: 'amqp://u:p@h' },
      "workers' address 10.0.0.1",
    ],
    [{ listen_address: '127.0.0.1', worker_listen_address: '127.0.0.1', transport_url: 'amqp://u:p@h' }, null],
    // Nobody listens there while the service draws itself.
    [{ listen_address: '127.0.0.1', worker_listen_address: '10.0.0.1' }, null],
  ])('%o: %s', (change, way) => {
    expect(exposure({ ...SAFE, ...change })).toBe(way);
  });
});

describe('what speaks against being reached by others', () => {
  it('is nothing when all is as it should be', () => {
    expect(objectionsTo(SAFE, nowhere)).toEqual([]);
    expect(
      objectionsTo(
        { ...SAFE, transport_url: 'amqps://faafo:s@h/', database_url: 'postgresql://f:s@h/d', storage_url: 'database:' },
        nowhere,
      ),
    ).toEqual([]);
  });

  const cases: readonly [string, Partial<Exposed>, Parameters<typeof objectionsTo>[1], RegExp][] = [
    [
      'no token',
      {},
      { ...nowhere, tokensExist: false },
      /Others can reach the address 0\.0\.0\.0, .*: faafo token create admin --role admin --data-dir \/var\/lib\/faafo$/,
    ],
    [
      'no token in a database that is shared',
      { database_url: 'postgresql://faafo:hush@db/faafo' },
      { ...nowhere, tokensExist: false },
      /faafo token create admin --role admin --database-url 'postgresql:\/\/faafo:\*\*\*@db\/faafo'$/,
    ],
    [
      'guest',
      { transport_url: 'amqp://guest:guest@mq:5672/' },
      nowhere,
      /user is guest, .*: rabbitmqctl add_user faafo SECRET && rabbitmqctl set_permissions faafo '\.\*' '\.\*' '\.\*', then --transport-url amqp:\/\/faafo:SECRET@mq:5672\//,
    ],
    ['guest, unsaid', { transport_url: 'amqps://[::1]' }, nowhere, /amqps:\/\/faafo:SECRET@\[::1\]:5671\/$/],
    ['guest with another password', { transport_url: 'amqp://guest:other@mq/' }, nowhere, /user is guest/],
    [
      'a database in a temporary folder',
      { database_url: 'sqlite:////tmp/sqlite.db' },
      inTmp,
      /database would be at \/tmp\/sqlite\.db, under \/tmp, where every user .*: mkdir -m 700 \/var\/lib\/faafo, then --database-url sqlite:/,
    ],
    [
      'images in a temporary folder',
      { storage_url: 'file:///tmp/images' },
      inTmp,
      /images would be at \/tmp\/images, under \/tmp, .*--storage-url file:/,
    ],
  ];
  it.each(cases)('%s: a sentence that says what to do', (_title, change, options, sentence) => {
    const objections = objectionsTo({ ...SAFE, ...change }, options);
    expect(objections).toEqual([expect.stringMatching(sentence)]);
    expect(objections.join()).not.toContain('hush');
    // The documented defaults stay usable where nobody else comes.
    expect(objectionsTo({ ...SAFE, ...change, listen_address: '127.0.0.1' }, options)).toEqual([]);
  });

  it('is told all at once, also behind a proxy', () => {
    const bad = {
      transport_url: 'amqp://guest:guest@localhost:5672/',
      database_url: 'sqlite:////tmp/a.db',
      storage_url: 'file:///tmp/i',
    };
    const settings = { ...SAFE, ...bad, listen_address: '127.0.0.1', trusted_proxies: ['10.0.0.1'] };
    expect(objectionsTo(settings, { ...inTmp, tokensExist: false })).toHaveLength(4);
  });
});

describe('a folder in which everybody may write', () => {
  it('is found anywhere above, sticky or not, and wherever links lead', () => {
    const fine = folder('fine');
    expect(looseFolder(join(fine, 'not/yet/there.db'))).toBeNull();
    const [loose, sticky] = [folder('loose', 0o777), folder('sticky', 0o1777)];
    mkdirSync(join(loose, 'mine'), { mode: 0o700 });
    expect(looseFolder(join(loose, 'mine', 'faafo.db'))).toBe(loose);
    expect(looseFolder(join(sticky, 'not/yet.db'))).toBe(sticky);
    symlinkSync(join(loose, 'mine'), join(fine, 'link'));
    expect(looseFolder(join(fine, 'link', 'faafo.db'))).toBe(loose);
    symlinkSync(fine, join(loose, 'back'));
    expect(looseFolder(join(loose, 'back', 'faafo.db'))).toBe(loose);
    expect(looseFolder('/tmp/faafo.db')).toBe('/tmp');
  });

  it('may be one for a group; a file for everybody may not', () => {
    const group = folder('group', 0o770);
    const file = join(group, 'faafo.db');
    writeFileSync(file, '');
    expect(looseFolder(file)).toBeNull();
    chmodSync(file, 0o666);
    expect(looseFolder(file)).toBe(file);
  });
});

describe('faafo-api', () => {
  const start = (dataDir: string, flags: string[], env = {}): Promise<RunningApi> => startApi({ dataDir, flags, env });

  it('refuses to be reached without a token, says all that is wrong, and leaves nothing behind', async () => {
    const dataDir = join(folder('open', 0o777), 'data');
    const started = start(dataDir, ['--listen-address', '0.0.0.0']);
    await expect(started).rejects.toThrow(/ended \(1\) before it was ready:\n(faafo: .*\n){4}$/);
    const said = String(await started.catch((error) => error.message));
    expect(said).toContain(`faafo token create admin --role admin --data-dir ${dataDir}\n`);
    expect(said).toContain(`database would be at ${dataDir}/faafo.db, under ${join(home, 'open')}`);
    expect(said).toContain(`images would be at ${dataDir}/images`);
    expect(said).toMatch(/Not started, .* listen on 127\.0\.0\.1, or say --insecure/);
    expect(looseFolder(join(dataDir, 'faafo.db'))).toBe(join(home, 'open'));
    expect(() => chmodSync(dataDir, 0o700)).toThrow('ENOENT');
    await using proxied = await start(dataDir, []);
    expect(await proxied.stop()).toBe(0);
    // There is a database now; what it says about tokens is asked.
    await expect(start(dataDir, ['--trusted-proxies', '127.0.0.9'])).rejects.toThrow(/Others can reach the proxy 127\.0\.0\.9/);
  });

  it.each([
    ['the flag', ['--insecure'], {}],
    ['the variable', [], { FAAFO_INSECURE: 'true' }],
  ])('starts all the same with %s, open to everybody, and its log says what is unsafe', async (title, flags, env) => {
    await using api = await start(folder(title.replaceAll(' ', '-')), ['--listen-address', '0.0.0.0', ...flags], env);
    await order(api.url.replace('0.0.0.0', '127.0.0.1'));
    expect(api.log()).toMatch(/insecure: Others can reach the address 0\.0\.0\.0, and there is no token/);
    expect(api.log()).toMatch(/insecure: whoever reaches this service may do everything, until the first token is made/);
    expect(api.log()).toMatch(/travel in clear/);
    expect(await api.stop()).toBe(0);
  });

  it('starts once the command that it names was run, as it stands', async () => {
    const dataDir = join(home, 'first token');
    const refused = await start(dataDir, ['--listen-address', '0.0.0.0']).catch((error) => String(error.message));
    const [, words = ''] = /make the first one: faafo (.*)\n/.exec(String(refused)) ?? [];
    const split = [...words.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
    const made = await runFaafo('http://127.0.0.1:1', split);
    expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(/^faafo_\S+\n$/) });
    await using api = await start(dataDir, ['--listen-address', '0.0.0.0']);
    const url = api.url.replace('0.0.0.0', '127.0.0.1');
    const headers = { authorization: `Bearer ${made.stdout.trim()}` };
    expect((await fetch(`${url}/v1/fractal`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/v1/fractal`)).status).toBe(401);
    expect(await api.stop()).toBe(0);
  });

  it('starts without a word once there is a token, and then lets in who has one', async () => {
    const dataDir = folder('with-token');
    {
      await using repository = await openSqliteRepository(join(dataDir, 'faafo.db'));
      await repository.tokens.create({ id: 'abcdefgh', name: 'ann', role: 'admin', hash: '0'.repeat(64), expiresInMs: null });
    }
    await using api = await start(dataDir, ['--listen-address', '0.0.0.0']);
    const url = api.url.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${url}/v1/fractal`)).status).toBe(401);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(api.log()).not.toContain('insecure');
    // Said without need it changes nothing: a token was made, so access is closed.
    expect(await api.stop()).toBe(0);
    await using insecure = await start(dataDir, ['--listen-address', '0.0.0.0', '--insecure']);
    expect((await fetch(`${insecure.url.replace('0.0.0.0', '127.0.0.1')}/v1/fractal`)).status).toBe(401);
  });

  it('refuses a broker whose user is guest there, before it speaks to it', async () => {
    const dataDir = folder('guest');
    {
      await using repository = await openSqliteRepository(join(dataDir, 'faafo.db'));
      await repository.tokens.create({ id: 'abcdefgh', name: 'ann', role: 'admin', hash: '0'.repeat(64), expiresInMs: null });
    }
    const flags = ['--listen-address', '0.0.0.0', '--transport-url', 'amqp://guest:guest@127.0.0.1:1/'];
    await expect(start(dataDir, flags)).rejects.toThrow(
      /ended \(1\) before it was ready:\nfaafo: RabbitMQ's user is guest, whose password everybody knows; .*\nfaafo: Not started, .*\n$/,
    );
  });

  it('refuses words for --insecure that are neither yes nor no', async () => {
    await expect(start(home, [], { FAAFO_INSECURE: 'maybe' })).rejects.toThrow(
      /FAAFO_INSECURE: must be true or false, not 'maybe'/,
    );
  });
});
