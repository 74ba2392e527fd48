import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCertificate } from '../../src/cli/certificate.ts';
import { type CertificateFiles, makeAuthority } from '../support/certificates.ts';
import { runProgram } from '../support/servers/private-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY_MS = 86_400_000;
const stack = new AsyncDisposableStack();
let folder: string;
let files: CertificateFiles;
let other: CertificateFiles;
beforeAll(async () => {
  folder = stack.use(await temporaryFolder()).path;
  const authority = await makeAuthority(folder);
  files = await authority.issue('ours', 'DNS:localhost', 20);
  other = await authority.issue('other', 'DNS:localhost');
});
afterAll(() => stack.disposeAsync());

/** A copy that the test may spoil. */
async function copyOf(path: string, name: string, mode = 0o600): Promise<string> {
  await copyFile(path, join(folder, name));
  await chmod(join(folder, name), mode);
  return join(folder, name);
}

describe('a certificate and its key', () => {
  it('are read, with advice when they expire soon', () => {
    expect(readCertificate(files)).toMatchObject({ cert: expect.stringContaining('BEGIN CERTIFICATE'), advice: null });
    expect(readCertificate(files, Date.now() + 10 * DAY_MS).advice).toMatch(
      /ours\.pem expires in 9 days: renew it, then send SIGHUP/,
    );
  });

  it('may be for a group, and are not for everybody', async () => {
    expect(readCertificate({ ...files, key: await copyOf(files.key, 'group.key', 0o640) })).toBeTruthy();
    for (const mode of [0o644, 0o602]) {
      const key = await copyOf(files.key, 'open.key', mode);
      expect(() => readCertificate({ ...files, key })).toThrow(
        `tls_key: everybody on this machine can read or replace ${key}: chmod o-rwx ${key}`,
      );
    }
  });

  it('are refused when they do not serve, with a sentence', async () => {
    const text = async (name: string, content: string) => {
      await writeFile(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    const nonsense = await text('nonsense', 'nonsense');
    const locked = join(folder, 'locked.key');
    await runProgram(['openssl', 'pkey', '-in', files.key, '-aes256', '-passout', 'pass:secret', '-out', locked]);
    const cases: readonly [Partial<CertificateFiles>, RegExp][] = [
      [{ cert: '/nowhere.pem' }, /^tls_cert: the file \/nowhere\.pem does not exist\.$/],
      [{ key: '/nowhere.key' }, /^tls_key: the file \/nowhere\.key does not exist\.$/],
      [{ cert: folder }, /cannot be read \(EISDIR\)/],
      [{ cert: nonsense }, /nonsense holds no certificate as PEM/],
      [{ key: nonsense }, /nonsense holds no private key as PEM/],
      [{ key: other.key }, /the key .*other\.key is not that of the certificate .*ours\.pem/],
      [{ key: locked }, /locked with a passphrase: openssl pkey -in/],
      [{ cert: await text('cut.pem', (await readFile(files.cert, 'utf8')).slice(0, 200)) }, /holds no certificate as PEM/],
    ];
    for (const [change, sentence] of cases) expect(() => readCertificate({ ...files, ...change })).toThrow(sentence);
  });

  it('are refused before and after their time', () => {
    expect(() => readCertificate(files, Date.now() + 21 * DAY_MS)).toThrow(/ours\.pem expired at \d{4}-.*: renew it\.$/);
    expect(() => readCertificate(files, Date.now() - DAY_MS)).toThrow(/valid from .* only: is this machine's clock right\?/);
  });
});
