import { DEFLATED, FILTERED, SCRATCH } from './memory';
import { assignCodes, codeLengths } from './huffman';

/*
 * Deflate of FILTERED: runs of equal bytes become matches of distance 1, all else literals, in blocks with Huffman codes of their own, or stored
 * where that is shorter. Filtered pictures hold long runs where nothing changes and, elsewhere, little that repeats: looking for other
 * matches costs far more than it saves. The bytes depend on nothing but the input.
 * Source: docs/references.md#deflate
 */

/** Input of one block: a stored block can hold 65,535. */
const BLOCK_BYTES: i32 = 49_152;
const MIN_RUN: i32 = 4;
const MAX_RUN: i32 = 258;
const END_OF_BLOCK: i32 = 256;
const SYMBOLS: i32 = 286;

const WEIGHTS: usize = SCRATCH; // u32 × 286
const LENGTHS: usize = SCRATCH + 0x1000; // u8 × 286
const CODES: usize = SCRATCH + 0x2000; // u32 × 286
const TREE: usize = SCRATCH + 0x4000;

/** Bits that are not written yet, the next ones lowest, and how many. */
let bits: u64 = 0;
let held: u64 = 0;
let output: usize = DEFLATED;

/**
 * Deflates the first `length` bytes of FILTERED into DEFLATED. What comes out ends on a byte boundary without ending the stream.
 * @returns bytes written; at most length + length / 6,000 + 64
 */
export function deflate(length: i32): i32 {
  bits = 0;
  held = 0;
  output = DEFLATED;
  for (let at = 0; at < length; at += BLOCK_BYTES) {
    deflateBlock(FILTERED + <usize>at, min(BLOCK_BYTES, length - at));
  }
  storeBlock(FILTERED, 0);
  return <i32>(output - DEFLATED);
}

function deflateBlock(from: usize, length: i32): void {
  memory.fill(WEIGHTS, 0, <usize>SYMBOLS * 4);
  scan(from, length, false);
  weigh(END_OF_BLOCK);
  // A code needs two symbols.
  weigh(0);
  codeLengths(WEIGHTS, SYMBOLS, 15, LENGTHS, TREE);
  if (codedBits() >= (length + 5) * 8) {
    storeBlock(from, length);
    return;
  }
  assignCodes(LENGTHS, SYMBOLS, CODES);
  writeHeader();
  scan(from, length, true);
  writeCode(END_OF_BLOCK);
}

/** Goes over the literals and runs of a block, to weigh their symbols or to write their codes; `writing` is a constant. */
@inline
function scan(from: usize, length: i32, writing: bool): void {
  const end = from + <usize>length;
  let at = from;
  // The first byte follows none that it could repeat.
  let last: u32 = load<u8>(at++);
  if (writing) writeCode(<i32>last);
  else weigh(<i32>last);
  while (at < end) {
    if (at + 4 <= end && load<u32>(at) === last * 0x0101_0101) {
      const run = runLength(at, end, <u8>last);
      if (writing) writeRun(run);
      else weighRun(run);
      at += <usize>run;
      continue;
    }
    last = load<u8>(at++);
    if (writing) writeCode(<i32>last);
    else weigh(<i32>last);
  }
}

/** How many bytes from here on are `value`, at least MIN_RUN of which are known to be. */
@inline
function runLength(at: usize, end: usize, value: u8): i32 {
  const values = i8x16.splat(<i8>value);
  const limit = min(end, at + MAX_RUN);
  let next = at + MIN_RUN;
  while (next < limit) {
    const other = ~i8x16.bitmask(i8x16.eq(v128.load(next), values)) & 0xffff;
    if (other) {
      next += ctz(other);
      break;
    }
    next += 16;
  }
  return <i32>(min(next, limit) - at);
}

@inline
function weigh(symbol: i32): void {
  const at = WEIGHTS + (<usize>symbol << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** The symbol of a match of that length, 3..258. */
@inline
function symbolOf(run: i32): i32 {
  if (run === MAX_RUN) return 285;
  const length = run - 3;
  if (length < 8) return 257 + length;
  const extra = extraBits(run);
  return 261 + (extra << 2) + ((length >> extra) & 3);
}

/** Bits that follow the symbol and tell the rest of the length. */
@inline
function extraBits(run: i32): i32 {
  return run === MAX_RUN || run < 11 ? 0 : 29 - clz(run - 3);
}

function weighRun(run: i32): void {
  weigh(symbolOf(run));
}

function writeRun(run: i32): void {
  writeCode(symbolOf(run));
  const extra = extraBits(run);
  write((<u64>(run - 3)) & ((<u64>1 << <u64>extra) - 1), <u64>extra);
  // Distance 1: the only distance code, of one bit.
  write(0, 1);
}

/** The size of a coded block, without its header, in bits; a little too large where runs have extra bits. */
function codedBits(): i32 {
  let sum = 200 * 8;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    const length = <i32>load<u8>(LENGTHS + <usize>symbol) + (symbol > END_OF_BLOCK ? 6 : 0);
    sum += length * load<i32>(WEIGHTS + (<usize>symbol << 2));
  }
  return sum;
}

@inline
function writeCode(symbol: i32): void {
  const code = load<u32>(CODES + (<usize>symbol << 2));
  write(<u64>(code & 0xffff), <u64>(code >> 16));
}

@inline
function write(value: u64, length: u64): void {
  bits |= value << held;
  held += length;
  if (held >= 32) {
    store<u32>(output, <u32>bits);
    output += 4;
    bits >>= 32;
    held -= 32;
  }
}

function writeStored(length: i32): void {
  write(0, 3);
  write(0, (8 - (held & 7)) & 7);
  for (; held > 0; held -= 8) {
    store<u8>(output++, <u8>bits);
    bits >>= 8;
  }
  store<u16>(output, <u16>length);
  store<u16>(output, <u16>~length, 2);
  output += 4;
}

function storeBlock(from: usize, length: i32): void {
  writeStored(length);
  memory.copy(output, from, <usize>length);
  output += <usize>length;
}

/**
 * The code lengths of the block. They are sent in a code of their own that never changes: 0 to 12 take four bits, 13 to 18 five.
 */
function writeHeader(): void {
  write(4, 3); // not the last block, codes of its own
  write(<u64>(SYMBOLS - 257), 5);
  write(0, 5); // one distance code
  write(15, 4); // all 19 code lengths of code lengths, in deflate's order: 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  for (let i = 0; i < 19; i++) {
    const isLong = i < 3 || i === 14 || i === 16 || i === 18;
    write(isLong ? 5 : 4, 3);
  }
  for (let symbol = 0; symbol < SYMBOLS; ) {
    const length = <i32>load<u8>(LENGTHS + <usize>symbol);
    let zeros = 0;
    while (symbol + zeros < SYMBOLS && zeros < 138 && !load<u8>(LENGTHS + <usize>(symbol + zeros))) zeros++;
    if (zeros >= 11) {
      writeLength(18);
      write(<u64>(zeros - 11), 7);
      symbol += zeros;
    } else if (zeros >= 3) {
      writeLength(17);
      write(<u64>(zeros - 3), 3);
      symbol += zeros;
    } else {
      writeLength(length);
      symbol++;
    }
  }
  writeLength(1);
}

/** Canonical: four bits count from 0000, five from 11010; the first bit sent is the highest. */
function writeLength(length: i32): void {
  const isLong = length > 12;
  const code = isLong ? 26 + (length - 13) : length;
  const size = isLong ? 5 : 4;
  for (let bit = size - 1; bit >= 0; bit--) write(<u64>((code >> bit) & 1), 1);
}
