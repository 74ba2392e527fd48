import { findCloud, openProject } from '@faafo/faafo/openstack';
import { EVERYWHERE, named } from './common.ts';

await using project = openProject(await findCloud());
const { groups } = project;
const has = async (name: string) => (await groups.list()).some((each) => each.name === name);

if (await has('all-in-one')) console.log('the security group all-in-one is there already');
else await groups.make('all-in-one', 'faafo tutorial: all-in-one');
const { id } = named(await groups.list(), 'all-in-one');
for (const port of [22, 80]) await groups.allow(id, port, EVERYWHERE);

// A rule too many, and a group too many: they are taken away again.
await groups.allow(id, 8080, EVERYWHERE);
const rule = named(await groups.list(), 'all-in-one').rules.find(({ fromPort }) => fromPort === 8080);
await groups.disallow(rule!.id);
const spare = (await has('spare'))
  ? named(await groups.list(), 'spare')
  : await groups.make('spare', 'faafo tutorial: to be removed');
await groups.remove(spare.id);

for (const { name, rules } of await groups.list()) {
  const ports = rules.filter(({ direction }) => direction === 'ingress').map(({ fromPort }) => fromPort ?? 'all');
  console.log(`${name}: ports ${ports.sort().join(', ')}`);
}
