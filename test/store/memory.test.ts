import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateSwift, startSwift } from '../support/servers/swift.ts';

const MIB = 2 ** 20;
const PICTURE = 500 * MIB;
/** Of which two segments (8 MiB) or parts (16 MiB) are the store's; a Node that does nothing has some 70 MiB. */
const MOST = PICTURE / 2;

/** Prints how much memory it took: `npm test -- test/store/memory`. */
describe('memory, while a picture of 500 MiB is put and read', () => {
  let swift: PrivateSwift;
  beforeAll(async () => {
    swift = await startSwift();
  }, 400_000);
  afterAll(() => swift?.[Symbol.asyncDispose]());

  it.each(['swift:', 's3:'])(
    'is less than half of it at every moment, in a process with the store %s',
    async (scheme) => {
      const url = scheme === 'swift:' ? 'swift://big' : `s3://big3?endpoint=${encodeURIComponent(swift.s3Endpoint)}`;
      const words = ['--disable-warning=ExperimentalWarning', PROGRAM, url, String(PICTURE)];
      const env = { ...process.env, ...swift.environment, ...swift.s3Environment };
      const { stdout } = await promisify(execFile)(process.execPath, words, { env });
      const { atFirst, afterPut, afterGet, ...picture } = JSON.parse(stdout) as Record<string, number>;
      const inMib = (bytes = 0) => `${Math.round(bytes / MIB)} MiB`;
      console.info(`${scheme} at first ${inMib(atFirst)}, after put ${inMib(afterPut)}, after get ${inMib(afterGet)}`);
      expect(picture).toEqual({ isRight: true, sizeBytes: PICTURE });
      expect(afterGet).toBeLessThan(MOST);
    },
    400_000,
  );
});

const PROGRAM = new URL('../support/big-object.ts', import.meta.url).pathname;
