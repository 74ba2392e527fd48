import { setTimeout as sleep } from 'node:timers/promises';
import { findCloud, openProject, openService } from '@faafo/faafo/openstack';
import { KEY, MARK } from './common.ts';

const isOurs = ({ description }: { readonly description: string }) => description.startsWith('faafo tutorial: ');

const cloud = await findCloud();
await using project = openProject(cloud);
const { servers, floatingIps, groups, keyPairs, networks, routers, volumes } = project;
const ours = (await servers.list()).filter(({ metadata }) => metadata.tutorial === MARK.tutorial);
for (const { id } of ours) await servers.remove(id);
for (const { id } of ours) while (await servers.find(id)) await sleep(1_000);
const ips = (await floatingIps.list()).filter(isOurs);
for (const { id } of ips) await floatingIps.remove(id);

// A group that a rule of another names cannot go before that rule.
const left = (await groups.list()).filter(isOurs);
for (const { rules } of left) {
  for (const { id, source } of rules) if (source && 'groupId' in source) await groups.disallow(id);
}
for (const { id } of left) await groups.remove(id);

// Chapter 17: the router goes first, it has an address in every network.
const ways = (await routers.list()).filter(isOurs);
for (const { id } of ways) await routers.remove(id);
const tiers = (await networks.list()).filter(isOurs);
for (const { id } of tiers) await networks.remove(id);

// Chapter 16: the instance that it was attached to is gone, and lets go of it within seconds.
const disks = async () => (await volumes.list()).filter(({ metadata }) => metadata.tutorial === MARK.tutorial);
const hasCinder = await volumes.list().then(
  () => true,
  ({ message }: Error) => console.log(`volumes are left alone: ${message}`),
);
const volumeCount = hasCinder ? (await disks()).length : 0;
for (let some = volumeCount; some > 0; some = (await disks()).length) {
  for (const { id } of (await disks()).filter(({ status }) => /^(available|error)$/.test(status))) await volumes.remove(id);
  await sleep(1_000);
}
await keyPairs.remove(KEY);
const counts = [`${ours.length} instances`, `${ips.length} addresses`, `${left.length} security groups`];
counts.push(`${ways.length} routers`, `${tiers.length} networks`, `${volumeCount} volumes`);
console.log(`${counts.join(', ')} and the key pair are gone`);

await using swift = openService(cloud, 'object-store');
for (const path of ['/fractals', '/fractals_segments']) {
  const { status, bytes } = await swift.send({ method: 'DELETE', path, expected: [204, 404, 409] });
  await bytes.return?.();
  if (status === 409) console.log(`${path.slice(1)} still holds pictures: it stays`);
}
