import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './servers/private-server.ts';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** its own certificate, PEM */
  readonly ca: string;
  /** A certificate of it. @param names as in subjectAltName: DNS:localhost,IP:127.0.0.1 */
  issue(name: string, names: string, days?: number): Promise<CertificateFiles>;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];

/** A private authority, made with the commands that docs/operations.md names. */
export async function makeAuthority(folder: string, name = 'ca'): Promise<Authority> {
  const [ca, caKey] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const isAuthority = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  await runProgram([
    'openssl',
    'req',
    '-x509',
    ...KEY,
    '-days',
    '30',
    '-subj',
    `/CN=faafo test ${name}`,
    ...isAuthority,
    '-keyout',
    caKey,
    '-out',
    ca,
  ]);
  return {
    ca,
    issue: async (file, names, days = 2) => {
      const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'ext'].map((end) => join(folder, `${file}.${end}`)) as [
        string,
        string,
        string,
        string,
      ];
      await writeFile(extensions, `subjectAltName=${names}\n`);
      await runProgram(['openssl', 'req', '-new', ...KEY, '-subj', `/CN=${file}`, '-keyout', key, '-out', request]);
      const signed = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-extfile', extensions];

      await runProgram(['openssl', 'x509', '-req', '-in', request, ...signed, '-days', String(days), '-out', cert]);
      await chmod(key, 0o600);
      return { cert, key };
    },
  };
}
