import { z } from 'zod';
import type { CloudAddress, CloudFlavors, CloudKeyPairs, CloudServer, CloudServers } from '../domain/cloud-resources.ts';
import type { JsonService } from './json-service.ts';

const PAGE = 200;

const FLAVORS = z.object({
  flavors: z.array(z.object({ id: z.string(), name: z.string(), vcpus: z.number(), ram: z.number(), disk: z.number() })),
});
const KEY_PAIR = z.object({ name: z.string(), fingerprint: z.string(), public_key: z.string() });
const SERVER = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  'OS-EXT-STS:task_state': z.string().nullish(),
  created: z.string(),
  metadata: z.record(z.string(), z.string()),
  key_name: z.string().nullish(),
  fault: z.object({ message: z.string() }).optional(),
  flavor: z.object({ original_name: z.string() }),
  image: z.union([z.object({ id: z.string() }), z.literal('')]),
  addresses: z.record(z.string(), z.array(z.object({ addr: z.string(), 'OS-EXT-IPS:type': z.enum(['fixed', 'floating']) }))),
});

/** Pages by marker: a full page may be the last one. */
const nextBy =
  <K extends string>(path: string, key: K, nameOf: (last: never) => string) =>
  (page: Record<K, unknown[]>): string | null =>
    page[key].length < PAGE ? null : `${path}&marker=${encodeURIComponent(nameOf(page[key].at(-1) as never))}`;

/** Source: https://docs.openstack.org/api-ref/compute/#flavors */
export const openFlavors = (compute: JsonService): CloudFlavors => ({
  async list() {
    const path = `/flavors/detail?limit=${PAGE}`;
    const pages = await compute.list(
      FLAVORS,
      path,
      nextBy(path, 'flavors', ({ id }: { id: string }) => id),
    );
    const flavors = pages.flatMap((page) => page.flavors);
    return flavors.map(({ id, name, vcpus, ram, disk }) => ({ id, name, vcpus, memoryMib: ram, diskGib: disk }));
  },
});

/** Source: https://docs.openstack.org/api-ref/compute/#keypairs-keypairs */
export function openKeyPairs(compute: JsonService): CloudKeyPairs {
  const toKeyPair = ({ name, fingerprint, public_key }: z.infer<typeof KEY_PAIR>) => ({
    name,
    fingerprint,
    publicKey: public_key.trim(),
  });
  return {
    async list() {
      const path = `/os-keypairs?limit=${PAGE}`;
      const schema = z.object({ keypairs: z.array(z.object({ keypair: KEY_PAIR })) });
      const next = nextBy(path, 'keypairs', ({ keypair }: { keypair: { name: string } }) => keypair.name);
      const pages = await compute.list(schema, path, next);
      return pages.flatMap(({ keypairs }) => keypairs.map(({ keypair }) => toKeyPair(keypair)));
    },
    async make(name, publicKey) {
      const body = { keypair: { name, type: 'ssh', public_key: publicKey } };
      const { keypair } = await compute.ask(z.object({ keypair: KEY_PAIR }), { method: 'POST', path: '/os-keypairs', body });
      return toKeyPair(keypair);
    },
    async remove(name) {
      await compute.do({ method: 'DELETE', path: `/os-keypairs/${encodeURIComponent(name)}`, also: [404] });
    },
  };
}

/** Source: https://docs.openstack.org/api-ref/compute/#servers-servers */
export function openServers(compute: JsonService): CloudServers {
  const at = (id: string) => `/servers/${encodeURIComponent(id)}`;
  return {
    async list() {
      const path = `/servers/detail?limit=${PAGE}`;
      const next = nextBy(path, 'servers', ({ id }: { id: string }) => id);
      const pages = await compute.list(z.object({ servers: z.array(SERVER) }), path, next);
      return pages.flatMap(({ servers }) => servers.map(toServer));
    },
    async find(id) {
      const schema = z.object({ server: SERVER.optional() });
      const { server } = await compute.ask(schema, { method: 'GET', path: at(id), also: [404] });
      return server ? toServer(server) : null;
    },
    async make({ name, imageId, flavorId, networkId, groupIds, keyName, metadata, userData }) {
      const server = {
        name,
        imageRef: imageId,
        flavorRef: flavorId,
        networks: [{ uuid: networkId }],
        // Nova calls it a name, and means names or ids.
        ...(groupIds.length > 0 && { security_groups: groupIds.map((id) => ({ name: id })) }),
        ...(keyName !== null && { key_name: keyName }),
        metadata,
        user_data: Buffer.from(userData).toString('base64'),
      };
      const schema = z.object({ server: z.object({ id: z.string() }) });
      return (await compute.ask(schema, { method: 'POST', path: '/servers', body: { server } })).server;
    },
    async groupsOf(id) {
      const schema = z.object({ security_groups: z.array(z.object({ name: z.string() })) });
      const { security_groups: groups } = await compute.ask(schema, { method: 'GET', path: `${at(id)}/os-security-groups` });
      return groups.map(({ name }) => name).sort();
    },
    async stop(id) {
      // 409: it is not running.
      await compute.do({ method: 'POST', path: `${at(id)}/action`, body: { 'os-stop': null }, also: [404, 409] });
    },
    async remove(id) {
      await compute.do({ method: 'DELETE', path: at(id), also: [404] });
    },
    async log(id, lines) {
      const call = { method: 'POST', path: `${at(id)}/action`, body: { 'os-getConsoleOutput': { length: lines } } } as const;
      return (await compute.ask(z.object({ output: z.string().nullable() }), call)).output ?? '';
    },
  };
}

function toServer({
  id,
  name,
  status,
  'OS-EXT-STS:task_state': task,
  created,
  metadata,
  key_name,
  fault,
  flavor,
  image,
  addresses,
}: z.infer<typeof SERVER>): CloudServer {
  const all = Object.entries(addresses).flatMap(([network, each]) =>
    each.map(({ addr, 'OS-EXT-IPS:type': kind }): CloudAddress => ({ address: addr, kind, network })),
  );
  return {
    id,
    name,
    status,
    // At the very end it has no task any more, but is still listed.
    isLeaving: task === 'deleting' || task === 'soft-deleting' || status === 'DELETED',
    fault: fault?.message ?? null,
    metadata,
    addresses: all,
    keyName: key_name ?? null,
    flavorName: flavor.original_name,
    imageId: image === '' ? null : image.id,
    createdAt: created,
  };
}
