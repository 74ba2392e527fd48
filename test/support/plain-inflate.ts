/* A deflate decoder that shares nothing with zlib: what it says of a stream can be held against it. Source: RFC 1951. */

const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [
  ...[1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769],
  ...[1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577],
];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const FIXED = [144, 112, 24, 8].flatMap((count, i) => Array<number>(count).fill([8, 9, 7, 8][i]!));

class NoStream extends Error {}

/** How many codes there are of each length, and their symbols in order. */
interface Code {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/**
 * The content of one run of a band: deflate blocks, none of which is the final one; the last is an empty stored block, with which the bytes end.
 * @returns null when they are none, refer to what lies before them, or give more than `most` bytes
 */
export function plainInflateRun(bytes: Uint8Array, most: number): Uint8Array | null {
  try {
    return inflateRun(bytes, most);
  } catch (error) {
    if (error instanceof NoStream) return null;
    throw error;
  }
}

function inflateRun(bytes: Uint8Array, most: number): Uint8Array {
  const out: number[] = [];
  let at = 0;
  const bits = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++, at++) {
      if (at >= bytes.length * 8) throw new NoStream();
      value |= ((bytes[at >> 3]! >> (at & 7)) & 1) << i;
    }
    return value;
  };
  const give = (byte: number): void => {
    if (out.length >= most) throw new NoStream();
    out.push(byte);
  };
  const decode = ({ counts, symbols }: Code): number => {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= 15; length++) {
      code |= bits(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + (code - first)]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new NoStream();
  };
  const storedBlock = (): number => {
    at = Math.ceil(at / 8) * 8;
    const [length, complement] = [bits(16), bits(16)];
    if (length !== (complement ^ 0xffff)) throw new NoStream();
    for (let i = 0; i < length; i++) give(bits(8));
    return length;
  };
  const codedBlock = (literals: Code, distances: Code): void => {
    for (let symbol = decode(literals); symbol !== 256; symbol = decode(literals)) {
      if (symbol < 256) {
        give(symbol);
        continue;
      }
      const n = symbol - 257;
      if (n >= LENGTHS.length) throw new NoStream();
      const length = LENGTHS[n]! + bits(LENGTH_BITS[n]!);
      const d = decode(distances);
      if (d >= DISTANCES.length) throw new NoStream();
      const distance = DISTANCES[d]! + bits(DISTANCE_BITS[d]!);
      if (distance > out.length) throw new NoStream();
      for (let i = 0; i < length; i++) give(out[out.length - distance]!);
    }
  };
  const dynamicCodes = (): [Code, Code] => {
    const [literals, distances, codes] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
    if (literals > 286 || distances > 30) throw new NoStream();
    const ofCodes = Array<number>(19).fill(0);
    for (let i = 0; i < codes; i++) ofCodes[CODE_ORDER[i]!] = bits(3);
    const code = codeOf(ofCodes, false);
    const lengths: number[] = [];
    while (lengths.length < literals + distances) {
      const symbol = decode(code);
      if (symbol < 16) lengths.push(symbol);
      else {
        const previous = lengths.at(-1);
        if (symbol === 16 && previous === undefined) throw new NoStream();
        const count = symbol === 16 ? 3 + bits(2) : symbol === 17 ? 3 + bits(3) : 11 + bits(7);
        lengths.push(...Array<number>(count).fill(symbol === 16 ? previous! : 0));
      }
    }
    if (lengths.length > literals + distances || lengths[256] === 0) throw new NoStream();
    return [codeOf(lengths.slice(0, literals), true), codeOf(lengths.slice(literals), true)];
  };

  for (;;) {
    const isFinal = bits(1) === 1;
    const type = bits(2);
    let length = -1;
    if (type === 0) length = storedBlock();
    else if (type === 1) codedBlock(codeOf(FIXED, true), codeOf(Array<number>(32).fill(5), true));
    else if (type === 2) codedBlock(...dynamicCodes());
    else throw new NoStream();
    if (isFinal) throw new NoStream();
    if (at === bytes.length * 8) {
      if (length !== 0) throw new NoStream();
      return Uint8Array.from(out);
    }
  }
}

/** @param mayBeSingle whether it may be a lone code of one bit, or none at all */
function codeOf(lengths: readonly number[], mayBeSingle: boolean): Code {
  const counts = Array<number>(16).fill(0);
  for (const length of lengths) counts[length]!++;
  const used = lengths.length - counts[0]!;
  counts[0] = 0;
  let left = 1;
  for (let length = 1; length <= 15; length++) {
    left = left * 2 - counts[length]!;
    if (left < 0) throw new NoStream();
  }
  if (left > 0 && !(mayBeSingle && (used === 0 || (used === 1 && counts[1] === 1)))) throw new NoStream();
  const symbols = [...lengths.keys()].filter((i) => lengths[i]! > 0).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  return { counts, symbols };
}
