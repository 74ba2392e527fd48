import type { CloudProject } from '../domain/cloud-resources.ts';
import { type Cloud, findCloud } from '../openstack/clouds.ts';
import { openProject } from '../openstack/project.ts';

/** The cloud that the environment and clouds.yaml mean, and its project. @throws {Fault} `invalid` with what is missing */
export async function openCloud(): Promise<AsyncDisposable & { readonly cloud: Cloud; readonly project: CloudProject }> {
  const cloud = await findCloud();
  const project = openProject(cloud);
  return { cloud, project, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
}
