/*
 * Code lengths of a Huffman code, none above a limit. Source: docs/references.md#deflate
 */

/** Scratch for at most 288 symbols: leaves and inner nodes in the order of their weights. */
const MAX_SYMBOLS: usize = 288;

/**
 * Writes the code length, 0 for symbols that do not occur, of each symbol.
 * @param weights u32 per symbol; at least two must occur
 * @param lengths u8 per symbol
 * @param scratch 16 KiB
 */
export function codeLengths(weights: usize, symbols: i32, limit: i32, lengths: usize, scratch: usize): void {
  const order = scratch; // i32: symbols that occur, lightest first
  const weight = order + MAX_SYMBOLS * 4; // u32 × 2: of leaves in that order, then of inner nodes
  const parent = weight + MAX_SYMBOLS * 8; // i32 × 2
  memory.fill(lengths, 0, <usize>symbols);
  const leaves = sortByWeight(weights, symbols, order);
  for (let i = 0; i < leaves; i++) {
    store<u32>(weight + (<usize>i << 2), load<u32>(weights + (<usize>load<i32>(order + (<usize>i << 2)) << 2)));
  }
  let leaf = 0;
  let inner = leaves;
  for (let node = leaves; node < 2 * leaves - 1; node++) {
    let sum: u32 = 0;
    for (let child = 0; child < 2; child++) {
      const takesLeaf = leaf < leaves &&
        (inner >= node || load<u32>(weight + (<usize>leaf << 2)) <= load<u32>(weight + (<usize>inner << 2)));
      const lightest = takesLeaf ? leaf++ : inner++;
      sum += load<u32>(weight + (<usize>lightest << 2));
      store<i32>(parent + (<usize>lightest << 2), node);
    }
    store<u32>(weight + (<usize>node << 2), sum);
  }
  limitDepths(leaves, limit, order, parent, weight, lengths);
}

/** Depths from the root down, shortened to the limit; then longer codes elsewhere until the code is whole again. */
function limitDepths(leaves: i32, limit: i32, order: usize, parent: usize, depth: usize, lengths: usize): void {
  store<i32>(depth + (<usize>(2 * leaves - 2) << 2), 0);
  for (let node = 2 * leaves - 3; node >= 0; node--) {
    const above = load<i32>(parent + (<usize>node << 2));
    store<i32>(depth + (<usize>node << 2), load<i32>(depth + (<usize>above << 2)) + 1);
  }
  // In units of 2^-limit, a code may take 2^limit in all.
  let taken: i32 = 0;
  for (let i = 0; i < leaves; i++) {
    const length = min(limit, load<i32>(depth + (<usize>i << 2)));
    store<i32>(depth + (<usize>i << 2), length);
    taken += 1 << (limit - length);
  }
  // The lightest symbols whose codes are not at the limit yet get longer ones; then those that can, heaviest first, shorter ones.
  for (let i = 0; taken > 1 << limit; i = i + 1 < leaves ? i + 1 : 0) {
    const length = load<i32>(depth + (<usize>i << 2));
    if (length >= limit) continue;
    taken -= 1 << (limit - length - 1);
    store<i32>(depth + (<usize>i << 2), length + 1);
  }
  for (let i = leaves - 1; i >= 0; i--) {
    let length = load<i32>(depth + (<usize>i << 2));
    while (length > 1 && taken + (1 << (limit - length)) <= 1 << limit) {
      taken += 1 << (limit - length);
      length--;
    }
    store<u8>(lengths + <usize>load<i32>(order + (<usize>i << 2)), <u8>length);
  }
}

/** Shell sort: few symbols, and equal weights keep one order on every machine. @returns how many occur */
function sortByWeight(weights: usize, symbols: i32, order: usize): i32 {
  let count = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    if (!load<u32>(weights + (<usize>symbol << 2))) continue;
    store<i32>(order + (<usize>count << 2), symbol);
    count++;
  }
  for (let gap = 121; gap > 0; gap /= 3) {
    for (let i = gap; i < count; i++) {
      const moved = load<i32>(order + (<usize>i << 2));
      const its = load<u32>(weights + (<usize>moved << 2));
      let at = i;
      for (; at >= gap; at -= gap) {
        const other = load<i32>(order + (<usize>(at - gap) << 2));
        const others = load<u32>(weights + (<usize>other << 2));
        if (others < its || (others === its && other < moved)) break;
        store<i32>(order + (<usize>at << 2), other);
      }
      store<i32>(order + (<usize>at << 2), moved);
    }
  }
  return count;
}

/**
 * Canonical codes, their bits in the order in which deflate sends them.
 * @param codes u32 per symbol: the code, and its length from bit 16 on
 */
export function assignCodes(lengths: usize, symbols: i32, codes: usize): void {
  let code: u32 = 0;
  for (let length: u32 = 1; length <= 15; length++) {
    for (let symbol = 0; symbol < symbols; symbol++) {
      if (load<u8>(lengths + <usize>symbol) !== length) continue;
      store<u32>(codes + (<usize>symbol << 2), reversed(code, length) | (length << 16));
      code++;
    }
    code <<= 1;
  }
}

function reversed(code: u32, length: u32): u32 {
  let bits: u32 = 0;
  for (let i: u32 = 0; i < length; i++) bits |= ((code >> i) & 1) << (length - 1 - i);
  return bits;
}
