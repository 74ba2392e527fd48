import type {
  CloudFlavor,
  CloudFloatingIp,
  CloudGroup,
  CloudImage,
  CloudKeyPair,
  CloudNetwork,
  CloudRule,
  CloudServer,
} from '../domain/cloud-resources.ts';
import type { CloudList } from './cloud.ts';
import { formatAmount } from './format-amount.ts';

const byName = <T extends { readonly name: string }>(rows: readonly T[]): readonly T[] =>
  rows.toSorted((a, b) => a.name.localeCompare(b.name));

const bytes = ({ bytes: size }: CloudImage): string => formatAmount(size ?? 0);

export const IMAGES: CloudList<CloudImage> = {
  rows: async ({ images }) => byName(await images.list()),
  columns: [
    { name: 'ID', cell: ({ id }) => id },
    { name: 'Name', cell: ({ name }) => name },
    { name: 'Status', cell: ({ status }) => status },
    { name: 'Size', cell: (image) => image.bytes, text: bytes },
    { name: 'Min disk', cell: ({ minDiskGib }) => minDiskGib, hidden: true },
    { name: 'Min memory', cell: ({ minMemoryMib }) => minMemoryMib, hidden: true },
  ],
};

export const FLAVORS: CloudList<CloudFlavor> = {
  rows: async ({ flavors }) => (await flavors.list()).toSorted((a, b) => a.vcpus - b.vcpus || a.memoryMib - b.memoryMib),
  columns: [
    { name: 'ID', cell: ({ id }) => id },
    { name: 'Name', cell: ({ name }) => name },
    { name: 'VCPUs', cell: ({ vcpus }) => vcpus },
    { name: 'Memory', cell: ({ memoryMib }) => memoryMib, text: ({ memoryMib }) => `${memoryMib} MiB` },
    { name: 'Disk', cell: ({ diskGib }) => diskGib, text: ({ diskGib }) => `${diskGib} GiB` },
  ],
};

export const NETWORKS: CloudList<CloudNetwork> = {
  rows: async ({ networks }) => byName(await networks.list()),
  columns: [
    { name: 'ID', cell: ({ id }) => id },
    { name: 'Name', cell: ({ name }) => name },
    { name: 'External', cell: ({ isExternal }) => isExternal, text: ({ isExternal }) => (isExternal ? 'yes' : 'no') },
  ],
};

export const KEY_PAIRS: CloudList<CloudKeyPair> = {
  rows: async ({ keyPairs }) => byName(await keyPairs.list()),
  columns: [
    { name: 'Name', cell: ({ name }) => name },
    { name: 'Fingerprint', cell: ({ fingerprint }) => fingerprint },
    { name: 'Public key', cell: ({ publicKey }) => publicKey, hidden: true },
  ],
};

interface GroupRow extends CloudGroup {
  readonly names: ReadonlyMap<string, string>;
}

export const GROUPS: CloudList<GroupRow> = {
  rows: async ({ groups }) => {
    const found = byName(await groups.list());
    const names = new Map(found.map(({ id, name }) => [id, name]));
    return found.map((group) => ({ ...group, names }));
  },
  columns: [
    { name: 'ID', cell: ({ id }) => id },
    { name: 'Name', cell: ({ name }) => name },
    { name: 'Lets in', cell: lets },
    { name: 'Description', cell: ({ description }) => description },
  ],
};

/** Such as `22, 80, 5672 from worker`. */
function lets({ rules, names }: GroupRow): string {
  const ingress = rules
    .filter(({ direction }) => direction === 'ingress')
    .toSorted((a, b) => (a.fromPort ?? 0) - (b.fromPort ?? 0));
  return ingress.map((rule) => portsOf(rule) + sourceOf(rule, names)).join(', ');
}

function portsOf({ protocol, fromPort, toPort }: CloudRule): string {
  if (fromPort === null) return protocol ?? 'all';
  const ports = fromPort === toPort ? String(fromPort) : `${fromPort}-${toPort}`;
  return protocol === 'tcp' ? ports : `${protocol} ${ports}`;
}

function sourceOf({ source }: CloudRule, names: ReadonlyMap<string, string>): string {
  if (source === null) return '';
  if ('groupId' in source) return ` from ${names.get(source.groupId) ?? source.groupId}`;
  return source.cidr === '0.0.0.0/0' ? '' : ` from ${source.cidr}`;
}

export const SERVERS: CloudList<CloudServer> = {
  rows: async ({ servers }) => byName(await servers.list()),
  columns: [
    { name: 'ID', cell: ({ id }) => id },
    { name: 'Name', cell: ({ name }) => name },
    { name: 'Status', cell: ({ status }) => status },
    { name: 'Addresses', cell: ({ addresses }) => addresses.map(({ address }) => address).join(', ') },
    { name: 'Flavor', cell: ({ flavorName }) => flavorName },
    { name: 'Key', cell: ({ keyName }) => keyName },
    { name: 'Created at', cell: ({ createdAt }) => createdAt, hidden: true },
  ],
};

interface FloatingIpRow extends CloudFloatingIp {
  readonly server: string | null;
}

export const FLOATING_IPS: CloudList<FloatingIpRow> = {
  rows: async ({ floatingIps, servers }) => {
    const [ips, all] = await Promise.all([floatingIps.list(), servers.list()]);
    const nameAt = (address: string) =>
      all.find(({ addresses }) => addresses.some((each) => each.address === address))?.name ?? null;
    return ips.map((ip) => ({ ...ip, server: ip.portId === null ? null : nameAt(ip.address) }));
  },
  columns: [
    { name: 'ID', cell: ({ id }) => id },
    { name: 'Address', cell: ({ address }) => address },
    { name: 'Server', cell: ({ server }) => server },
    { name: 'Fixed address', cell: ({ fixedAddress }) => fixedAddress },
    { name: 'Description', cell: ({ description }) => description, hidden: true },
  ],
};
