import { findCloud, openProject } from '@faafo/faafo/openstack';

await using project = openProject(await findCloud());
for (const { name, status, addresses } of await project.servers.list()) {
  console.log(`${name}  ${status}  ${addresses.map(({ address }) => address).join(', ')}`);
}
