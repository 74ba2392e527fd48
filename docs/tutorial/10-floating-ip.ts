import { findCloud, openProject } from '@faafo/faafo/openstack';
import { EXTERNAL, named } from './common.ts';

await using project = openProject(await findCloud());
const { floatingIps, networks } = project;
const unused = (await floatingIps.list()).find(({ portId }) => portId === null);
if (unused) {
  console.log(`the floating IP ${unused.address} is unused`);
} else {
  const { address } = await floatingIps.make(named(await networks.list(), EXTERNAL).id, 'faafo tutorial: all-in-one');
  console.log(`the floating IP ${address} was allocated from ${EXTERNAL}`);
}
