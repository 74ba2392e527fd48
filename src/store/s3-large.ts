import { Fault } from '../domain/fault.ts';
import type { Leftover, ObjectKey } from '../domain/store.ts';
import { type S3Bucket, withMd5 } from './s3-bucket.ts';
import type { Segment } from './segments.ts';

/** An object in parts, which becomes visible, whole, when it is completed. One part is sent while the next is made. */
export class MultipartUpload {
  readonly #bucket: S3Bucket;
  readonly #key: ObjectKey;
  readonly #parts: { partNumber: number; etag: string }[] = [];
  #id: string | null = null;
  #bytes = 0;
  #sending: Promise<void> = Promise.resolve();
  #isCompleted = false;

  constructor(bucket: S3Bucket, key: ObjectKey) {
    this.#bucket = bucket;
    this.#key = key;
  }

  /** Sends a part; resolves when the one before it has arrived. */
  async add(part: Segment): Promise<void> {
    this.#id ??= await this.#bucket.call('POST', this.#key, (client) => client.getMultipartUploadId(this.#key));
    await this.#sending;
    this.#sending = this.#send(part);
    // Whoever comes next is told.
    this.#sending.catch(() => undefined);
  }

  async finish(): Promise<void> {
    await this.#sending;
    this.#isCompleted = true;
    const key = this.#key;
    const complete = await this.#bucket.call(
      'POST',
      key,
      (client) => client.completeMultipartUpload(key, this.#id!, this.#parts),
      {
        // Completed by a try whose answer was lost.
        404: () => null,
      },
    );
    // Some begin to answer before they know: then a failure has the status of a success.
    if (complete?.etag !== undefined) return;
    const page = await this.#bucket.call('GET', key, (client) => client.listObjectsPaged('/', key, 1));
    const [object] = page?.objects ?? [];
    if (object?.Key === key && object.Size === this.#bytes) return;
    throw new Fault('unavailable', `S3: POST ${this.#bucket.name}/${key} failed: the parts were not joined.`, {
      retryAfterSeconds: 5,
    });
  }

  /** Takes the parts away. Once it is being completed it may be complete, whatever was heard of it: then it stays, at worst as a leftover. */
  async abort(): Promise<void> {
    await this.#sending.catch(() => undefined);
    if (this.#id === null || this.#isCompleted) return;
    // Best effort: what stays behind is found by those who look for leftovers.
    await abortUpload(this.#bucket, this.#key, this.#id).catch(() => undefined);
  }

  async #send(part: Segment): Promise<void> {
    const number = this.#parts.length + 1;
    const { bytes } = part;
    this.#parts.push({ partNumber: number, etag: '' });
    this.#bytes += bytes.length;
    const sent = await this.#bucket.call('PUT', this.#key, (client) =>
      client.uploadPart(this.#key, this.#id!, bytes, number, {}, undefined, withMd5(bytes)),
    );
    this.#parts[number - 1] = sent!;
    part.release();
  }
}

const abortUpload = (bucket: S3Bucket, key: string, id: string): Promise<unknown> =>
  bucket.call('DELETE', key, (client) => client.abortMultipartUpload(key, id), { 404: () => null });

/** What a listing of uploads holds; one of anything comes without a list. */
interface UploadsPage {
  readonly Upload?: OneOrMany<{ readonly Key: string; readonly UploadId: string; readonly Initiated: string }>;
  readonly IsTruncated?: string;
  readonly NextKeyMarker?: string;
  readonly NextUploadIdMarker?: string;
}
type OneOrMany<T> = T | readonly T[];

/** Uploads that were begun and neither completed nor given up. How large they are, S3 tells only part by part. */
export async function* pendingUploads(bucket: S3Bucket): AsyncIterable<Leftover> {
  let markers: Record<string, string> = {};
  for (;;) {
    const raw = await bucket.call('GET', '', (client) => client.listMultipartUploads('/', '', 'GET', markers));
    const page = (raw as unknown as { ListMultipartUploadsResult?: UploadsPage }).ListMultipartUploadsResult ?? {};
    for (const { Key: key, UploadId: id, Initiated } of [page.Upload ?? []].flat()) {
      const remove = async () => void (await abortUpload(bucket, key, id));
      yield { name: `${bucket.name}/${key}?uploadId=${id}`, sizeBytes: null, modifiedAt: Date.parse(Initiated), remove };
    }
    if (page.IsTruncated !== 'true' || !page.NextKeyMarker) return;
    markers = { 'key-marker': page.NextKeyMarker, 'upload-id-marker': page.NextUploadIdMarker ?? '' };
  }
}
