import { free } from '../domain/free.ts';

/** Most objects are much smaller than a segment: the first buffer is, too. */
const FIRST_BYTES = 2 ** 16;

/**
 * How large the segments of an object are, bytes: the first `step` of them have `first`, the next twice as much, and so on, but none has more than `most`. A store takes a certain number
 * of segments, while the length of an object is not known when it begins: so usual objects need little memory, and huge ones need some more.
 */
export interface SegmentSizes {
  readonly first: number;
  readonly step: number;
  readonly most: number;
}

/** Swift takes a thousand, also where it speaks S3 (which itself takes ten thousand). @param at from 0 */
export const sizeOfSegment = ({ first, step, most }: SegmentSizes, at: number): number =>
  Math.max(first, Math.min(most, first * 2 ** Math.floor(at / step)));

/** A piece of an object, as it is sent in one request. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** Gives its memory back; nobody looks at it any more. */
  release(): void;
}

/**
 * The content cut into segments, the last one shorter; an empty object is one of 0 bytes. A whole segment lies in memory, so that it can be sent again, and its checksum is known before it
 * is sent.
 */
export async function* segmentsOf(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  sizes: SegmentSizes,
): AsyncGenerator<Segment, void, undefined> {
  if (content instanceof Uint8Array) {
    for (let [at, number] = [0, 0]; at === 0 || at < content.length; number++) {
      const end = at + sizeOfSegment(sizes, number);
      // The caller's own: it is not ours to give back.
      yield { bytes: content.subarray(at, end), release: () => undefined };
      at = end;
    }
    return;
  }
  let taken = 0;
  let size = sizeOfSegment(sizes, taken);
  let buffer = new Uint8Array(Math.min(size, FIRST_BYTES));
  let filled = 0;
  const take = (): Segment => {
    const [whole, bytes] = [buffer, buffer.subarray(0, filled)];
    taken++;
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
      size = sizeOfSegment(sizes, taken);
      buffer = new Uint8Array(size);
    }
  }
  if (filled > 0 || taken === 0) yield take();
}

function grown(buffer: Uint8Array<ArrayBuffer>, most: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer.transfer(Math.min(most, buffer.length * 4)));
}
