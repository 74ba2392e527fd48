import { Fault } from '../domain/fault.ts';
import { type Inventory, isObjectKey, type Leftover, type ObjectKey, type StoredObject } from '../domain/store.ts';
import { FullStore } from './full-store.ts';
import { FetchedBytes } from './patient-fetch.ts';
import { noBytes, ResumingBytes, type Source } from './resuming-bytes.ts';
import { openBucket, type S3Bucket, type S3Place, withMd5 } from './s3-bucket.ts';
import { MultipartUpload, pendingUploads } from './s3-large.ts';
import { type SegmentSizes, segmentsOf } from './segments.ts';

/** Larger objects are stored in parts: two of them lie in memory while an object is written. A thousand, which Swift takes, are 108 GiB. */
export const S3_PARTS: SegmentSizes = { first: 16 * 2 ** 20, step: 64, most: 2 ** 27 };
/** How long a store that was full is thought to be full. */
const FULL_MS = 5_000;
const PAGE = 1000;

export interface S3Options extends S3Place {
  readonly parts?: Partial<SegmentSizes>;
  /** false: a bucket that is missing is a fault */
  readonly make?: boolean;
}

/**
 * Objects in a bucket of a service that speaks S3, which is made where it is missing. An object is shown when all of it has come, with the checksum that was sent along.
 * @throws {Fault} `unavailable`
 */
export async function openS3Store({ parts = {}, make = true, ...place }: S3Options): Promise<Inventory> {
  return new S3Store(await openBucket(place, make), { ...S3_PARTS, ...parts });
}

class S3Store implements Inventory {
  readonly #bucket: S3Bucket;
  readonly #sizes: SegmentSizes;
  #fullUntil = 0;

  constructor(bucket: S3Bucket, sizes: SegmentSizes) {
    this.#bucket = bucket;
    this.#sizes = sizes;
  }

  async put(key: ObjectKey, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    refuseNoKey(key);
    const parts = segmentsOf(content, this.#sizes);
    const upload = new MultipartUpload(this.#bucket, key);
    try {
      const { value: first } = await parts.next();
      const { value: second } = await parts.next();
      if (!second) {
        const { bytes } = first!;
        await this.#bucket.call('PUT', key, (client) => client.putObject(key, bytes, undefined, undefined, withMd5(bytes)));
        return first!.release();
      }
      await upload.add(first!);
      await upload.add(second);
      for await (const part of parts) await upload.add(part);
      await upload.finish();
    } catch (error) {
      await parts.return().catch(() => undefined);
      await upload.abort();
      if (error instanceof FullStore) this.#fullUntil = performance.now() + FULL_MS;
      throw error;
    }
  }

  async get(key: ObjectKey, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>> {
    refuseNoKey(key);
    if (range && range.end <= range.start) {
      if (!(await this.find(key))) throw missing(key);
      return new ResumingBytes(key, { length: 0, bytes: noBytes() }, () => Promise.reject(missing(key)));
    }
    const open = async (start: number, end: number | undefined, etag?: string): Promise<Source & { etag?: string }> => {
      const isWhole = start === 0 && end === undefined;
      const condition = etag === undefined ? {} : { 'if-match': etag };
      const answer = await this.#bucket.call('GET', key, (client) => client.getObjectRaw(key, isWhole, start, end, condition), {
        404: () => Promise.reject(missing(key)),
        // Another object has taken its place.
        412: () => Promise.reject(missing(key)),
        // Nothing lies behind its end.
        416: () => null,
      });
      if (!answer) return { length: 0, bytes: noBytes() };
      const { headers } = answer;
      return {
        length: Number(headers.get('content-length')),
        bytes: new FetchedBytes(answer),
        etag: headers.get('etag') ?? undefined,
      };
    };
    const begin = range?.start ?? 0;
    const first = await open(begin, range?.end);
    return new ResumingBytes(key, first, (done) => open(begin + done, begin + first.length, first.etag));
  }

  async remove(key: ObjectKey): Promise<void> {
    refuseNoKey(key);
    await this.#bucket.call('DELETE', key, (client) => client.deleteObject(key), { 404: () => true });
    this.#fullUntil = 0;
  }

  /** S3 tells nobody how much room there is: it is full when something did not fit. */
  async hasRoom(): Promise<boolean> {
    return performance.now() >= this.#fullUntil;
  }

  async space(): Promise<null> {
    return null;
  }

  async ping(): Promise<void> {
    await this.#bucket.insist();
  }

  async find(key: ObjectKey): Promise<StoredObject | null> {
    refuseNoKey(key);
    // Of all names that begin with it, it is the first.
    const page = await this.#bucket.call('GET', key, (client) => client.listObjectsPaged('/', key, 1));
    const [object] = page?.objects ?? [];
    return object?.Key === key ? toStored(object) : null;
  }

  async *list(): AsyncIterable<StoredObject> {
    let token: string | undefined;
    do {
      const page = await this.#bucket.call('GET', '', (client) => client.listObjectsPaged('/', '', PAGE, token));
      yield* (page?.objects ?? []).map(toStored);
      token = page?.nextContinuationToken;
    } while (token !== undefined);
  }

  leftovers(): AsyncIterable<Leftover> {
    return pendingUploads(this.#bucket);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const toStored = ({ Key, Size, LastModified }: { Key: string; Size: number; LastModified: Date }): StoredObject => ({
  name: Key,
  sizeBytes: Size,
  modifiedAt: LastModified.getTime(),
});

function refuseNoKey(key: ObjectKey): void {
  if (!isObjectKey(key)) throw new Fault('invalid', `${JSON.stringify(key)} is no name of an object.`);
}

const missing = (key: ObjectKey): Fault => new Fault('not_found', `The store has no object ${key}.`);
