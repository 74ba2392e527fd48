import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { S3_PARTS } from '../../src/store/s3.ts';
import { type SegmentSizes, segmentsOf, sizeOfSegment } from '../../src/store/segments.ts';
import { SWIFT_SEGMENTS } from '../../src/store/swift.ts';

const [MIB, GIB] = [2 ** 20, 2 ** 30];
/** What Swift takes where nobody has said otherwise, in both of its interfaces. */
const MOST_SEGMENTS = 1000;

const room = (sizes: SegmentSizes, count: number): number =>
  Array.from({ length: count }, (_, at) => sizeOfSegment(sizes, at)).reduce((sum, size) => sum + size, 0);

describe('segments', () => {
  it.each([
    ['Swift', SWIFT_SEGMENTS],
    ['S3', S3_PARTS],
  ])('of %s hold 100 GiB in as many as it takes, little memory in usual objects, and not too much in any', (_, sizes) => {
    expect(room(sizes, MOST_SEGMENTS)).toBeGreaterThan(100 * GIB);
    expect(sizeOfSegment(sizes, MOST_SEGMENTS - 1)).toBe(128 * MIB);
    const inUsual = Array.from({ length: MOST_SEGMENTS }, (_, at) => at).findLast((at) => room(sizes, at) < 512 * MIB)!;
    expect(sizeOfSegment(sizes, inUsual)).toBe(sizes.first);
  });

  it('are the content, whole and in its order, each as large as it should be, however it comes', async () => {
    const sizes = fc.record({
      first: fc.integer({ min: 1, max: 50 }),
      step: fc.integer({ min: 1, max: 4 }),
      most: fc.integer({ min: 1, max: 300 }),
    });
    const contents = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, contents, fc.boolean(), async (each, pieces, isWhole) => {
        const bytes = Buffer.concat(pieces);
        const stream = (async function* () {
          yield* pieces;
        })();
        const found: Buffer[] = [];
        for await (const segment of segmentsOf(isWhole ? new Uint8Array(bytes) : stream, each)) {
          found.push(Buffer.from(segment.bytes));
          segment.release();
        }
        expect(Buffer.concat(found).equals(bytes)).toBe(true);
        expect(found.slice(0, -1).map(({ length }) => length)).toEqual(
          found.slice(0, -1).map((_, at) => sizeOfSegment(each, at)),
        );
        expect(found.at(-1)!.length).toBeLessThanOrEqual(sizeOfSegment(each, found.length - 1));
        expect(found.at(-1)!.length > 0 || (found.length === 1 && bytes.length === 0)).toBe(true);
      }),
    );
  });
});
