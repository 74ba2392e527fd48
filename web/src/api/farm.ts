import { answer, client, type Fractal, type FractalPage } from './client.ts';
import type { components } from './schema.d.ts';

export type Pause = components['schemas']['Pause'];
export type Worker = components['schemas']['Worker'];
export type Reading = components['schemas']['Reading'];
export type Bands = components['schemas']['Bands'];

/** Workers that are gone are shown for so long. */
const SEEN_WITHIN_S = 600;

/** Those heard of in the last ten minutes, silent ones too, by host. */
export async function getWorkers(): Promise<Worker[]> {
  return (await answer(client.GET('/v1/workers', { params: { query: { seen_within: SEEN_WITHIN_S } } }))).objects;
}

/** @param after `at` of the last one that is known already */
export async function getReadings(after: string | undefined): Promise<Reading[]> {
  const query = after === undefined ? {} : { after };
  return (await answer(client.GET('/v1/readings', { params: { query } }))).objects;
}

export const getBands = (uuid: string): Promise<Bands> =>
  answer(client.GET('/v1/fractal/{uuid}/bands', { params: { path: { uuid } } }));

/** The newest in that state. @param more `cursor` goes on where a page ended; `owner` narrows it to what is somebody's, `me` to one's own */
export function listInState(
  state: Fractal['state'],
  most: number,
  more: { readonly cursor?: string; readonly owner?: string } = {},
): Promise<FractalPage> {
  return answer(client.GET('/v1/fractal', { params: { query: { state, results_per_page: most, ...more } } }));
}

/** @param why one line for those who wait; empty for nothing */
export const pauseQueue = (why: string): Promise<Pause> => answer(client.PUT('/v1/pause', { body: why === '' ? {} : { why } }));

export async function resumeQueue(): Promise<void> {
  await answer<unknown>(client.DELETE('/v1/pause'));
}
