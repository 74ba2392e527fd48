import { findCloud, openProject } from '@faafo/faafo/openstack';
import { named, privateAddress, publicAddress } from './common.ts';

await using project = openProject(await findCloud());
const servers = await project.servers.list();
const [controller, worker] = [named(servers, 'app-controller'), named(servers, 'app-worker-1')];
const outside = await publicAddress(project, controller);

console.log(`ssh debian@${outside}`);
// The worker has no address outside: the way to it leads over the controller.
console.log(`ssh -J debian@${outside} debian@${privateAddress(worker)}`);
console.log('the end of the console of app-worker-1:');
console.log(await project.servers.log(worker.id, 10));
