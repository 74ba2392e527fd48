import { Fault } from '../domain/fault.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { ObjectKey } from '../domain/store.ts';
import { unseal } from './seal.ts';

/**
 * The small picture of a finished fractal, a WebP. One that is damaged is as good as none: the picture is there in its place.
 * @throws {Fault} `not_found`, `unavailable`
 */
export async function readThumbnail({ store }: Pick<Ports, 'store'>, id: FractalId, key: ObjectKey): Promise<Uint8Array> {
  const none = (why: string, cause?: unknown) =>
    new Fault('not_found', `The fractal ${id} has no thumbnail, ${why}: take the picture.`, { cause });
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of await store.get(key)) chunks.push(chunk);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'not_found') throw cause;
    throw none('as those drawn before there were any', cause);
  }
  const thumbnail = unseal(Buffer.concat(chunks));
  if (!thumbnail) throw none('because the stored one is damaged');
  return thumbnail;
}
