import { isLoopback } from '../http/addresses.ts';
import { parseTransportUrl } from '../queue/transport-url.ts';
import { isForThisMachine } from './edge.ts';
import { looseFolder } from './loose-folder.ts';
import type { Settings } from './settings.ts';
import { imageFolder } from './storage-url.ts';
import { maskUrl, sqlitePath } from './urls.ts';

/** What matters to whether the service may be reached by others. */
export type Exposed = Pick<
  Settings,
  | 'listen_address'
  | 'worker_listen_address'
  | 'trusted_proxies'
  | 'transport_url'
  | 'database_url'
  | 'storage_url'
  | 'data_dir'
  | 'tls_cert'
>;

/** Where others can come in: `0.0.0.0`, or the proxy that brings them; null where nobody but this machine can. */
export function exposure(settings: Exposed): string | null {
  const { listen_address, worker_listen_address, trusted_proxies, transport_url } = settings;
  if (!isLoopback(listen_address)) return `address ${listen_address}`;
  if (!isForThisMachine(settings)) return `proxy ${trusted_proxies[0]}`;
  const letsWorkersIn = transport_url !== 'embedded:' && worker_listen_address !== '';
  return letsWorkersIn && !isLoopback(worker_listen_address) ? `workers' address ${worker_listen_address}` : null;
}

/**
 * Everything that speaks against letting others reach this service, each a sentence with what to do. On a loopback address nothing does.
 * @param tokensExist whether a token was ever made
 * @param loose see looseFolder
 */
export function objectionsTo(
  settings: Exposed,
  { tokensExist, loose = looseFolder }: { readonly tokensExist: boolean; readonly loose?: (path: string) => string | null },
): string[] {
  const way = exposure(settings);
  if (way === null) return [];
  const { database_url, storage_url, transport_url } = settings;
  return [
    ...(tokensExist ? [] : [withoutTokens(way, settings)]),
    ...(transport_url === 'embedded:' ? [] : withGuest(transport_url)),
    ...inLooseFolder('database', sqlitePath(database_url), settings, loose),
    ...inLooseFolder('images', imageFolder(storage_url), settings, loose),
  ];
}

function withoutTokens(way: string, { database_url, data_dir }: Exposed): string {
  const isOurs = sqlitePath(database_url)?.startsWith(`${data_dir}/`);
  const where = isOurs ? `--data-dir ${shellWord(data_dir)}` : `--database-url ${shellWord(maskUrl(database_url))}`;
  return `Others can reach the ${way}, and there is no token to tell them apart; make the first one: faafo token create admin --role admin ${where}`;
}

function withGuest(transportUrl: string): string[] {
  const { username, hostname, port, tls } = parseTransportUrl(transportUrl);
  if (username !== 'guest') return [];
  const host = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  return [
    `RabbitMQ's user is guest, whose password everybody knows; make another: rabbitmqctl add_user faafo SECRET && rabbitmqctl set_permissions faafo '.*' '.*' '.*', then --transport-url ${tls ? 'amqps' : 'amqp'}://faafo:SECRET@${host}/`,
  ];
}

function inLooseFolder(
  what: string,
  path: string | null,
  { data_dir }: Exposed,
  loose: (path: string) => string | null,
): string[] {
  const folder = path === null ? null : loose(path);
  if (folder === null) return [];
  const flag = path?.startsWith(`${data_dir}/`)
    ? '--data-dir /var/lib/faafo'
    : what === 'database'
      ? '--database-url sqlite:////var/lib/faafo/faafo.db'
      : '--storage-url file:///var/lib/faafo/images';
  return [
    `The ${what} would be at ${path}, under ${folder}, where every user of this machine may write; choose a folder of its own: mkdir -m 700 /var/lib/faafo, then ${flag}`,
  ];
}

const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
