import { Fault } from '../domain/fault.ts';
import { type Fractal, type Picture, progressOf } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { FractalFilter, ListPage } from '../domain/repository.ts';
import { type ObjectKey, thumbnailKey } from '../domain/store.ts';

/** @throws {Fault} `not_found` */
export async function findFractal({ repository }: Pick<Ports, 'repository'>, id: FractalId): Promise<Fractal> {
  const fractal = await repository.fractals.find(id);
  if (!fractal) throw new Fault('not_found', `There is no fractal ${id}.`);
  return fractal;
}

/** The finished picture of a fractal. @throws {Fault} `not_found`, telling the state of an unfinished one */
export async function findPicture(ports: Pick<Ports, 'repository'>, id: FractalId): Promise<Picture> {
  return pictureOf(await findFractal(ports, id));
}

function pictureOf(fractal: Fractal): Picture {
  if (fractal.picture) return fractal.picture;
  const { id } = fractal;
  const members = { state: fractal.state, progress: progressOf(fractal) };
  if (fractal.state === 'failed' || fractal.state === 'cancelled') {
    throw new Fault('not_found', `The fractal ${id} is ${fractal.state}: there is no picture of it.`, { members });
  }
  throw new Fault('not_found', `The fractal ${id} is ${fractal.state}: its picture is not finished yet.`, {
    members,
    retryAfterSeconds: 1,
  });
}

export interface StoredThumbnail {
  readonly key: ObjectKey;
  /** changes with the picture */
  readonly version: string;
}

/** The small picture of a finished fractal. @throws {Fault} `not_found`, telling the state of an unfinished one */
export async function findThumbnail(ports: Pick<Ports, 'repository'>, id: FractalId): Promise<StoredThumbnail> {
  const fractal = await findFractal(ports, id);
  return { key: thumbnailKey(fractal.storeKey), version: pictureOf(fractal).checksum };
}

export interface FractalList {
  readonly total: number;
  readonly fractals: readonly Fractal[];
  /** the seq before which the next page begins; null on the last page */
  readonly nextBeforeSeq: number | null;
}

/** One page, newest first, and how many there are in all. */
export async function listFractals(
  { repository }: Pick<Ports, 'repository'>,
  filter: FractalFilter,
  page: ListPage,
): Promise<FractalList> {
  const total = await repository.fractals.count(filter);
  if (page.afterSeq !== undefined) {
    const fractals = await repository.fractals.list(filter, page);
    // Whoever asks has seen what comes below.
    return { total, fractals, nextBeforeSeq: fractals.at(-1)?.seq ?? null };
  }
  const found = await repository.fractals.list(filter, { ...page, limit: page.limit + 1 });
  const fractals = found.slice(0, page.limit);
  const last = fractals.at(-1);
  return {
    total,
    fractals,
    nextBeforeSeq: found.length > page.limit && last ? last.seq : null,
  };
}
