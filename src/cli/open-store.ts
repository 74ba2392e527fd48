import { Fault } from '../domain/fault.ts';
import type { Inventory } from '../domain/store.ts';
import type { OpenedDatabase } from '../repository/build.ts';
import { openFileStore } from '../store/file.ts';
import { parseStorageUrl } from './storage-url.ts';

export interface OpenStoreOptions {
  /** another process may be at work there */
  readonly beside?: boolean;
  /** nothing is made: what is not there yet is a fault */
  readonly look?: boolean;
}

/**
 * The store that a URL names.
 * @param repository for `database:`; null where there is none
 * @throws {Fault} with a sentence for the operator
 */
export async function openStore(
  url: string,
  repository: Pick<OpenedDatabase, 'isShared' | 'objects'> | null,
  { beside = false, look = false }: OpenStoreOptions = {},
): Promise<Inventory> {
  const place = parseStorageUrl(url);
  switch (place.kind) {
    case 'file':
      return await openFileStore(place.folder, { beside });
    case 'swift': {
      // Loaded where it is needed: nothing else talks to a cloud.
      const [{ findCloud }, { openService }, { openSwiftStore }] = await Promise.all([
        import('../openstack/clouds.ts'),
        import('../openstack/service.ts'),
        import('../store/swift.ts'),
      ]);
      const cloud = await findCloud({ ...process.env, ...(place.cloud !== undefined && { OS_CLOUD: place.cloud }) });
      return await openSwiftStore(openService(cloud, 'object-store'), place.container, { make: !look });
    }
    case 's3': {
      const [{ openS3Store }, { s3Place }] = await Promise.all([import('../store/s3.ts'), import('./s3-place.ts')]);
      return await openS3Store({ ...s3Place(place), make: !look });
    }
    case 'database':
      if (repository?.isShared) return repository.objects;
      throw new Fault('invalid', 'database: is a store for PostgreSQL or MariaDB: beside SQLite, files are as near and faster.');
  }
}
