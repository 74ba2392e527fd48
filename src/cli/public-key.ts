import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from './usage-error.ts';

/** In the order in which they are looked for, where nobody names one. */
const USUAL = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'];
/** What Nova takes. */
const KINDS = ['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'];
const LEAST_RSA_BITS = 2048;

/**
 * A public key as OpenSSH writes it.
 * @param path null: the first of the usual ones in ~/.ssh
 * @throws {UsageError} when there is none, or it is of a kind that is not good for this
 */
export function readPublicKey(path: string | null, home: string = process.env.HOME || homedir()): string {
  const places = path === null ? USUAL.map((name) => join(home, '.ssh', name)) : [path];
  for (const place of places) {
    const text = readIfThere(place);
    if (text !== null) return checkedKey(text, place);
  }
  if (path !== null) throw new UsageError(`--public-key: there is no ${path}.`);
  throw new UsageError(
    `There is no public key ${USUAL.join(', ')} in ${join(home, '.ssh')}: make one (ssh-keygen -t ed25519), or name another with --public-key.`,
  );
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new UsageError(`The public key ${path} cannot be read (${code}).`, { cause });
  }
}

function checkedKey(text: string, path: string): string {
  const refuse = (why: string): never => {
    throw new UsageError(`The public key ${path} ${why}.`);
  };
  if (/BEGIN [A-Z ]*PRIVATE KEY/.test(text)) refuse('is a private one: name the file that ends with .pub');
  const [kind = '', code = ''] = text.trim().split(/\s+/);
  if (/-----BEGIN|^----/.test(text)) refuse('is not as OpenSSH writes it: ssh-keygen -i -f FILE makes it so');
  const bytes = Buffer.from(code, 'base64');
  // It begins with its own kind, after four bytes of length.
  const inside = bytes.subarray(4, 4 + (bytes.length >= 4 ? bytes.readUInt32BE(0) : 0)).toString('latin1');
  if (inside === '' || inside !== kind) refuse('is none');
  if (!KINDS.includes(kind)) refuse(`is of the kind ${kind}, which clouds do not take: make another (ssh-keygen -t ed25519)`);
  if (kind === 'ssh-rsa' && rsaBits(bytes) < LEAST_RSA_BITS)
    refuse(`has ${rsaBits(bytes)} bits, which is too few: make another (ssh-keygen -t ed25519)`);
  return text.trim().split('\n')[0]!;
}

/** Its third field is the modulus, with a zero in front. */
function rsaBits(bytes: Buffer): number {
  let at = 0;
  for (let field = 0; field < 2; field++) at += 4 + bytes.readUInt32BE(at);
  const modulus = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at));
  const first = modulus.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (modulus.length - first) * 8 - Math.clz32(modulus[first]!) + 24;
}
