import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Fault } from '../domain/fault.ts';
import type { Certificate } from '../http/tls.ts';

/** Permissions of everybody else to read or to write. */
const OTHERS = 0o006;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

export interface ReadCertificate extends Certificate {
  /** what should be done soon; null when nothing is */
  readonly advice: string | null;
}

/**
 * Reads a certificate (its own first, then those between it and the authority) and its key, and looks whether they would serve.
 * @param paths PEM files, as in the settings tls_cert and tls_key
 * @throws {Fault} `invalid`, with a sentence that says how to mend it
 */
export function readCertificate(paths: { readonly cert: string; readonly key: string }, now = Date.now()): ReadCertificate {
  const cert = read(paths.cert, 'tls_cert');
  const key = read(paths.key, 'tls_key');
  if ((statSync(paths.key).mode & OTHERS) !== 0) {
    invalid(`tls_key: everybody on this machine can read or replace ${paths.key}: chmod o-rwx ${paths.key}`);
  }
  const own = parse(() => new X509Certificate(cert), `tls_cert: ${paths.cert} holds no certificate as PEM (BEGIN CERTIFICATE).`);
  const secret = privateKey(key, paths.key);
  if (!own.checkPrivateKey(secret)) {
    invalid(
      `tls_key: the key ${paths.key} is not that of the certificate ${paths.cert}, which must be the first one in its file.`,
    );
  }
  const [begins, ends] = [Date.parse(own.validFrom), Date.parse(own.validTo)];
  if (now > ends) invalid(`tls_cert: the certificate ${paths.cert} expired at ${day(ends)}: renew it.`);
  if (now < begins)
    invalid(`tls_cert: the certificate ${paths.cert} is valid from ${day(begins)} only: is this machine's clock right?`);
  parse(() => createSecureContext({ cert, key }), `tls_cert: ${paths.cert} cannot be used with ${paths.key}.`);
  const days = Math.floor((ends - now) / DAY_MS);
  return {
    cert,
    key,
    advice: days < SOON_DAYS ? `the certificate ${paths.cert} expires in ${days} days: renew it, then send SIGHUP` : null,
  };
}

function read(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'does not exist' : code === 'EACCES' ? 'may not be read by this user' : `cannot be read (${code})`;
    throw new Fault('invalid', `${setting}: the file ${path} ${why}.`, { cause });
  }
}

function privateKey(text: string, path: string): KeyObject {
  if (/ENCRYPTED/.test(text)) {
    invalid(`tls_key: ${path} is locked with a passphrase: openssl pkey -in ${path} -out faafo.key, and chmod 600 faafo.key`);
  }
  return parse(() => createPrivateKey(text), `tls_key: ${path} holds no private key as PEM (BEGIN PRIVATE KEY).`);
}

function parse<T>(attempt: () => T, sentence: string): T {
  try {
    return attempt();
  } catch (cause) {
    throw new Fault('invalid', sentence, { cause });
  }
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

function invalid(sentence: string): never {
  throw new Fault('invalid', sentence);
}
