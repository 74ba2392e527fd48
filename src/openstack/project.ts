import { z } from 'zod';
import type { CloudRequest } from '../domain/cloud.ts';
import type { CloudCredentials, CloudImages, CloudProject } from '../domain/cloud-resources.ts';
import type { Cloud } from './clouds.ts';
import { openFlavors, openKeyPairs, openServers } from './compute.ts';
import { openConnection } from './connection.ts';
import { openFloatingIps } from './floating-ips.ts';
import { JsonService } from './json-service.ts';
import { Keystone } from './keystone.ts';
import { microversionOf } from './microversion.ts';
import { openNetworks, openRouters } from './network.ts';
import { openGroups } from './security-groups.ts';
import { serviceOf } from './service.ts';
import { openVolumes } from './volumes.ts';

const IMAGES = z.object({
  images: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      status: z.string(),
      size: z.number().nullish(),
      min_disk: z.number(),
      min_ram: z.number(),
    }),
  ),
  next: z.string().optional(),
});
const CREDENTIAL = z.object({ id: z.string(), name: z.string() });

/**
 * The project that a cloud's credentials are for. Nothing is asked before the first call.
 * @throws {Fault} `invalid` when a file that the cloud names cannot be read
 */
export function openProject(cloud: Cloud): CloudProject {
  const connection = openConnection(cloud);
  const keystone = new Keystone(cloud, connection);
  const nothing = async () => ({});
  const open = (type: string, version: string, isPerProject = false) => {
    const service = serviceOf(connection, keystone, type);
    const whole = async () => (isPerProject ? `${version}/${await service.projectId()}` : version);
    // Some catalogues name the version that is meant, some leave it to whoever asks.
    const withVersion = async (path: string) =>
      (await keystone.endpoint(type)).includes(version) ? path : (await whole()) + path;
    const send = async (request: CloudRequest) => service.send({ ...request, path: await withVersion(request.path) });
    return { ...service, send };
  };
  const compute = open('compute', '/v2.1');
  let microversion: Promise<string> | undefined;
  const microversionHeader = async () => {
    microversion ??= microversionOf(compute);
    return { 'openstack-api-version': `compute ${await microversion}` };
  };
  const nova = new JsonService(compute, 'compute', microversionHeader);
  const neutron = new JsonService(open('network', '/v2.0'), 'network', nothing);
  return {
    projectId: () => compute.projectId(),
    images: openImages(new JsonService(open('image', '/v2'), 'image', nothing)),
    flavors: openFlavors(nova),
    keyPairs: openKeyPairs(nova),
    servers: openServers(nova),
    networks: openNetworks(neutron),
    routers: openRouters(neutron),
    volumes: openVolumes(new JsonService(open('block-storage', '/v3', true), 'block-storage', nothing), nova),
    groups: openGroups(neutron),
    floatingIps: openFloatingIps(neutron),
    credentials: openCredentials(new JsonService(open('identity', '/v3'), 'identity', nothing), async () => {
      const { userId } = await keystone.ticket();
      return userId!;
    }),
    [Symbol.asyncDispose]: async () => connection[Symbol.dispose](),
  };
}

/** Source: https://docs.openstack.org/api-ref/image/v2/#images */
const openImages = (glance: JsonService): CloudImages => ({
  async list() {
    const pages = await glance.list(IMAGES, '/images?limit=100', ({ next }) => next?.replace(/^\/v2/, '') ?? null);
    return pages
      .flatMap(({ images }) => images)
      .map(({ id, name, status, size, min_disk, min_ram }) => ({
        id,
        name: name ?? '',
        status,
        bytes: size ?? null,
        minDiskGib: min_disk,
        minMemoryMib: min_ram,
      }));
  },
});

/** Source: https://docs.openstack.org/api-ref/identity/v3/#application-credentials */
function openCredentials(identity: JsonService, userId: () => Promise<string>): CloudCredentials {
  const at = async () => `/users/${await userId()}/application_credentials`;
  return {
    async list() {
      const schema = z.object({ application_credentials: z.array(CREDENTIAL) });
      return (await identity.ask(schema, { method: 'GET', path: await at() })).application_credentials;
    },
    async make(name, secret, description) {
      const body = { application_credential: { name, secret, description } };
      const schema = z.object({ application_credential: CREDENTIAL });
      return (await identity.ask(schema, { method: 'POST', path: await at(), body })).application_credential;
    },
    async remove(id) {
      await identity.do({ method: 'DELETE', path: `${await at()}/${id}`, also: [404] });
    },
  };
}
