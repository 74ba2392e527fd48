import { hash } from 'node:crypto';
import { S3mini, S3ServiceError } from 's3mini';
import { Fault } from '../domain/fault.ts';
import { FullStore } from './full-store.ts';
import { patientFetch } from './patient-fetch.ts';

const RETRY_AFTER_S = 5;
/** A part is never too large by itself: EntityTooLarge is how Swift says that a quota is reached. */
const FULL_CODES = ['EntityTooLarge', 'QuotaExceeded', 'XMinioStorageFull', 'InsufficientCapacity'];

/** Where a bucket is, and who asks. */
export interface S3Place {
  readonly bucket: string;
  /** URL without the bucket, which comes behind it as the first part of the path */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Bucket {
  readonly name: string;
  /**
   * @param method and key for messages
   * @param answers what statuses give that are no failure
   * @throws {Fault} `unavailable`, in one line that names service, call and reason; also when the store is full
   */
  call<T>(
    method: string,
    key: string,
    work: (client: S3mini) => Promise<T>,
    answers?: Readonly<Record<number, () => T | Promise<T> | null>>,
  ): Promise<T | null>;
  /** @throws {Fault} `unavailable` when it is not there, or may not be used */
  insist(): Promise<void>;
}

/** @param make makes it where it is missing. @throws {Fault} `unavailable` */
export async function openBucket({ bucket: name, endpoint, ...place }: S3Place, make: boolean): Promise<S3Bucket> {
  const client = new S3mini({ ...place, endpoint: `${endpoint.replace(/\/+$/, '')}/${name}`, fetch: patientFetch });
  const bucket: S3Bucket = {
    name,
    async call(method, key, work, answers = {}) {
      try {
        return await work(client);
      } catch (cause) {
        if (cause instanceof Fault) throw cause;
        const answer = cause instanceof S3ServiceError ? answers[cause.status] : undefined;
        if (answer) return await answer();
        throw explain(`${method} ${key === '' ? name : `${name}/${key}`}`, cause as Error);
      }
    },
    async insist() {
      const isThere = await bucket.call('HEAD', '', () => client.bucketExists());
      if (!isThere) throw unavailable(`HEAD ${name}`, 'there is no such bucket, or these credentials may not use it');
    },
  };
  const isThere = await bucket.call('HEAD', '', () => client.bucketExists());
  if (!isThere && make) await bucket.call('PUT', '', () => client.createBucket());
  if (!isThere) await bucket.insist();
  return bucket;
}

/** The header by which the service knows whether what it got is what was sent. The types know only headers of Amazon's. */
export const withMd5 = (bytes: Uint8Array): Record<`x-amz-${string}`, string> => {
  const headers: Record<string, string> = { 'content-md5': hash('md5', bytes, 'base64') };
  return headers;
};

function explain(call: string, cause: Error): Fault {
  if (cause instanceof S3ServiceError) {
    const reason = `${cause.status} ${cause.serviceCode ?? ''}`.trim();
    const isFull = [413, 507].includes(cause.status) || FULL_CODES.includes(cause.serviceCode ?? '');
    return isFull ? new FullStore(`S3: ${call}: ${reason}`) : unavailable(call, reason, cause);
  }
  // What fetch says is in the cause of its cause; what s3mini says of a listing holds the answer's text.
  const said = innermost(cause)
    .replace(/, err body:.*/s, '')
    .replace(/^\[s3mini\] /, '');
  return unavailable(call, said, cause);
}

function innermost(error: Error): string {
  const { message, code } = error as NodeJS.ErrnoException;
  // Where a name has several addresses, all of which refuse, Node's message is empty.
  return error.cause instanceof Error ? innermost(error.cause) : message || code || 'no answer';
}

const unavailable = (call: string, reason: string, cause?: unknown): Fault =>
  new Fault('unavailable', `S3: ${call} failed: ${reason}.`, { cause, retryAfterSeconds: RETRY_AFTER_S });
