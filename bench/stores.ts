import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { s3Place } from '../src/cli/s3-place.ts';
import { free } from '../src/domain/free.ts';
import { type Inventory, pictureKey } from '../src/domain/store.ts';
import { findCloud } from '../src/openstack/clouds.ts';
import { openService } from '../src/openstack/service.ts';
import { openFileStore } from '../src/store/file.ts';
import { openS3Store, S3_PARTS } from '../src/store/s3.ts';
import { openSwiftStore, SWIFT_SEGMENTS } from '../src/store/swift.ts';
import { startSwift } from '../test/support/servers/swift.ts';
import { median, round } from './support/measure.ts';

/*
 * What it costs to write and to read 100 MiB in each store, from a stream and to one, and how much memory that takes beside what was there before. Swift and S3 are one
 * private Swift on this machine, which has to share its cores: on a cloud the network counts. The last two have segments of the size that those of an object have beyond its first 7.5 GiB.
 */

const MIB = 2 ** 20;
const SIZE = 100 * MIB;
/** Five of the largest segments. */
const HUGE = 640 * MIB;
const RUNS = 3;

async function* noise(size: number): AsyncIterable<Uint8Array> {
  const chunk = new Uint8Array(MIB);
  for (let at = 0; at < size; at += chunk.length) {
    crypto.getRandomValues(chunk.subarray(0, 65_536));
    yield chunk;
  }
}

interface Watched {
  readonly seconds: number;
  /** bytes beside what was there before */
  readonly peak: number;
}

async function watched(work: () => Promise<void>): Promise<Watched> {
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  const start = performance.now();
  await work();
  clearInterval(watch);
  return { seconds: (performance.now() - start) / 1000, peak: most - before };
}

const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
try {
  await using swift = await startSwift();
  const onSwift = async (segments = {}) =>
    await openSwiftStore(openService(await findCloud(swift.environment), 'object-store'), 'bench', { segments });
  const onS3 = (parts = {}) =>
    openS3Store({ ...s3Place({ bucket: 'bench3', endpoint: swift.s3Endpoint }, swift.s3Environment), parts });
  const open: Record<string, [size: number, () => Promise<Inventory>]> = {
    file: [SIZE, () => openFileStore(folder)],
    swift: [SIZE, onSwift],
    s3: [SIZE, onS3],
    'swift, largest segments': [HUGE, () => onSwift({ first: SWIFT_SEGMENTS.most })],
    's3, largest parts': [HUGE, () => onS3({ first: S3_PARTS.most })],
  };
  const rows = [];
  for (const [name, [size, opened]] of Object.entries(open)) {
    await using store = await opened();
    const key = pictureKey('bench', 1);
    const puts: Watched[] = [];
    const gets: Watched[] = [];
    for (let run = 0; run < RUNS; run++) {
      puts.push(await watched(() => store.put(key, noise(size))));
      gets.push(
        await watched(async () => {
          for await (const piece of await store.get(key)) free(piece);
        }),
      );
      await store.remove(key);
    }
    const rate = (runs: readonly Watched[]) => round(size / MIB / median(runs.map(({ seconds }) => seconds)));
    const peak = (runs: readonly Watched[]) => round(Math.max(...runs.map((run) => run.peak)) / MIB);
    rows.push({
      store: name,
      'put MiB/s': rate(puts),
      'get MiB/s': rate(gets),
      'put peak MiB': peak(puts),
      'get peak MiB': peak(gets),
    });
  }
  console.table(rows);
} finally {
  await rm(folder, { recursive: true });
}
