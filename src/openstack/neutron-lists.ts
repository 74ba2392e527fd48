import { z } from 'zod';
import type { JsonService } from './json-service.ts';

const PAGE = 500;
const LINKS = z.array(z.object({ rel: z.string(), href: z.string() })).optional();

/** All rows of a list that links its pages: the links are whole addresses, of which the query counts. */
export async function listAll<T>(network: JsonService, path: string, row: z.ZodType<T>, query = ''): Promise<T[]> {
  const key = path.replaceAll('-', '_');
  const schema = z
    .object({ [key]: z.array(row), [`${key}_links`]: LINKS })
    .transform((page) => ({ rows: page[key] as T[], links: page[`${key}_links`] as z.infer<typeof LINKS> }));
  const pages = await network.list(schema, `/${path}?limit=${PAGE}${query}`, ({ links = [] }) => {
    const next = links.find(({ rel }) => rel === 'next');
    return next ? `/${path}${new URL(next.href).search}` : null;
  });
  return pages.flatMap(({ rows }) => rows);
}

export async function putTag(network: JsonService, kind: string, id: string, tag: string): Promise<void> {
  await network.do({ method: 'PUT', path: `/${kind}/${id}/tags/${encodeURIComponent(tag)}` });
}
