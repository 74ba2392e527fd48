import { listFractals } from '../api/client.ts';

const WINDOW = 50;

interface Place {
  readonly uuid: string;
  /** from 0, newest first */
  readonly rank: number;
}

export interface Neighbours {
  readonly newer: Place | null;
  readonly older: Place | null;
}

/**
 * The fractals before and after one in the list: a request or two, however long the list is.
 * @param rank where it stood when it was last seen; new orders may have moved it down since
 * @returns null neighbours when it is not found near there
 */
export async function findNeighbours(uuid: string, rank = 0): Promise<Neighbours> {
  const expected = Math.floor(rank / WINDOW) + 1;
  for (const number of [expected, expected + 1]) {
    const { objects, num_results } = await listFractals(number, WINDOW);
    const index = objects.findIndex((fractal) => fractal.uuid === uuid);
    if (index < 0) continue;
    const own = (number - 1) * WINDOW + index;
    const newer = objects[index - 1]?.uuid ?? (own > 0 ? await uuidAt(own - 1) : undefined);
    const older = objects[index + 1]?.uuid ?? (own + 1 < num_results ? await uuidAt(own + 1) : undefined);
    return { newer: placeOf(newer, own - 1), older: placeOf(older, own + 1) };
  }
  return { newer: null, older: null };
}

async function uuidAt(rank: number): Promise<string | undefined> {
  const { objects } = await listFractals(rank + 1, 1);
  return objects[0]?.uuid;
}

const placeOf = (uuid: string | undefined, rank: number): Place | null => (uuid === undefined ? null : { uuid, rank });
