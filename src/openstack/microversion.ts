import { z } from 'zod';
import type { CloudService } from '../domain/cloud.ts';
import { Fault } from '../domain/fault.ts';
import { textOf } from './answer-bytes.ts';

/** From 2.47 on (Pike, 2017) a server says what its flavor is called; up to 2.79 (Train) everything that is used here is known to be as it is read. */
const LEAST = 47;
const MOST = 79;

const DOCUMENT = z.object({ version: z.object({ version: z.string(), min_version: z.string() }) });

/**
 * The newest version of the compute API that both sides know.
 * @throws {Fault} `unavailable` when there is none
 * Source: https://docs.openstack.org/api-guide/compute/microversions.html
 */
export async function microversionOf(compute: Pick<CloudService, 'send'>): Promise<string> {
  const answer = await compute.send({ method: 'GET', path: '/', expected: [200] });
  const read = DOCUMENT.safeParse(JSON.parse(await textOf(answer.bytes)));
  const { version = '', min_version = '' } = read.data?.version ?? {};
  return chooseMicroversion(min_version, version);
}

/** @param min, max as the service says, such as 2.1 and 2.93; empty: it knows nothing of versions */
export function chooseMicroversion(min: string, max: string): string {
  const [least, most] = [min, max].map((text) => Number(/^2\.(\d+)$/.exec(text)?.[1] ?? Number.NaN));
  const chosen = Math.min(MOST, most!);
  if (chosen >= Math.max(LEAST, least!)) return `2.${chosen}`;
  const theirs = max === '' ? 'none' : `${min} to ${max}`;
  throw new Fault('unavailable', `compute: this cloud speaks versions ${theirs}, and 2.${LEAST} to 2.${MOST} are known here.`);
}
