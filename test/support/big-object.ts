import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openStore } from '../../src/cli/open-store.ts';
import { free } from '../../src/domain/free.ts';
import { pictureKey } from '../../src/domain/store.ts';

/*
 * A process that puts a large object into a store, piece by piece as a picture is joined, reads it again, and writes how much memory it had at most.
 * Arguments: storage URL, bytes. The clouds are those of the environment.
 */

const PIECE = 256 * 1024;
const [url, size] = process.argv.slice(2) as [string, string];
const total = Number(size);
await using store = await openStore(url, null);
const key = pictureKey(crypto.randomUUID(), 1);

const sent = createHash('sha256');
async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0, n = 0; at < total; at += PIECE, n++) {
    const piece = new Uint8Array(Math.min(PIECE, total - at));
    for (let i = 0; i < piece.length; i += 64) piece[i] = n + (i >> 6);
    sent.update(piece);
    yield piece;
  }
}
/** The most that lay in memory so far, bytes. */
const peak = (): number => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;

const atFirst = peak();
await store.put(key, pieces());
const afterPut = peak();
const read = createHash('sha256');
for await (const piece of await store.get(key)) {
  read.update(piece);
  free(piece);
}
const isRight = sent.digest('hex') === read.digest('hex');
const { sizeBytes } = (await store.find(key))!;
await store.remove(key);
process.stdout.write(JSON.stringify({ atFirst, afterPut, afterGet: peak(), isRight, sizeBytes }));
