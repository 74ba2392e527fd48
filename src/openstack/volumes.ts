import { z } from 'zod';
import type { CloudVolume, CloudVolumes } from '../domain/cloud-resources.ts';
import type { JsonService } from './json-service.ts';

const PAGE = 500;

const VOLUME = z.object({
  id: z.string(),
  name: z.string().nullable(),
  size: z.number(),
  status: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
  attachments: z.array(z.object({ server_id: z.string(), device: z.string().nullish() })),
});
const VOLUMES = z.object({
  volumes: z.array(VOLUME),
  volumes_links: z.array(z.object({ rel: z.string(), href: z.string() })).optional(),
});

/**
 * Volumes are Cinder's; what puts them into servers is Nova.
 * Source: https://docs.openstack.org/api-ref/block-storage/v3/#volumes-volumes, https://docs.openstack.org/api-ref/compute/#servers-with-volume-attachments-servers-os-volume-attachments
 */
export function openVolumes(storage: JsonService, compute: JsonService): CloudVolumes {
  const attachmentsOf = (serverId: string) => `/servers/${encodeURIComponent(serverId)}/os-volume_attachments`;
  return {
    async list() {
      const path = '/volumes/detail';
      const pages = await storage.list(VOLUMES, `${path}?limit=${PAGE}`, ({ volumes_links: links = [] }) => {
        const next = links.find(({ rel }) => rel === 'next');
        return next ? path + new URL(next.href).search : null;
      });
      return pages.flatMap(({ volumes }) => volumes.map(toVolume));
    },
    async make({ name, gib, metadata }) {
      const body = { volume: { name, size: gib, metadata } };
      const schema = z.object({ volume: z.object({ id: z.string() }) });
      return (await storage.ask(schema, { method: 'POST', path: '/volumes', body })).volume;
    },
    async attach(id, serverId) {
      const body = { volumeAttachment: { volumeId: id } };
      await compute.do({ method: 'POST', path: attachmentsOf(serverId), body });
    },
    async detach(id, serverId) {
      await compute.do({ method: 'DELETE', path: `${attachmentsOf(serverId)}/${encodeURIComponent(id)}`, also: [404] });
    },
    async remove(id) {
      await storage.do({ method: 'DELETE', path: `/volumes/${encodeURIComponent(id)}`, also: [404] });
    },
  };
}

const toVolume = ({ id, name, size, status, metadata, attachments: [first] }: z.infer<typeof VOLUME>): CloudVolume => ({
  id,
  name: name ?? '',
  gib: size,
  status,
  metadata,
  serverId: first?.server_id ?? null,
  device: first?.device ?? null,
});
