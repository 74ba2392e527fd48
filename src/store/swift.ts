import { hash } from 'node:crypto';
import type { CloudAnswer, CloudService } from '../domain/cloud.ts';
import { Fault } from '../domain/fault.ts';
import { type Inventory, isObjectKey, type ObjectKey, type StoredObject } from '../domain/store.ts';
import { FullStore } from './full-store.ts';
import { noBytes, ResumingBytes, type Source } from './resuming-bytes.ts';
import { roomIn } from './room.ts';
import { type SegmentSizes, segmentsOf } from './segments.ts';
import { drained, openContainer, type SwiftContainer } from './swift-container.ts';
import { LargeUpload, removeLarge } from './swift-large.ts';
import { listLeftovers } from './swift-leftovers.ts';
import { SwiftRoom } from './swift-room.ts';

/** Larger objects are stored in segments. Two of them lie in memory while an object is written. A thousand, which Swift takes, are 100.5 GiB. */
export const SWIFT_SEGMENTS: SegmentSizes = { first: 8 * 2 ** 20, step: 64, most: 2 ** 27 };
/** What tells that an object lies in segments. */
const IS_LARGE = 'x-static-large-object';

/**
 * Objects in a container of OpenStack Swift, which is made where it is missing. Swift shows an object when all of it has come, and with the checksum that was sent along; a large
 * one is its manifest, which is written last, over segments in the container beside it.
 * @param service the cloud's `object-store`
 * @param make false: what is missing is a fault
 * @throws {Fault} `unavailable`
 */
export async function openSwiftStore(
  service: CloudService,
  name: string,
  { segments = {}, make = true }: { readonly segments?: Partial<SegmentSizes>; readonly make?: boolean } = {},
): Promise<Inventory> {
  const container = await openContainer(service, name, make);
  return new SwiftStore(container, { ...SWIFT_SEGMENTS, ...segments });
}

class SwiftStore implements Inventory {
  readonly #container: SwiftContainer;
  readonly #sizes: SegmentSizes;
  readonly #room: SwiftRoom;

  constructor(container: SwiftContainer, sizes: SegmentSizes) {
    this.#container = container;
    this.#sizes = sizes;
    this.#room = new SwiftRoom(container);
  }

  async put(key: ObjectKey, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(key);
    const segments = segmentsOf(content, this.#sizes);
    const upload = new LargeUpload(this.#container, key);
    try {
      const { value: first } = await segments.next();
      const { value: second } = await segments.next();
      if (!second) {
        await this.#container.put(path, first!.bytes, hash('md5', first!.bytes));
        return first!.release();
      }
      await upload.add(first!);
      await upload.add(second);
      for await (const segment of segments) await upload.add(segment);
      await upload.finish();
    } catch (error) {
      await segments.return().catch(() => undefined);
      await upload.abort();
      if (error instanceof FullStore) this.#room.overflow();
      throw error;
    }
  }

  async get(key: ObjectKey, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>> {
    const path = this.#path(key);
    if (range && range.end <= range.start) {
      if (!(await this.find(key))) throw missing(key);
      return new ResumingBytes(key, { length: 0, bytes: noBytes() }, () => Promise.reject(missing(key)));
    }
    const open = async (start: number, end: number | undefined, etag?: string): Promise<Source & { etag?: string }> => {
      const headers = {
        ...((start > 0 || end !== undefined) && { range: `bytes=${start}-${end === undefined ? '' : end - 1}` }),
        ...(etag !== undefined && { 'if-match': etag }),
      };
      // 409: a segment is gone. 412: another object has taken its place.
      const answer = await this.#container.send({ method: 'GET', path, headers, expected: [200, 206, 404, 409, 412, 416] });
      if (answer.status < 300)
        return { length: Number(answer.headers['content-length']), bytes: answer.bytes, etag: answer.headers.etag };
      await drained(answer);
      // Nothing lies behind its end.
      if (answer.status === 416) return { length: 0, bytes: noBytes() };
      throw missing(key);
    };
    const begin = range?.start ?? 0;
    const first = await open(begin, range?.end);
    return new ResumingBytes(key, first, (done) => open(begin + done, begin + first.length, first.etag));
  }

  async remove(key: ObjectKey): Promise<void> {
    const path = this.#path(key);
    const head = await this.#head(path);
    if (head.status === 404) return;
    if (head.headers[IS_LARGE] === undefined) await this.#container.call({ method: 'DELETE', path, expected: [204, 404] });
    else await removeLarge(this.#container, path);
    this.#room.forget();
  }

  async hasRoom(purpose: 'order' | 'result'): Promise<boolean> {
    if (this.#room.isFull) return false;
    const space = await this.space();
    return space === null || roomIn(space, purpose);
  }

  space(): Promise<{ freeBytes: number; totalBytes: number } | null> {
    return this.#room.space();
  }

  async ping(): Promise<void> {
    await this.#container.call({ method: 'HEAD', path: this.#container.path, expected: [204] });
  }

  async find(key: ObjectKey): Promise<StoredObject | null> {
    const { status, headers } = await this.#head(this.#path(key));
    if (status === 404) return null;
    return { name: key, sizeBytes: Number(headers['content-length']), modifiedAt: Date.parse(headers['last-modified'] ?? '') };
  }

  async *list(): AsyncIterable<StoredObject> {
    for await (const { name, bytes, last_modified } of this.#container.list(this.#container.path)) {
      yield { name, sizeBytes: bytes, modifiedAt: Date.parse(`${last_modified}Z`) };
    }
  }

  leftovers = () => listLeftovers(this.#container);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container[Symbol.asyncDispose]();
  }

  #head(path: string): Promise<CloudAnswer> {
    return this.#container.call({ method: 'HEAD', path, expected: [200, 204, 404] });
  }

  #path(key: ObjectKey): string {
    if (!isObjectKey(key)) throw new Fault('invalid', `${JSON.stringify(key)} is no name of an object.`);
    return `${this.#container.path}/${key}`;
  }
}

const missing = (key: ObjectKey): Fault => new Fault('not_found', `The store has no object ${key}.`);
