import { SMALL_PICTURE_BYTES } from '../domain/blocks.ts';
import { Fault } from '../domain/fault.ts';
import type { Picture } from '../domain/fractal.ts';
import { free } from '../domain/free.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import { addSums, BlockHasher, readSums } from './block-sums.ts';
import { CheckedBytes } from './checked-bytes.ts';
import { hasNeighbours } from './neighbours.ts';
import { type Loss, redrawFractal } from './redraw-fractal.ts';
import { SumsCache } from './sums-cache.ts';
import { alignedTo, type Range, VerifiedBlocks } from './verified-blocks.ts';

const RETRY_AFTER_S = 5;

type ReaderPorts = Pick<Ports, 'repository' | 'store' | 'pulse' | 'engineVersion'>;

/**
 * The bytes of a finished picture.
 * @throws {Fault} `unavailable` when they are lost or damaged, `not_found` when they cannot be drawn again; also from the bytes, when that is found out on the way
 */
export type PictureReader = (id: FractalId, picture: Picture, range: Range) => Promise<Uint8Array | AsyncIterable<Uint8Array>>;

/** Told of each picture that was found damaged or missing. @param next what becomes of it, as the end of a sentence */
export type OnLoss = (id: FractalId, loss: Loss, next: string) => void;

/**
 * Reads pictures so that no byte of a damaged one is passed on. Small ones are checked as a whole before their first byte, large ones block by block: a part of one costs
 * the blocks that it lies in. Large ones whose blocks have no checksums yet are read as a whole once, which gives them some. What is damaged is drawn again; what is missing
 * is, too, unless its neighbours are missing as well: a store that is not mounted looks like that.
 */
export function pictureReader(ports: ReaderPorts, onLoss: OnLoss): PictureReader {
  const cache = new SumsCache();
  const making = new Map<string, Promise<Uint8Array>>();
  return async (id, picture, range) => {
    const one = new OnePicture(ports, { id, picture, onLoss }, cache);
    const { checksum, sizeBytes } = picture;
    if (sizeBytes <= SMALL_PICTURE_BYTES) {
      const bytes = await collect(await one.checked());
      return bytes.subarray(range.start, range.end);
    }
    const known = await one.sums();
    if (known) return await one.verified(range, known);
    if (range.end - range.start === sizeBytes) return await one.checked();
    // Those who come meanwhile wait for the same.
    const sums = making.get(checksum) ?? one.makeSums().finally(() => making.delete(checksum));
    making.set(checksum, sums);
    return await one.verified(range, await sums);
  };
}

/** One picture while it is read. */
class OnePicture {
  readonly #ports: ReaderPorts;
  readonly #found: { readonly id: FractalId; readonly picture: Picture; readonly onLoss: OnLoss };
  readonly #cache: SumsCache;

  constructor(
    ports: ReaderPorts,
    found: { readonly id: FractalId; readonly picture: Picture; readonly onLoss: OnLoss },
    cache: SumsCache,
  ) {
    this.#ports = ports;
    this.#found = found;
    this.#cache = cache;
  }

  /** The checksums of its blocks, where there are any. */
  async sums(): Promise<Uint8Array | null> {
    const { picture } = this.#found;
    const sums = this.#cache.get(picture.checksum) ?? (await readSums(this.#ports.store, picture));
    if (sums) this.#cache.keep(picture.checksum, sums);
    return sums;
  }

  /** Reads all of it to make them. */
  async makeSums(): Promise<Uint8Array> {
    const hasher = new BlockHasher();
    for await (const chunk of await this.checked(hasher)) free(chunk);
    return hasher.digest();
  }

  /** A part of it, block by block. */
  async verified(range: Range, sums: Uint8Array): Promise<AsyncIterable<Uint8Array>> {
    const { sizeBytes } = this.#found.picture;
    const bytes = await this.#open(alignedTo(range, sizeBytes));
    return await new VerifiedBlocks(bytes, { sums, sizeBytes, range }, () => this.#condemn('damaged')).begin();
  }

  /** All of it, checked by its checksum. A large one gets checksums for its blocks on the way. */
  async checked(hasher = new BlockHasher()): Promise<AsyncIterable<Uint8Array>> {
    const { checksum, sizeBytes } = this.#found.picture;
    const tap = sizeBytes > SMALL_PICTURE_BYTES ? { update: hasher.update.bind(hasher), end: () => this.#addSums(hasher) } : null;
    return new CheckedBytes(await this.#open({ start: 0, end: sizeBytes }), checksum, () => this.#condemn('damaged'), tap);
  }

  async #addSums(hasher: BlockHasher): Promise<void> {
    const sums = hasher.digest();
    this.#cache.keep(this.#found.picture.checksum, sums);
    // A full store must not end the reading of a good picture; the next process makes them again.
    await addSums(this.#ports, this.#found, sums).catch(() => undefined);
  }

  async #open(wanted: Range): Promise<AsyncIterable<Uint8Array>> {
    const { id, picture } = this.#found;
    try {
      return await this.#ports.store.get(picture.key, wanted);
    } catch (cause) {
      if (!(cause instanceof Fault) || cause.code !== 'not_found') throw cause;
      if (await hasNeighbours(this.#ports, id)) throw await this.#condemn('missing');
      const sentence = `The store has lost the picture of ${id}, and those beside it: see whether it is there, and mounted.`;
      throw new Fault('unavailable', sentence, { cause, retryAfterSeconds: RETRY_AFTER_S });
    }
  }

  /** Has it drawn again where that gives the same bytes. @returns what is to be thrown */
  async #condemn(loss: Loss): Promise<Fault> {
    const { id, picture, onLoss } = this.#found;
    const outcome = await redrawFractal(this.#ports, id, picture.key, loss);
    const isHopeless = outcome === 'given up';
    const next = isHopeless ? 'the engine that drew it is gone' : 'it is drawn again';
    if (outcome !== 'changed meanwhile') onLoss(id, loss, next);
    const sentence = `The stored picture of ${id} ${loss === 'damaged' ? 'was damaged' : 'is missing'}: ${next}.`;
    if (isHopeless) return new Fault('not_found', sentence, { members: { state: 'failed' } });
    return new Fault('unavailable', sentence, { retryAfterSeconds: RETRY_AFTER_S });
  }
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
