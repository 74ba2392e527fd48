import type { Logger } from 'pino';
import { Tls } from '../http/tls.ts';
import { readCertificate } from './certificate.ts';
import type { Settings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/**
 * The certificate that the settings name, read again at each SIGHUP: one that does not serve is complained of, and the old one stays.
 * @param opened what is given back with it
 * @returns null for plain HTTP
 * @throws {UsageError} when one of two settings is missing; {Fault} when the files do not serve
 */
export function openTls({ tls_cert, tls_key }: Settings, log: Logger, opened: AsyncDisposableStack): Tls | null {
  if (tls_cert === '' && tls_key === '') return null;
  if (tls_cert === '' || tls_key === '') {
    const [there, missing] = tls_key === '' ? ['tls_cert', 'tls_key'] : ['tls_key', 'tls_cert'];
    throw new UsageError(`${missing} is missing: HTTPS needs a certificate and its key, and only ${there} is set.`);
  }
  const paths = { cert: tls_cert, key: tls_key };
  const read = () => {
    const certificate = readCertificate(paths);
    if (certificate.advice) log.warn(certificate.advice);
    return certificate;
  };
  const tls = new Tls(read());
  const renew = () => {
    try {
      tls.renew(read());
      log.info('the certificate was read again');
    } catch (error) {
      log.error(`the certificate stays as it was: ${(error as Error).message}`);
    }
  };
  process.on('SIGHUP', renew);
  opened.defer(() => void process.off('SIGHUP', renew));
  return tls;
}
