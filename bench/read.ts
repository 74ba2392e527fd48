import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockHasher, readSums, storeSums } from '../src/actions/block-sums.ts';
import { CheckedBytes } from '../src/actions/checked-bytes.ts';
import { alignedTo, VerifiedBlocks } from '../src/actions/verified-blocks.ts';
import { free } from '../src/domain/free.ts';
import { pictureKey, type Store, sumsKey } from '../src/domain/store.ts';
import { openFileStore } from '../src/store/file.ts';
import { median, round } from './support/measure.ts';

/*
 * What it costs to read a large stored picture so that no damaged byte is passed on: all of it, checked by its checksum as small ones are, and block by block; and a
 * part of it. The file lies in the page cache.
 */

const SIZE = 500 * 2 ** 20;
const PART = 2 ** 20;
const RUNS = 5;
const PART_RUNS = 50;

let given = 0;

async function measured(runs: number, open: () => Promise<AsyncIterable<Uint8Array>>) {
  const times: { wall: number; cpu: number }[] = [];
  for (let run = 0; run < runs; run++) {
    given = 0;
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    for await (const chunk of await open()) free(chunk);
    const { user, system } = process.cpuUsage(cpu);
    times.push({ wall: performance.now() - wall, cpu: (user + system) / 1000 });
  }
  return { wall: median(times.map((each) => each.wall)), cpu: median(times.map((each) => each.cpu)), bytes: given };
}

const counted = async function* (bytes: AsyncIterable<Uint8Array>) {
  for await (const chunk of bytes) {
    given += chunk.length;
    yield chunk;
  }
};

async function* noise(hash: ReturnType<typeof createHash>, blocks: BlockHasher): AsyncIterable<Uint8Array> {
  const chunk = new Uint8Array(2 ** 20);
  for (let at = 0; at < SIZE; at += chunk.length) {
    crypto.getRandomValues(chunk.subarray(0, 65_536));
    hash.update(chunk);
    blocks.update(chunk);
    yield chunk;
  }
}

const damaged = async () => new Error('damaged');
const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
try {
  await using store: Store = await openFileStore(folder);
  const [hash, blocks, key] = [createHash('sha256'), new BlockHasher(), pictureKey('bench', 1)];
  await store.put(key, noise(hash, blocks));
  const checksum = hash.digest('hex');
  const sums = await storeSums(store, sumsKey('bench', 1), blocks.digest());
  const picture = { checksum, sizeBytes: SIZE, key, sums };
  const whole = { start: 0, end: SIZE };
  const verified = async (range: { start: number; end: number }) => {
    const known = (await readSums(store, picture))!;
    const bytes = counted(await store.get(key, alignedTo(range, SIZE)));
    return await new VerifiedBlocks(bytes, { sums: known, sizeBytes: SIZE, range }, damaged).begin();
  };
  const checked = async () => new CheckedBytes(counted(await store.get(key, whole)), checksum, damaged);
  const anywhere = () => Math.floor(Math.random() * (SIZE - PART));
  const reads = {
    'all, unchecked': await measured(RUNS, async () => counted(await store.get(key, whole))),
    'all, by its checksum': await measured(RUNS, checked),
    'all, block by block': await measured(RUNS, () => verified(whole)),
    '1 MiB of it, block by block': await measured(PART_RUNS, () => {
      const start = anywhere();
      return verified({ start, end: start + PART });
    }),
  };
  const before = reads['all, by its checksum'];
  const results = Object.entries(reads).map(([what, { wall, cpu, bytes }]) => ({
    what,
    ms: round(wall),
    'CPU ms': round(cpu),
    'MiB read': round(bytes / 2 ** 20),
    'time / by its checksum': round(wall / before.wall),
  }));
  console.table(results);
  await mkdir('build/bench', { recursive: true });
  await writeFile('build/bench/read.json', `${JSON.stringify(results, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
