import type { Leftover } from '../domain/store.ts';
import type { SwiftContainer, SwiftRow } from './swift-container.ts';
import { segmentsOfObject } from './swift-large.ts';

/** KEY/UPLOAD, the folder in which a writer keeps its segments. */
const FOLDER = /^([^/]+\/[^/]+)\/\d+$/;

/** The segments that no manifest names, those of one writer together: it has died, or is at work. */
export async function* listLeftovers(container: SwiftContainer): AsyncIterable<Leftover> {
  let folder = '';
  let rows: SwiftRow[] = [];
  // They come in the order of their names, so those of one writer come one after the other.
  for await (const row of container.list(container.segmentsPath)) {
    const next = FOLDER.exec(row.name)?.[1];
    if (next === undefined) continue;
    if (next !== folder) yield* abandoned(container, folder, rows);
    if (next !== folder) [folder, rows] = [next, []];
    rows.push(row);
  }
  yield* abandoned(container, folder, rows);
}

async function* abandoned(container: SwiftContainer, folder: string, rows: readonly SwiftRow[]): AsyncIterable<Leftover> {
  if (rows.length === 0) return;
  const segments = await segmentsOfObject(container, `${container.path}/${encodeURIComponent(folder.split('/')[0]!)}`);
  if (segments?.[0]?.includes(`/${folder}/`)) return;
  const path = (name: string) => `${container.segmentsPath}/${name.split('/').map(encodeURIComponent).join('/')}`;
  yield {
    name: `${decodeURIComponent(container.segmentsPath.slice(1))}/${folder}`,
    sizeBytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    modifiedAt: Math.max(...rows.map(({ last_modified }) => Date.parse(`${last_modified}Z`))),
    remove: async () => {
      for (const { name } of rows) await container.call({ method: 'DELETE', path: path(name), expected: [204, 404] });
    },
  };
}
