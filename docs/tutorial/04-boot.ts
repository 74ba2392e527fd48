import { findCloud, openProject } from '@faafo/faafo/openstack';
import { FLAVOR, IMAGE, MARK, NETWORK, named, running } from './common.ts';

await using project = openProject(await findCloud());
const { images, flavors, networks, servers } = project;
const there = (await servers.list()).find(({ name }) => name === 'testing');
if (there) console.log('testing is there already');
const { id } =
  there ??
  (await servers.make({
    name: 'testing',
    imageId: named(await images.list(), IMAGE).id,
    flavorId: named(await flavors.list(), FLAVOR).id,
    networkId: named(await networks.list(), NETWORK).id,
    groupIds: [],
    keyName: null,
    metadata: MARK,
    userData: '',
  }));
const server = await running(project, id);
console.log(`testing is ${server.status}`);
