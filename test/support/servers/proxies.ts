import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CertificateFiles } from '../certificates.ts';
import { needProgram, type PrivateServer, serverFolder, startServer } from './private-server.ts';
import { freePort } from './processes.ts';

const CONFIGURATIONS = fileURLToPath(new URL('../../../deploy/proxy/', import.meta.url));

interface ProxyPlan {
  /** where faafo-api listens on 127.0.0.1 */
  readonly apiPort: number;
  readonly tls: CertificateFiles;
}

/** An nginx with the file of deploy/proxy, of which only addresses and paths are others. */
export async function startNginx({ apiPort, tls }: ProxyPlan): Promise<PrivateServer> {
  const program = needProgram('/usr/sbin/nginx', 'nginx');
  const [folder, port, plainPort] = [await serverFolder('nginx'), await freePort(), await freePort()];
  await mkdir(join(folder, 'logs'));
  const ours = (await ourFile('nginx.conf'))
    .replace('127.0.0.1:8080', `127.0.0.1:${apiPort}`)
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace('listen 80', `listen 127.0.0.1:${plainPort}`)
    .replace('/etc/ssl/faafo/faafo.pem', tls.cert)
    .replace('/etc/ssl/faafo/faafo.key', tls.key);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  // Its workers are other users by default, who may not enter the test's folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const main = `${user} daemon off; pid ${folder}/pid; events {} http { access_log off; ${temporary.join(' ')} ${ours} }`;
  await writeFile(join(folder, 'nginx.conf'), main);
  const command = [program, '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
  return await startProxy({ folder, port, command });
}

/** An HAProxy with the file of deploy/proxy; its second API is one that is not there. */
export async function startHaproxy({ apiPort, tls }: ProxyPlan): Promise<PrivateServer> {
  const program = needProgram('/usr/sbin/haproxy', 'haproxy');
  const [folder, port, nobody] = [await serverFolder('haproxy'), await freePort(), await freePort()];
  const pem = join(folder, 'faafo.pem');
  await writeFile(pem, (await readFile(tls.cert, 'utf8')) + (await readFile(tls.key, 'utf8')), { mode: 0o600 });
  const ours = (await ourFile('haproxy.cfg'))
    .replace('bind :443', `bind 127.0.0.1:${port}`)
    .replace('/etc/haproxy/faafo.pem', pem)
    .replace('10.0.0.1:8080', `127.0.0.1:${apiPort}`)
    .replace('10.0.0.2:8080', `127.0.0.1:${nobody}`);
  await writeFile(join(folder, 'haproxy.cfg'), `global\n    maxconn 1000\n${ours}`);
  return await startProxy({ folder, port, command: [program, '-db', '-f', join(folder, 'haproxy.cfg')] });
}

async function ourFile(name: string): Promise<string> {
  const lines = (await readFile(join(CONFIGURATIONS, name), 'utf8')).split('\n');
  return lines.filter((line) => !line.trimStart().startsWith('#')).join('\n');
}

async function startProxy({
  folder,
  port,
  command,
}: {
  folder: string;
  port: number;
  command: readonly string[];
}): Promise<PrivateServer> {
  return await startServer({
    folder,
    url: `https://127.0.0.1:${port}`,
    command,
    stopSignal: 'SIGTERM',
    isReady: () => listens(port),
  });
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
