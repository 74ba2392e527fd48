import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Fault } from '../domain/fault.ts';

/** TLS to a database, as its URL has it. */
export interface DatabaseTls {
  /** whether the certificate must be one of an authority that is trusted */
  readonly verifies: boolean;
  /** whether it must be for the host that the URL names, too */
  readonly verifiesHost: boolean;
  /** PEM; the usual authorities where it is missing */
  readonly ca?: string;
  /** PEM, for servers that want to know who comes */
  readonly cert?: string;
  readonly key?: string;
}

/** A URL without the options that were understood, which no driver shall understand otherwise; and TLS, or null for none. */
export interface TlsUrl {
  readonly url: string;
  readonly tls: DatabaseTls | null;
}

/**
 * Reads sslmode, sslrootcert, sslcert and sslkey as libpq has them. What would go on in clear by itself (allow, prefer) is refused.
 * Source: https://www.postgresql.org/docs/15/libpq-ssl.html
 * @throws {Fault} `invalid`
 */
export function postgresTls(text: string): TlsUrl {
  const options = new Options(text, /^(ssl|tls|uselibpqcompat)/i);
  const files = options.files('sslrootcert', 'sslcert', 'sslkey');
  const mode = options.word('sslmode', ['disable', 'require', 'verify-ca', 'verify-full'], ['allow', 'prefer']);
  const url = options.rest();
  if (mode === 'disable') return { url, tls: null };
  if (mode === undefined && files.ca === undefined && files.cert === undefined) return { url, tls: null };
  // With a file of authorities, libpq's require verifies as verify-ca does. A file alone is meant as it should be.
  const isFull = mode === undefined || mode === 'verify-full';
  return { url, tls: { ...files, verifies: isFull || mode === 'verify-ca' || files.ca !== undefined, verifiesHost: isFull } };
}

/**
 * Reads the options of MySQL's and MariaDB's own programs (ssl-ca, ssl-mode, ssl-verify-server-cert) and those of PyMySQL under SQLAlchemy (ssl_ca,
 * ssl_verify_cert, ssl_verify_identity, ssl_check_hostname). With TLS all is verified, unless it is said what is not.
 * Source: https://dev.mysql.com/doc/refman/8.0/en/connection-options.html, https://pymysql.readthedocs.io/en/latest/modules/connections.html
 * @throws {Fault} `invalid`
 */
export function mysqlTls(text: string): TlsUrl {
  const options = new Options(text, /^(ssl|tls)/i);
  const files = options.files('ssl-ca', 'ssl-cert', 'ssl-key');
  const mode = options.word('ssl-mode', ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'], ['PREFERRED']);
  const flags = ['ssl-verify-cert', 'ssl-verify-server-cert', 'ssl-verify-identity', 'ssl-check-hostname'] as const;
  const [cert, serverCert, identity, hostname] = flags.map((name) => options.flag(name));
  const url = options.rest();
  const said = [cert, serverCert, identity, hostname].filter((flag) => flag !== undefined);
  if (mode === 'DISABLED') return { url, tls: null };
  if (mode === undefined && said.length === 0 && files.ca === undefined && files.cert === undefined) return { url, tls: null };
  const verifies = mode === undefined ? (cert ?? serverCert) !== false : mode !== 'REQUIRED' || files.ca !== undefined;
  const verifiesHost = mode === undefined ? verifies && (identity ?? hostname) !== false : mode === 'VERIFY_IDENTITY';
  return { url, tls: { ...files, verifies, verifiesHost } };
}

/** For a driver: what tls.connect takes, beside whether the host is verified, which each driver does in its own way. */
export function connectOptions({ verifies, ca, cert, key }: DatabaseTls): ConnectionOptions {
  return { minVersion: 'TLSv1.2', rejectUnauthorized: verifies, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** Why there is no TLS to a database, with what to do; undefined where the trouble is another. Both drivers' words are OpenSSL's. */
export function explainTls(error: unknown): string | undefined {
  const { message = '', code = '' } = error as { message?: string; code?: string };
  if (/does not support (SSL|secure) connection/i.test(message))
    return 'it offers no TLS, and database_url asks for it: switch it on there (ssl = on)';
  if (/does not match certificate's altnames/i.test(message))
    return `its certificate is for another host (${message.replace(/^.*altnames: /, '')})`;
  if (/certificate has expired/i.test(message)) return 'its certificate has expired: renew it there';
  if (/certificate|unable to get .*issuer/i.test(message) && !/^\d/.test(code)) {
    return `its certificate cannot be trusted (${message}): name the file of its authority, with sslrootcert= or ssl-ca=`;
  }
  return undefined;
}

/** The options of one URL; names are understood with - and with _. */
class Options {
  readonly #text: string;
  readonly #url: URL;
  readonly #reserved: RegExp;
  #isWhole = true;

  /** @param reserved names of which none may be left over */
  constructor(text: string, reserved: RegExp) {
    this.#text = text;
    this.#url =
      URL.parse(text) ?? invalid('The URL of the database cannot be read: write %40 for @ and %2F for / in a password.');
    this.#reserved = reserved;
  }

  #take(name: string): string | undefined {
    let value: string | undefined;
    for (const each of [...this.#url.searchParams.keys()]) {
      if (each.replaceAll('_', '-') !== name) continue;
      value = this.#url.searchParams.get(each) ?? undefined;
      this.#url.searchParams.delete(each);
      this.#isWhole = false;
    }
    return value;
  }

  /** @param soft what a database's own programs take, and what falls back to no TLS without a word */
  word(name: string, words: readonly string[], soft: readonly string[]): string | undefined {
    const value = this.#take(name);
    if (value === undefined || words.includes(value)) return value;
    if (soft.includes(value))
      invalid(
        `${name}=${value} of database_url goes on in clear when the server offers no TLS: write one of ${words.join(', ')}.`,
      );
    return invalid(`${name} of database_url must be one of ${words.join(', ')}, not ${value}.`);
  }

  flag(name: string): boolean | undefined {
    const value = this.#take(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (['true', '1', 'yes', 'on', ''].includes(value)) return true;
    if (['false', '0', 'no', 'off'].includes(value)) return false;
    return invalid(`${name} of database_url must be true or false, not ${value}.`);
  }

  files(ca: string, cert: string, key: string): Pick<DatabaseTls, 'ca' | 'cert' | 'key'> {
    const [authority, own, secret] = [ca, cert, key].map((name) => this.#read(name));
    if ((own === undefined) !== (secret === undefined)) invalid(`${cert} and ${key} of database_url belong together.`);
    return { ...(authority && { ca: authority }), ...(own && secret && { cert: own, key: secret }) };
  }

  #read(name: string): string | undefined {
    const path = this.#take(name);
    if (path === undefined) return undefined;
    let pem: string;
    try {
      pem = readFileSync(path, 'utf8');
    } catch (cause) {
      throw new Fault('invalid', `${name} of database_url: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
        cause,
      });
    }
    return pem.includes('-----BEGIN ') ? pem : invalid(`${name} of database_url: ${path} holds nothing as PEM.`);
  }

  /** What is left for the driver. */
  rest(): string {
    const left = [...this.#url.searchParams.keys()].find((name) => this.#reserved.test(name));
    if (left !== undefined) invalid(`The option ${left} of database_url is not known here.`);
    // As it came, where nothing was taken out: drivers read URLs in their own ways.
    return this.#isWhole ? this.#text : this.#url.href;
  }
}

function invalid(sentence: string): never {
  throw new Fault('invalid', sentence, { field: 'database_url' });
}
