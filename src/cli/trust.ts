import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { UsageError } from './usage-error.ts';

/**
 * From now on this process trusts the authorities of a file beside the usual ones, whatever it connects to.
 * @param caFile PEM; '' for none
 * @throws {UsageError}
 */
export function trustAuthority(caFile: string): void {
  if (caFile === '') return;
  const certificates = readAuthorities(caFile);
  if (typeof tls.setDefaultCACertificates !== 'function') {
    throw new UsageError(`ca_file needs Node 24.5 or newer; with ${process.version}, set NODE_EXTRA_CA_CERTS=${caFile} instead.`);
  }
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...certificates]);
}

function readAuthorities(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`ca_file: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const each of certificates) new X509Certificate(each);
  } catch (cause) {
    throw new UsageError(`ca_file: ${path} holds a certificate that cannot be read.`, { cause });
  }
  if (certificates.length === 0) throw new UsageError(`ca_file: ${path} holds no certificate as PEM (BEGIN CERTIFICATE).`);
  return certificates;
}
