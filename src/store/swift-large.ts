import { createHash, hash, randomUUID } from 'node:crypto';
import { Fault } from '../domain/fault.ts';
import type { ObjectKey } from '../domain/store.ts';
import type { Segment } from './segments.ts';
import { drained, type SwiftContainer } from './swift-container.ts';

/** Swift looks at every segment before it takes a manifest, and takes them away one after the other. */
const MANY_SEGMENTS_MS = 300_000;
/** How fast a segment has to arrive at least, bytes a millisecond: 8 MiB in 30 s. */
const SLOWEST = 2 ** 23 / 30_000;
const SEGMENT_MS = 30_000;
/** How long whoever reads an object that is being replaced may still read the old one. */
const KEEP_REPLACED_S = 3600;
const DIGITS = 8;

/**
 * An object in segments: a static large object. Each writer has a folder of segments of its own, so that those who write the same key at once do not mix; the manifest makes the
 * object visible, whole.
 * Source: https://docs.openstack.org/swift/latest/overview_large_objects.html
 */
export class LargeUpload {
  readonly #container: SwiftContainer;
  readonly #key: ObjectKey;
  readonly #folder: string;
  readonly #sent: { path: string; etag: string; size_bytes: number }[] = [];
  #sending: Promise<void> = Promise.resolve();
  #isManifestSent = false;

  constructor(container: SwiftContainer, key: ObjectKey) {
    this.#container = container;
    this.#key = key;
    this.#folder = `${container.segmentsPath}/${key}/${randomUUID()}`;
  }

  /** Sends a segment; resolves when the one before it has arrived, so that one is sent while the next is made. */
  async add(segment: Segment): Promise<void> {
    await this.#sending;
    this.#sending = this.#send(segment);
    // Whoever comes next is told.
    this.#sending.catch(() => undefined);
  }

  async finish(): Promise<void> {
    await this.#sending;
    const path = `${this.#container.path}/${this.#key}`;
    const replaced = await segmentsOfObject(this.#container, path);
    const checksum = createHash('md5');
    for (const { etag } of this.#sent) checksum.update(etag);
    this.#isManifestSent = true;
    await this.#container.put(
      `${path}?multipart-manifest=put`,
      JSON.stringify(this.#sent),
      checksum.digest('hex'),
      MANY_SEGMENTS_MS,
    );
    for (const old of replaced ?? []) {
      const headers = { 'x-delete-after': String(KEEP_REPLACED_S) };
      await this.#container.call({ method: 'POST', path: encodePath(old), headers, expected: [202, 404] });
    }
  }

  /** Takes away what was sent. Once the manifest is on its way it may have arrived, whatever was heard of it: then the segments stay, at worst as leftovers. */
  async abort(): Promise<void> {
    await this.#sending.catch(() => undefined);
    if (this.#isManifestSent) return;
    // Best effort: what stays behind is found by those who look for leftovers.
    for (const { path } of this.#sent) {
      await this.#container.call({ method: 'DELETE', path: encodePath(path), expected: [204, 404] }).catch(() => undefined);
    }
  }

  async #send(segment: Segment): Promise<void> {
    const etag = hash('md5', segment.bytes);
    const path = `${this.#folder}/${String(this.#sent.length).padStart(DIGITS, '0')}`;
    this.#sent.push({ path: decodeURIComponent(path), etag, size_bytes: segment.bytes.length });
    await this.#container.put(path, segment.bytes, etag, Math.max(SEGMENT_MS, segment.bytes.length / SLOWEST));
    segment.release();
  }
}

/** The names of its segments, with their container in front; null when it is missing, or lies in one piece. */
export async function segmentsOfObject({ send }: SwiftContainer, path: string): Promise<string[] | null> {
  const answer = await send({ method: 'GET', path: `${path}?multipart-manifest=get`, expected: [200, 404] });
  if (answer.status === 404 || answer.headers['x-static-large-object'] === undefined) {
    if (answer.status === 404) await drained(answer);
    else await answer.bytes.return?.();
    return null;
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.bytes) pieces.push(piece);
  return (JSON.parse(Buffer.concat(pieces).toString('utf8')) as { name: string }[]).map(({ name }) => name);
}

/** Its segments first, its manifest last: interrupted, it is done again from the manifest. */
export async function removeLarge({ send }: SwiftContainer, path: string): Promise<void> {
  const answer = await send({
    method: 'DELETE',
    path: `${path}?multipart-manifest=delete`,
    headers: { accept: 'application/json' },
    expected: [200],
    timeoutMs: MANY_SEGMENTS_MS,
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.bytes) pieces.push(piece);
  const { 'Response Status': status, Errors: errors } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as {
    readonly 'Response Status': string;
    readonly Errors: readonly (readonly string[])[];
  };
  if (/^(2|404)/.test(status)) return;
  const why = errors.map((words) => words.join(' ')).join('; ') || status;
  throw new Fault('unavailable', `object-store: DELETE ${path} with its segments failed: ${why}.`, { retryAfterSeconds: 5 });
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
