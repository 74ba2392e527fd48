import { existsSync, readdirSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import pg from 'pg';
import type { CertificateFiles } from '../certificates.ts';
import { needProgram, type PrivateDatabase, runProgram, serverFolder, startServer } from './private-server.ts';
import { freePort } from './processes.ts';

const VERSIONS = '/usr/lib/postgresql';

/** A PostgreSQL of its own, the newest that is installed, which offers TLS where it is given a certificate. Without `durable` nothing is synced to the disk, which killed processes do not notice. */
export async function startPostgres({
  durable = false,
  tls,
}: {
  durable?: boolean;
  tls?: CertificateFiles;
} = {}): Promise<PrivateDatabase> {
  const programs = findPrograms();
  const folder = await serverFolder('postgres');
  const data = `${folder}/data`;
  // PostgreSQL refuses to run as root.
  const asRoot = process.getuid?.() === 0;
  const user = asRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'] : [];
  if (asRoot) await runProgram(['chown', 'postgres:', folder]);
  const trust = ['-A', 'trust', '-U', 'faafo', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  await runProgram([...user, `${programs}/initdb`, '-D', data, ...trust]);

  const port = await freePort();
  const urlOf = (database: string) => `postgresql://faafo@127.0.0.1:${port}/${database}`;
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'shared_buffers=32MB',
    'logging_collector=off',
    'max_connections=300',
  ];
  if (!durable) settings.push('fsync=off', 'full_page_writes=off');
  if (tls) {
    // It takes only a key that is its own.
    await copyFile(tls.cert, `${data}/server.crt`);
    await copyFile(tls.key, `${data}/server.key`);
    if (asRoot) await runProgram(['chown', 'postgres:', `${data}/server.crt`, `${data}/server.key`]);
    settings.push('ssl=on');
  }
  const server = await startServer({
    folder,
    url: urlOf('faafo'),
    command: [...user, `${programs}/postgres`, '-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    stopSignal: 'SIGINT',
    isReady: () => query(urlOf('postgres'), 'SELECT 1'),
  });
  const createDatabase = async (name: string) => {
    await query(urlOf('postgres'), `CREATE DATABASE "${name}"`);
    return urlOf(name);
  };
  await createDatabase('faafo');
  return { ...server, createDatabase };
}

async function query(connectionString: string, sql: string): Promise<true> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  // A server that goes away is no reason to end the tests.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(sql);
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

function findPrograms(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).map(Number).filter(Number.isFinite) : [];
  const folder = `${VERSIONS}/${Math.max(0, ...versions)}/bin`;
  needProgram(`${folder}/postgres`, 'postgresql');
  return folder;
}
