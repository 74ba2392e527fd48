import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mysqlTls, postgresTls } from '../../src/repository/database-tls.ts';
import { openSharedRepository } from '../../src/repository/open.ts';
import { type Authority, makeAuthority } from '../support/certificates.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { PrivateDatabase } from '../support/servers/private-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const stack = new AsyncDisposableStack();
let folder: string;
let authority: Authority;
let stranger: Authority;
beforeAll(async () => {
  folder = stack.use(await temporaryFolder()).path;
  [authority, stranger] = [await makeAuthority(folder), await makeAuthority(folder, 'stranger')];
});
afterAll(() => stack.disposeAsync());

/** Opens, looks, and closes. @param ask while it is open */
async function visit(url: string, ask?: () => Promise<void>): Promise<void> {
  await using repository = await openSharedRepository(url, { name: 'of the test', onWait: () => undefined });
  await repository.ping();
  await ask?.();
}

describe('PostgreSQL over TLS', () => {
  let server: PrivateDatabase;
  let clear: PrivateDatabase;
  beforeAll(async () => {
    const tls = await authority.issue('postgres', 'IP:127.0.0.1');
    [server, clear] = await Promise.all([startPostgres({ tls }), startPostgres()]);
    stack.use(server);
    stack.use(clear);
  });

  /** Connections of ours, by whether they are encrypted. */
  async function encrypted(): Promise<unknown> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query(
      "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'faafo'",
    );
    await client.end();
    return rows;
  }

  it.each([
    ['verify-full', true],
    ['verify-ca', true],
    ['require', false],
  ])('sslmode=%s encrypts every connection', async (mode, verifies) => {
    const root = verifies ? `&sslrootcert=${authority.ca}` : '';
    await visit(`${server.url}?sslmode=${mode}${root}`, async () => expect(await encrypted()).toEqual([{ ssl: true }]));
  });

  it('by another name than that of the certificate is for verify-ca, and not for verify-full', async () => {
    const named = server.url.replace('127.0.0.1', 'localhost');
    await visit(`${named}?sslmode=verify-ca&sslrootcert=${authority.ca}`);
    const full = visit(`${named}?sslmode=verify-full&sslrootcert=${authority.ca}`);
    await expect(full).rejects.toThrow(/its certificate is for another host \(.*localhost.*\)\.$/);
  });

  it('with a certificate of nobody that is known is refused at once', async () => {
    for (const url of [
      `${server.url}?sslmode=verify-full`,
      `${server.url}?sslmode=verify-ca&sslrootcert=${stranger.ca}`,
      `${server.url}?sslrootcert=${stranger.ca}`,
    ]) {
      await expect(visit(url)).rejects.toThrow(
        /its certificate cannot be trusted \(.*\): name the file of its authority, with sslrootcert=/,
      );
    }
  });

  it('is never given up for a connection in clear', async () => {
    for (const mode of ['require', 'verify-full']) {
      await expect(visit(`${clear.url}?sslmode=${mode}`)).rejects.toThrow(/it offers no TLS, and database_url asks for it/);
    }
    for (const mode of ['prefer', 'allow']) {
      await expect(visit(`${server.url}?sslmode=${mode}`)).rejects.toThrow(
        /goes on in clear when the server offers no TLS: write one of/,
      );
    }
    await visit(`${clear.url}?sslmode=disable`);
  });
});

describe('MariaDB over TLS', () => {
  let server: PrivateDatabase;
  let clear: PrivateDatabase;
  beforeAll(async () => {
    const tls = await authority.issue('mariadb', 'IP:127.0.0.1');
    [server, clear] = await Promise.all([startMariadb({ tls }), startMariadb()]);
    stack.use(server);
    stack.use(clear);
  });

  /** How many connections were encrypted since the start. */
  async function encrypted(): Promise<number> {
    const connection = await createConnection({ uri: server.url });
    const [rows] = await connection.query("show global status like 'Ssl_finished_accepts'");
    await connection.end();
    return Number((rows as { Value: string }[])[0]!.Value);
  }

  it.each([
    ['ssl-ca', (ca: string) => `ssl-ca=${ca}`],
    [
      'ssl_ca and ssl_verify_identity',
      (ca: string) => `ssl_ca=${ca}&ssl_verify_cert=true&ssl_verify_identity=true&charset=utf8mb4`,
    ],
    ['ssl-mode=VERIFY_IDENTITY', (ca: string) => `ssl-mode=VERIFY_IDENTITY&ssl-ca=${ca}`],
    ['ssl-mode=REQUIRED', () => 'ssl-mode=REQUIRED'],
    ['ssl-verify-server-cert=false', () => 'ssl-verify-server-cert=false'],
  ])('%s encrypts', async (_title, options) => {
    const before = await encrypted();
    await visit(`${server.url}?${options(authority.ca)}`);
    expect(await encrypted()).toBeGreaterThan(before);
    const without = await encrypted();
    await visit(server.url);
    expect(await encrypted()).toBe(without);
  });

  it('by another name than that of the certificate is refused, unless that is wished', async () => {
    const named = `${server.url.replace('127.0.0.1', 'localhost')}?ssl-ca=${authority.ca}`;
    await expect(visit(named)).rejects.toThrow(/its certificate is for another host \(.*localhost.*\)\.$/);
    await visit(`${named}&ssl_check_hostname=false`);
    await visit(`${named}&ssl-mode=VERIFY_CA`);
  });

  it('with a certificate of nobody that is known is refused at once', async () => {
    for (const options of [`ssl-ca=${stranger.ca}`, 'ssl-verify-identity=true', 'ssl-mode=VERIFY_CA']) {
      await expect(visit(`${server.url}?${options}`)).rejects.toThrow(
        /its certificate cannot be trusted \(.*\): name the file of its authority/,
      );
    }
  });

  it('is never given up for a connection in clear', async () => {
    for (const options of [`ssl-ca=${authority.ca}`, 'ssl-mode=REQUIRED']) {
      await expect(visit(`${clear.url}?${options}`)).rejects.toThrow(/it offers no TLS, and database_url asks for it/);
    }
    await expect(visit(`${server.url}?ssl-mode=PREFERRED`)).rejects.toThrow(/goes on in clear/);
    await visit(`${clear.url}?ssl-mode=DISABLED`);
  });
});

describe('options for TLS in a URL', () => {
  const nobody = { verifies: false, verifiesHost: false };
  const all = { verifies: true, verifiesHost: true };
  it.each([
    ['', null],
    ['?application_name=x', null],
    ['?sslmode=disable', null],
    ['?sslmode=require', nobody],
    ['?sslmode=verify-full', all],
  ])('of PostgreSQL: %s', (words, tls) => {
    expect(postgresTls(`postgresql://u:p%40@h/d${words}`).tls).toEqual(tls);
  });

  it.each([
    ['', null],
    ['?charset=utf8', null],
    ['?ssl-mode=DISABLED', null],
    ['?ssl-mode=REQUIRED', nobody],
    ['?ssl_verify_cert=true', all],
    ['?ssl-verify-server-cert', all],
    ['?ssl_verify_cert=false', nobody],
    ['?ssl_verify_identity=false', { verifies: true, verifiesHost: false }],
    ['?ssl-mode=VERIFY_CA', { verifies: true, verifiesHost: false }],
  ])('of MySQL: %s', (words, tls) => {
    expect(mysqlTls(`mysql://u:p%40@h/d${words}`).tls).toEqual(tls);
  });

  it('leave the rest as it was, for the driver', () => {
    const plain = 'postgresql://u:p%40@h/d?options=-c%20work_mem%3D4MB';
    expect(postgresTls(plain).url).toBe(plain);
    expect(postgresTls('postgresql://u:p%40@h:5/d?sslmode=require&application_name=x').url).toBe(
      'postgresql://u:p%40@h:5/d?application_name=x',
    );
  });

  it('that are misspelt, or cannot be, are refused', () => {
    const refused: [() => unknown, RegExp][] = [
      [
        () => postgresTls('postgresql://u:hush@h/d?sslmode=verify'),
        /sslmode of database_url must be one of disable, require, verify-ca, verify-full, not verify/,
      ],
      [
        () => postgresTls('postgresql://u:hush@h/d?sslmod=verify-full'),
        /option sslmod of database_url is not known|The option sslmod/,
      ],
      [
        () => postgresTls('postgresql://u:hush@h/d?sslrootcert=/nowhere.pem'),
        /sslrootcert of database_url: \/nowhere\.pem cannot be read \(ENOENT\)/,
      ],
      [
        () => postgresTls(`postgresql://u:hush@h/d?sslcert=${authority.ca}`),
        /sslcert and sslkey of database_url belong together/,
      ],
      [() => mysqlTls('mysql://u:hush@h/d?ssl-verify-identity=maybe'), /must be true or false, not maybe/],
      [() => mysqlTls('mysql://u:hush@h/d?ssl_cca=/x'), /The option ssl_cca of database_url is not known here/],
      [() => mysqlTls('mysql://u:hush@h/d?ssl-ca=/etc/hostname'), /holds nothing as PEM/],
    ];
    for (const [parse, sentence] of refused) {
      expect(parse).toThrow(sentence);
      expect(parse).not.toThrow(/hush/);
    }
  });
});
