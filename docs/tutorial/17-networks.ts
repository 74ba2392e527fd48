import { findCloud, openProject } from '@faafo/faafo/openstack';
import { answering, controllerData, EVERYWHERE, EXTERNAL, group, instance, named, publicAddress, workerData } from './common.ts';

const OURS = 'faafo tutorial: networks';
const ROUTER = 'fractals-router';
const TIERS = { 'fractals-front': '10.21.1.0/24', 'fractals-work': '10.21.2.0/24' };

await using project = openProject(await findCloud());
const { networks, routers } = project;

if (!(await routers.list()).some(({ name }) => name === ROUTER)) {
  await routers.make(ROUTER, OURS, named(await networks.list(), EXTERNAL).id);
  console.log(`the router ${ROUTER} was made, with a way to ${EXTERNAL}`);
}
const router = named(await routers.list(), ROUTER);
for (const [name, cidr] of Object.entries(TIERS)) {
  if (!(await networks.list()).some((each) => each.name === name)) await networks.make(name, OURS);
  const network = named(await networks.list(), name);
  if (network.subnetIds.length === 0) await networks.addSubnet(network.id, name, cidr);
  const { subnetIds } = named(await networks.list(), name);
  await routers.connect(router.id, subnetIds[0]!);
  console.log(`the network ${name}: ${(await networks.cidrsOf(network.id)).join(', ')}, behind ${ROUTER}`);
}

// Members of a group are members in whatever network they are: the rules are those of chapter 12, with names of their own.
const worker = await group(project, 'tier-work', [[22, EVERYWHERE]]);
const control = await group(project, 'tier-front', [
  [22, EVERYWHERE],
  [80, EVERYWHERE],
  [5672, { groupId: worker.id }],
]);
const controller = await instance(project, 'tier-controller', control, () => controllerData('tier-controller'), 'fractals-front');
const url = `http://${await publicAddress(project, controller)}`;
console.log(`waiting for the API at ${url}/ …`);
await answering(url);
await instance(project, 'tier-worker-1', worker, () => workerData('tier-worker-1', controller, url), 'fractals-work');
console.log(`The Fractals application is at ${url}/`);
