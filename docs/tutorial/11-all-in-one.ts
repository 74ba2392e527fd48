import { findCloud, openProject, userData } from '@faafo/faafo/openstack';
import { FLAVOR, IMAGE, KEY, MARK, NETWORK, named, privateAddress, publicAddress, running, SOURCE, secrets } from './common.ts';

await using project = openProject(await findCloud());
const { servers, images, flavors, networks, groups } = project;
const there = (await servers.list()).find(({ name }) => name === 'all-in-one');
if (there) console.log('all-in-one is there already');
const { id } =
  there ??
  (await servers.make({
    name: 'all-in-one',
    imageId: named(await images.list(), IMAGE).id,
    flavorId: named(await flavors.list(), FLAVOR).id,
    networkId: named(await networks.list(), NETWORK).id,
    groupIds: [named(await groups.list(), 'all-in-one').id],
    keyName: KEY,
    metadata: MARK,
    userData: userData({
      name: 'all-in-one',
      install: ['messaging', 'faafo'],
      run: ['api', 'worker', 'demo'],
      adminToken: secrets().admin,
      source: SOURCE,
    }),
  }));
const server = await running(project, id);
console.log(`security groups: ${(await servers.groupsOf(id)).join(', ')}`);
console.log(`private address: ${privateAddress(server)}`);
console.log(`The Fractals application will be at http://${await publicAddress(project, server)}/`);
