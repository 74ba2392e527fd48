import { free } from '../domain/free.ts';

/** Most objects are much smaller than a segment: the first buffer is, too. */
const FIRST_BYTES = 2 ** 16;

/** A piece of an object, as it is sent in one request. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** Gives its memory back; nobody looks at it any more. */
  release(): void;
}

/**
 * The content cut into segments of `size` bytes, the last one shorter; an empty object is one of 0 bytes. A whole segment lies in memory, so that it can be sent again, and
 * its checksum is known before it is sent.
 */
export async function* segmentsOf(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Segment, void, undefined> {
  if (content instanceof Uint8Array) {
    for (let at = 0; at === 0 || at < content.length; at += size) {
      // The caller's own: it is not ours to give back.
      yield { bytes: content.subarray(at, at + size), release: () => undefined };
    }
    return;
  }
  let buffer = new Uint8Array(Math.min(size, FIRST_BYTES));
  let filled = 0;
  let isFirst = true;
  const take = (): Segment => {
    const [whole, bytes] = [buffer, buffer.subarray(0, filled)];
    isFirst = false;
    filled = 0;
    return { bytes, release: () => free(whole) };
  };
  for await (const piece of content) {
    for (let at = 0; at < piece.length; ) {
      if (filled === buffer.length) buffer = grown(buffer, size);
      const some = piece.subarray(at, at + buffer.length - filled);
      buffer.set(some, filled);
      filled += some.length;
      at += some.length;
      if (filled < size) continue;
      yield take();
      buffer = new Uint8Array(size);
    }
  }
  if (filled > 0 || isFirst) yield take();
}

function grown(buffer: Uint8Array<ArrayBuffer>, most: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer.transfer(Math.min(most, buffer.length * 4)));
}
