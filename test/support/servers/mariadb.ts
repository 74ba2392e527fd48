import { createConnection } from 'mysql2/promise';
import type { CertificateFiles } from '../certificates.ts';
import { needProgram, type PrivateDatabase, runProgram, serverFolder, startServer } from './private-server.ts';
import { freePort } from './processes.ts';

/** A MariaDB of its own, which offers TLS where it is given a certificate. Without `durable` commits are handed to the system but not synced, which killed processes do not notice. */
export async function startMariadb({
  durable = false,
  tls,
}: {
  durable?: boolean;
  tls?: CertificateFiles;
} = {}): Promise<PrivateDatabase> {
  const program = needProgram('/usr/sbin/mariadbd', 'mariadb-server');
  const installer = needProgram('/usr/bin/mariadb-install-db', 'mariadb-server');
  const folder = await serverFolder('mariadb');
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  // Of its own, too: a server that starts clears the temporary tables of others away.
  const data = [`--datadir=${folder}/data`, `--tmpdir=${folder}`, ...user];
  await runProgram([installer, '--no-defaults', ...data, '--auth-root-authentication-method=normal', '--skip-test-db']);

  const port = await freePort();
  const urlOf = (database: string) => `mysql://root@127.0.0.1:${port}/${database}`;
  const server = await startServer({
    folder,
    url: urlOf('faafo'),
    command: [
      program,
      '--no-defaults',
      ...data,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${folder}/socket`,
      `--pid-file=${folder}/pid`,
      '--character-set-server=utf8mb4',
      '--innodb-buffer-pool-size=32M',
      '--performance-schema=off',
      `--innodb-flush-log-at-trx-commit=${durable ? 1 : 2}`,
      ...(tls ? [`--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`] : []),
    ],
    stopSignal: 'SIGTERM',
    isReady: () => query(urlOf(''), 'SELECT 1'),
  });
  const createDatabase = async (name: string) => {
    await query(urlOf(''), `CREATE DATABASE \`${name}\``);
    return urlOf(name);
  };
  await createDatabase('faafo');
  return { ...server, createDatabase };
}

async function query(uri: string, sql: string): Promise<true> {
  const connection = await createConnection({ uri, connectTimeout: 5_000 });
  try {
    await connection.query(sql);
    return true;
  } finally {
    await connection.end().catch(() => {});
  }
}
