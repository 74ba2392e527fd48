import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotInject } from './scene.ts';

/**
 * A clock that can be set while those who go by it run. What Node measures (timers, performance.now) goes by the machine's monotonic clock, which nobody can
 * set; that one stays as it is.
 */
export class OtherClock {
  readonly env: NodeJS.ProcessEnv;
  readonly #file: string;

  /** @param folder where it may write a file */
  constructor(folder: string) {
    this.#file = join(folder, 'clock');
    this.env = {
      LD_PRELOAD: findLibrary(),
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param days added to the real time; seen within a second */
  async set(days: number): Promise<void> {
    await writeFile(this.#file, `${days < 0 ? '' : '+'}${days}d\n`);
  }
}

/** @throws {CannotInject} */
function findLibrary(): string {
  const root = '/usr/lib';
  for (const folder of readdirSync(root)) {
    const files = folder.endsWith('-linux-gnu') ? readdirSync(join(root, folder)) : [];
    if (files.includes('faketime')) return join(root, folder, 'faketime', 'libfaketime.so.1');
  }
  throw new CannotInject('libfaketime is missing: apt-get install libfaketime');
}
