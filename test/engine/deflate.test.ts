import { constants, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadKernel } from '../../src/engine/load-kernel.ts';

interface Encoder {
  readonly FILTERED: WebAssembly.Global<'i32'>;
  readonly DEFLATED: WebAssembly.Global<'i32'>;
  deflate(length: number): number;
  adler32(address: number, length: number): number;
}

const MOST = 3 * 2 ** 18 + 65_536;

let memory: WebAssembly.Memory;
let encoder: Encoder;
beforeAll(async () => {
  const { picture } = await loadKernel();
  memory = new WebAssembly.Memory({ initial: 0xd2, maximum: 0xd2 });
  encoder = new WebAssembly.Instance(picture!, { env: { memory } }).exports as unknown as Encoder;
});

function deflate(bytes: Uint8Array): Buffer {
  new Uint8Array(memory.buffer, encoder.FILTERED.value, bytes.length).set(bytes);
  return Buffer.from(new Uint8Array(memory.buffer, encoder.DEFLATED.value, encoder.deflate(bytes.length)));
}

function expectRoundTrip(bytes: Uint8Array): void {
  const deflated = deflate(bytes);
  expect(deflated.length).toBeLessThanOrEqual(bytes.length + bytes.length / 6000 + 64);
  expect(deflated.subarray(-4).toString('hex')).toBe('0000ffff');
  const back = inflateRawSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH });
  if (Buffer.compare(back, bytes) !== 0) expect.fail(`${bytes.length} bytes came back as ${back.length} others`);
}

/** Bytes as filtered pictures have them: runs, noise, small differences, in stretches. */
const stretch = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 255 }))
    .map(([n, value]) => new Uint8Array(n).fill(value)),
  fc.uint8Array({ maxLength: 2000, size: 'max' }),
  fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 2000, size: 'max' }).map((values) => Uint8Array.from(values)),
);
const anyBytes = fc.array(stretch, { minLength: 1, maxLength: 60, size: 'max' }).map((pieces) => Buffer.concat(pieces));

describe('the deflate of the kernel', () => {
  it('comes back through zlib', () => {
    fc.assert(fc.property(anyBytes, expectRoundTrip), { numRuns: 400 });
  });

  it.each([0, 1, 2, 3, 4, 5, 257, 258, 259, 260, 261, 262, 263, 49_151, 49_152, 49_153, 98_304, MOST])(
    'of %i equal bytes',
    (length) => {
      expectRoundTrip(new Uint8Array(length));
      expectRoundTrip(new Uint8Array(length).fill(255));
    },
  );

  it('of noise is hardly longer than noise', () => {
    let state = 1;
    const noise = Uint8Array.from({ length: MOST }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
    expectRoundTrip(noise);
  });

  it('of symbols whose Huffman code would be longer than 15 bits', () => {
    // Weights like Fibonacci numbers make the deepest trees.
    const pieces: number[] = [];
    for (let [a, b, value] = [1, 1, 0]; value < 22; [a, b, value] = [b, a + b, value + 1]) {
      for (let i = 0; i < a; i++) pieces.push(value * 11, (value * 11 + 128) & 255);
    }
    expectRoundTrip(Uint8Array.from(pieces));
  });

  it('of a block that begins with nearly equal bytes', () => {
    for (const first of [0, 1, 255]) expectRoundTrip(Uint8Array.of(first, 1, 1, 1, 1, 1, 1, 7));
  });

  it('can be put one after the other', () => {
    const [first, second] = [Buffer.from('one and '), new Uint8Array(70_000).fill(7)];
    const both = Buffer.concat([deflate(first), deflate(second)]);
    const back = inflateRawSync(both, { finishFlush: constants.Z_SYNC_FLUSH });
    expect(Buffer.compare(back, Buffer.concat([first, second]))).toBe(0);
  });
});
