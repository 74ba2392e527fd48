import { fixedAddress, floatingAddress, isNothing } from '../actions/cloud/find-deployment.ts';
import { KIND_KEY } from '../actions/cloud/marks.ts';
import type { CloudServer } from '../domain/cloud-resources.ts';
import { Fault } from '../domain/fault.ts';
import { healthAt } from './cloud-service.ts';
import { type CloudSite, openSite } from './cloud-site.ts';
import { openCloud } from './open-cloud.ts';
import { type Column, type FormatOptions, formatList } from './output.ts';

interface Row {
  readonly server: CloudServer;
  /** of the service on it, as far as that can be seen from here */
  readonly health: string | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'Name', cell: ({ server }) => server.name },
  { name: 'Kind', cell: ({ server }) => server.metadata[KIND_KEY] ?? null },
  { name: 'Status', cell: ({ server }) => server.status },
  { name: 'Address', cell: ({ server }) => fixedAddress(server) },
  { name: 'Floating IP', cell: ({ server }) => floatingAddress(server) },
  { name: 'Service', cell: ({ health }) => health },
  { name: 'ID', cell: ({ server }) => server.id, hidden: true },
];

/** `faafo cloud status`: instances, addresses, and how the service on each is. */
export async function cloudStatus({ name, ...format }: FormatOptions & { name: string }): Promise<void> {
  await using opened = await openCloud();
  const site = await openSite(name, opened);
  const found = await site.find();
  if (isNothing(found)) throw new Fault('not_found', `There is no deployment ${name} in this project: faafo cloud up makes one.`);
  const servers = found.servers.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const healthOf = await healthReader(site, servers);
  const rows = servers.map((server) => ({ server, health: healthOf(server) }));
  process.stdout.write(await formatList(rows, COLUMNS, format));
}

/** The entry is asked itself; workers are known by what they report to it, services by what depends on them. */
async function healthReader(site: CloudSite, servers: readonly CloudServer[]): Promise<(server: CloudServer) => string | null> {
  const address = servers.map(floatingAddress).find((each) => each !== null);
  if (address === undefined || address === null) return () => null;
  const health = await healthAt(address);
  const reporting = health.isReady ? await workersAt(address, site) : null;
  return (server) => {
    if (floatingAddress(server) !== null) return health.text;
    const kind = server.metadata[KIND_KEY];
    if (kind === 'services') return ['database', 'queue'].map((name) => `${name} ${health.dependencies[name] ?? '?'}`).join(', ');
    if (kind !== 'worker' || reporting === null) return null;
    return reporting.some((host) => host === server.name || host.startsWith(`${server.name}.`)) ? 'reports' : 'silent';
  };
}

/** Names of the machines of the workers that report; null when that is not known here. */
async function workersAt(address: string, { state }: CloudSite): Promise<readonly string[] | null> {
  if (state === null) return null;
  const { Client } = await import('../http/client.ts');
  const client = new Client(`http://${address}`, { token: state.secrets.adminToken, signal: AbortSignal.timeout(10_000) });
  try {
    return (await client.workers()).objects.map(({ host }) => host);
  } catch {
    // Somebody else's service, or one without that token: what is known of the instances is shown all the same.
    return null;
  }
}
