import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudVolume, findCloud, openProject } from '@faafo/faafo/openstack';
import { MARK, named } from './common.ts';

const NAME = 'fractals-database';
const GIB = 1;

await using project = openProject(await findCloud());
const { volumes, servers } = project;

/** The volume, as soon as it is in that state. */
async function becomes(status: string): Promise<CloudVolume> {
  for (;;) {
    const volume = named(await volumes.list(), NAME);
    if (volume.status === status) return volume;
    if (volume.status.startsWith('error')) throw new Error(`${NAME} is in the state ${volume.status}`);
    await sleep(1_000);
  }
}

if ((await volumes.list()).some(({ name }) => name === NAME)) {
  console.log(`the volume ${NAME} is there already`);
} else {
  await volumes.make({ name: NAME, gib: GIB, metadata: MARK });
  await becomes('available');
  console.log(`the volume ${NAME} was made`);
}

const services = named(await servers.list(), 'app-services');
const volume = named(await volumes.list(), NAME);
if (volume.serverId !== services.id) {
  // A server that is gone lets go of it by itself.
  if (volume.serverId !== null) await volumes.detach(volume.id, volume.serverId);
  await becomes('available');
  await volumes.attach(volume.id, services.id);
}
await becomes('in-use');
for (const { name, gib, status, serverId, device } of await volumes.list()) {
  const where = serverId === null ? '' : `, ${device} of ${(await servers.find(serverId))?.name}`;
  console.log(`${name}  ${gib} GiB  ${status}${where}`);
}
