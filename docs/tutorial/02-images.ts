import { findCloud, openProject } from '@faafo/faafo/openstack';
import { IMAGE, named } from './common.ts';

await using project = openProject(await findCloud());
const images = await project.images.list();
for (const { id, name, status } of images) console.log(`${id}  ${name}  ${status}`);

const image = named(images, IMAGE);
console.log(`we take ${image.name}: ${image.id}`);
