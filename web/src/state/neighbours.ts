import { isUnknown, listFractals, Refusal } from '../api/client.ts';
import type { Filter } from '../gallery/filter.ts';

export interface Neighbours {
  /** uuids */
  readonly newer: string | null;
  readonly older: string | null;
}

/** The fractals before and after one in a list of the gallery; null where there is none. */
export async function findNeighbours(uuid: string, filter: Filter): Promise<Neighbours> {
  const [newer, older] = await Promise.all([
    listFractals({ ...filter, newer_than: uuid, results_per_page: 1 }),
    listFractals({ ...filter, older_than: uuid, results_per_page: 1 }),
  ]).catch((error: Error) => {
    // It was deleted meanwhile, which the page says by itself.
    if (error instanceof Refusal && error.status < 500 && !isUnknown(error)) return [];
    throw error;
  });
  return { newer: newer?.objects[0]?.uuid ?? null, older: older?.objects[0]?.uuid ?? null };
}
