import { findCloud, openProject } from '@faafo/faafo/openstack';

const cloud = await findCloud();
await using project = openProject(cloud);
console.log(`connected to ${cloud.name}, project ${await project.projectId()}`);
