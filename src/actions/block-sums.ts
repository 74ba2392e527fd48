import { createHash, hash } from 'node:crypto';
import { BLOCK_BYTES, blocksOf, SUM_BYTES } from '../domain/blocks.ts';
import { Fault } from '../domain/fault.ts';
import type { Picture, Sums } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import { type ObjectKey, type Store, sumsKeyBeside } from '../domain/store.ts';

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes);

/** The SHA-256 of each block of bytes that come in any pieces, one behind the other. */
export class BlockHasher {
  readonly #sums: Buffer[] = [];
  #hash = createHash('sha256');
  #held = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + BLOCK_BYTES - this.#held);
      this.#hash.update(part);
      this.#held += part.length;
      at += part.length;
      if (this.#held === BLOCK_BYTES) this.#endBlock();
    }
  }

  /** SUM_BYTES for each block, the last of which may be shorter. Nothing is added afterwards. */
  digest(): Uint8Array {
    if (this.#held > 0) this.#endBlock();
    return Buffer.concat(this.#sums);
  }

  #endBlock(): void {
    this.#sums.push(this.#hash.digest());
    this.#hash = createHash('sha256');
    this.#held = 0;
  }
}

/** Stores the checksums of a picture's blocks. They depend on nothing but its bytes, so whoever writes them last writes the same. */
export async function storeSums(store: Store, key: ObjectKey, sums: Uint8Array): Promise<Sums> {
  await store.put(key, sums);
  return { key, checksum: sha256(sums) };
}

/** The same of a picture that is finished already; of one that is deleted meanwhile nothing stays behind. */
export async function addSums(
  { repository, store }: Pick<Ports, 'repository' | 'store'>,
  { id, picture }: { readonly id: FractalId; readonly picture: Picture },
  sums: Uint8Array,
): Promise<void> {
  const key = sumsKeyBeside(picture.key);
  const stored = await storeSums(store, key, sums);
  if (!(await repository.fractals.addSums(id, picture.key, stored))) await store.remove(key);
}

/** The checksums of the blocks of a picture, or null when they are missing, damaged, or of another number of blocks. */
export async function readSums(store: Store, { sums, sizeBytes }: Picture): Promise<Uint8Array | null> {
  if (!sums) return null;
  const length = blocksOf(sizeBytes) * SUM_BYTES;
  const bytes = Buffer.alloc(length);
  let at = 0;
  try {
    for await (const chunk of await store.get(sums.key)) {
      if (at + chunk.length > length) return null;
      bytes.set(chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    if (error instanceof Fault && error.code === 'not_found') return null;
    throw error;
  }
  return at === length && sha256(bytes) === sums.checksum ? bytes : null;
}
