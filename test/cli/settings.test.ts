import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadClientSettings, loadSettings } from '../../src/cli/settings.ts';
import { folderPath, folderUrl, maskUrl, sqlitePath, sqliteUrl } from '../../src/cli/urls.ts';

let folder: string;
/** No configuration file of the tester's is found with it. */
let env: Record<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faafo-settings-'));
  env = { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') };
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeFile(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('settings', () => {
  it('have defaults that need nothing prepared', () => {
    const settings = loadSettings({}, { ...env, FAAFO_CONFIG_FILE: '/dev/null', FAAFO_DATA_DIR: '/srv/faafo' });
    expect(settings).toMatchObject({
      listen_address: '127.0.0.1',
      bind_port: 8080,
      endpoint_url: 'http://127.0.0.1:8080',
      transport_url: 'embedded:',
      database_url: 'sqlite:////srv/faafo/faafo.db',
      storage_url: 'file:///srv/faafo/images',
      max_side: 65_535,
      log_level: 'info',
    });
    expect(settings.threads).toBeGreaterThan(0);
  });

  it('come from a flag, else the environment, else the file, else the default', () => {
    const file = writeFile('all.conf', 'bind_port = 1003\nthreads = 3\nlog_level = warn\n');
    const settings = loadSettings(
      { bind_port: '1001', config_file: file },
      { ...env, FAAFO_BIND_PORT: '1002', FAAFO_THREADS: '2', FAAFO_LOG_LEVEL: '' },
    );
    expect(settings).toMatchObject({ bind_port: 1001, threads: 2, log_level: 'warn', max_side: 65_535 });
  });

  it('are found in the home folder, and may stand in [DEFAULT]', () => {
    writeFile('config/faafo/faafo.conf', '; ours\n[DEFAULT]\nbind_port=1004\n');
    expect(loadSettings({}, env).bind_port).toBe(1004);
    const named = writeFile('named.conf', 'bind_port=1005\n');
    expect(loadSettings({}, { ...env, FAAFO_CONFIG_FILE: named }).bind_port).toBe(1005);
  });

  it('name queues and databases as in the documented examples', () => {
    const transports = ['amqp://guest:guest@localhost:5672/', 'amqp://guest:guest@localhost:5672//', 'amqps://u:p@h'];
    for (const text of transports) expect(loadSettings({ transport_url: text }, env).transport_url).toBe(text);
    const databases = [
      'postgresql://u:p@h/d',
      'postgresql+psycopg2://u@h:5/d',
      'mysql://u:p%40@h/d',
      'mysql+pymysql://u:p@h:3306/d?charset=utf8',
    ];
    for (const text of databases) expect(loadSettings({ database_url: text }, env).database_url).toBe(text);
  });

  it('keep everything for ever unless told how long and how much', () => {
    expect(loadSettings({}, env)).toMatchObject({ keep_days: 0, keep_bytes: 0 });
    const told = loadSettings({ keep_days: '0.5' }, { ...env, FAAFO_KEEP_BYTES: '500 GiB' });
    expect(told).toMatchObject({ keep_days: 0.5, keep_bytes: 500 * 2 ** 30 });
    expect(loadSettings({ keep_bytes: '1000' }, env).keep_bytes).toBe(1000);
  });

  it('take a relative data folder from the working directory', () => {
    expect(loadSettings({ data_dir: 'here' }, env).data_dir).toBe(join(process.cwd(), 'here'));
  });

  it('let a client and a server share one file', () => {
    const file = writeFile('shared.conf', 'endpoint_url = http://api/faafo/\ntransport_url = amqp://later\n');
    expect(loadClientSettings({ config_file: file }, env)).toEqual({
      endpoint_url: 'http://api/faafo',
      ca_file: '',
      token_file: '',
      token: '',
    });
  });

  const refusals: [string, Record<string, string>, Record<string, string>, RegExp][] = [
    ['a port beyond 65535', { bind_port: '65536' }, {}, /^--bind-port: must be a whole number from 0 to 65535, not '65536'\.$/],
    ['a port that is no number', {}, { FAAFO_BIND_PORT: '80a' }, /^FAAFO_BIND_PORT: .* not '80a'\.$/],
    ['a variable with a slip', {}, { FAAFO_BIND_PROT: '1' }, /FAAFO_BIND_PROT is unknown: did you mean FAAFO_BIND_PORT\?/],
    ['an unknown variable', {}, { FAAFO_COLOUR: '1' }, /FAAFO_COLOUR is unknown; known ones are .*FAAFO_LISTEN_ADDRESS/],
    ['a side above the hard limit', { max_side: '65536' }, {}, /1 to 65535/],
    [
      'a queue that is none',
      {},
      { FAAFO_TRANSPORT_URL: 'kafka://u:hush@h/' },
      /^FAAFO_TRANSPORT_URL: kafka:\/\/u:\*\*\*@h\/: .* write amqp:\/\/user/,
    ],
    [
      'a database that is none',
      { database_url: 'mongodb://faafo:hush@h/d' },
      {},
      /^--database-url: mongodb:\/\/faafo:\*\*\*@h\/d names no database: write sqlite:/,
    ],
    ['a database without a name', { database_url: 'postgresql://faafo:hush@h' }, {}, /names no database/],
    ['a store of no kind', { storage_url: 'ftp://fractals' }, {}, /names no store: write file:/],
    ['Swift without a container', { storage_url: 'swift://' }, {}, /names no store: write swift:\/\/CONTAINER/],
    ['Swift with a password', { storage_url: 'swift://me:secret@fractals' }, {}, /me:\*\*\*@fractals names no store/],
    ['Swift with a container that is two', { storage_url: 'swift://a%2Fb' }, {}, /a name without \//],
    ['a parameter that Swift has not', { storage_url: 'swift://a?endpoint=http://b' }, {}, /endpoint is none of cloud/],
    ['S3 with a bucket that is none', { storage_url: 's3://ab?endpoint=http://h' }, {}, /3 to 63 letters/],
    ['S3 with a key in its endpoint', { storage_url: 's3://abc?endpoint=http://k:s@h' }, {}, /without credentials/],
    ['S3 with an endpoint that is none', { storage_url: 's3://abc?endpoint=h:9000' }, {}, /must be an http/],
    ['an endpoint without a scheme', { endpoint_url: 'localhost:80' }, {}, /must be an http:\/\/ or https:\/\/ URL/],
    ['a share of a byte', { keep_bytes: '1.5 GiB' }, {}, /^--keep-bytes: must be a number of bytes such as 500 GiB/],
    ['an age that is none', { keep_days: '-1' }, {}, /^--keep-days: must be a number of days/],
    ['an unknown log level', { log_level: 'loud' }, {}, /must be one of trace, debug/],
    ['a missing file', { config_file: '/nonexistent.conf' }, {}, /nonexistent\.conf does not exist/],
  ];
  for (const [what, flags, variables, message] of refusals) {
    it(`refuse ${what}`, () => {
      const load = () => loadSettings(flags, { ...env, ...variables });
      expect(load).toThrow(message);
      expect(load).not.toThrow(/hush/);
    });
  }

  it('refuse unknown keys and sections of the file, naming it', () => {
    const key = writeFile('key.conf', 'bind_prot = 1\n');
    expect(() => loadSettings({ config_file: key }, env)).toThrow(
      `${key}: the setting 'bind_prot' is unknown: did you mean bind_port?`,
    );
    const section = writeFile('section.conf', '[database]\nconnection = x\n');
    expect(() => loadSettings({ config_file: section }, env)).toThrow(`${section}: there is no section [database]`);
  });
});

describe('URLs', () => {
  it('bring every path back', () => {
    const path = fc.string({ minLength: 1, unit: 'grapheme' }).map((name) => join('/', name.replaceAll('\0', '')));
    fc.assert(
      fc.property(path, (each) => {
        fc.pre(each !== '/' && !each.endsWith('/'));
        expect(sqlitePath(sqliteUrl(each))).toBe(each);
        expect(folderPath(folderUrl(each))).toBe(each);
      }),
    );
  });

  it('are read as SQLAlchemy writes them', () => {
    expect(sqlitePath('sqlite:////tmp/sqlite.db')).toBe('/tmp/sqlite.db');
    expect(sqlitePath('sqlite:///faafo.db')).toBe(join(process.cwd(), 'faafo.db'));
  });

  it('never show a password, whatever is in it', () => {
    const password = fc.string({ minLength: 3 }).map((text) => `hush${text.replace(/[/?#]/g, '')}hush`);
    fc.assert(
      fc.property(password, (secret) => {
        const masked = maskUrl(`amqp://guest:${secret}@localhost:5672/`);
        expect(masked).toBe('amqp://guest:***@localhost:5672/');
      }),
    );
    expect(maskUrl('not a url')).toBe('not a url');
    expect(maskUrl('http://h/?token=hush&a=1')).toBe('http://h/?token=***&a=1');
  });
});
