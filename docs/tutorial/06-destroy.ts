import { setTimeout as sleep } from 'node:timers/promises';
import { findCloud, openProject } from '@faafo/faafo/openstack';

await using project = openProject(await findCloud());
const { servers } = project;
const testing = (await servers.list()).find(({ name }) => name === 'testing');
if (!testing) console.log('testing is gone already');
else {
  await servers.remove(testing.id);
  while (await servers.find(testing.id)) await sleep(1_000);
  console.log('testing is gone');
}
