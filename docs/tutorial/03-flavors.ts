import { findCloud, openProject } from '@faafo/faafo/openstack';
import { FLAVOR, named } from './common.ts';

await using project = openProject(await findCloud());
const flavors = await project.flavors.list();
for (const { name, vcpus, memoryMib, diskGib } of flavors)
  console.log(`${name}  ${vcpus} VCPUs  ${memoryMib} MiB  ${diskGib} GiB`);

const flavor = named(flavors, FLAVOR);
console.log(`we take ${flavor.name}: ${flavor.id}`);
