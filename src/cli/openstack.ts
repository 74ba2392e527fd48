/*
 * `@faafo/faafo/openstack`, for programs: how one talks to a cloud, and what an instance is given so that it becomes one of faafo. docs/tutorial is written with it.
 */
export { newAccessToken } from '../actions/access-token.ts';
export { type HostPlan, userData } from '../actions/cloud/user-data.ts';
export { type CloudAnswer, type CloudRequest, type CloudService, LostAnswer } from '../domain/cloud.ts';
export type {
  CloudFlavor,
  CloudFloatingIp,
  CloudGroup,
  CloudImage,
  CloudKeyPair,
  CloudNetwork,
  CloudProject,
  CloudRouter,
  CloudRule,
  CloudServer,
  CloudVolume,
  RuleSource,
  ServerOrder,
} from '../domain/cloud-resources.ts';
export { Fault } from '../domain/fault.ts';
export { type Cloud, findCloud } from '../openstack/clouds.ts';
export { openProject } from '../openstack/project.ts';
export { openService } from '../openstack/service.ts';
