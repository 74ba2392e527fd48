import type { CloudProject } from '../domain/cloud-resources.ts';
import { findCloud } from '../openstack/clouds.ts';
import { openProject } from '../openstack/project.ts';

/** The project that the environment and clouds.yaml mean. @throws {Fault} `invalid` with what is missing */
export async function openCloud(): Promise<CloudProject> {
  return openProject(await findCloud());
}
