import { mkdir, rename, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../../support/servers/private-server.ts';
import { CannotInject } from './scene.ts';

const MIB = 2 ** 20;
const FILL = 'fill';

/** Those who use the folder; they are ended while it moves. */
export interface Users {
  stop(): Promise<unknown>;
  start(): Promise<unknown>;
}

/**
 * A folder that lies on a small disk of its own for a while, with all that is in it, and can be filled. The disk is memory, as much as is used of it. Needs root.
 */
export class SmallDisk implements AsyncDisposable {
  readonly #folder: string;
  readonly #users: Users;

  private constructor(folder: string, users: Users) {
    this.#folder = folder;
    this.#users = users;
  }

  /**
   * @param mib what is free on it at first
   * @throws {CannotInject}
   */
  static async under(folder: string, mib: number, users: Users): Promise<SmallDisk> {
    const disk = new SmallDisk(folder, users);
    await users.stop();
    try {
      await disk.#mount(mib);
    } finally {
      await users.start();
    }
    return disk;
  }

  get #aside(): string {
    return `${this.#folder}.aside`;
  }

  async #mount(mib: number): Promise<void> {
    const used = Number.parseInt(await runProgram(['du', '-sm', this.#folder]), 10);
    await rename(this.#folder, this.#aside);
    await mkdir(this.#folder);
    try {
      await runProgram(['mount', '-t', 'tmpfs', '-o', `size=${used + mib}m`, 'tmpfs', this.#folder]);
    } catch (error) {
      await rmdir(this.#folder);
      await rename(this.#aside, this.#folder);
      throw new CannotInject(`no small disk can be mounted: ${(error as Error).message.trim().split('\n').at(-1)}`);
    }
    await runProgram(['cp', '-a', `${this.#aside}/.`, this.#folder]);
  }

  /** Leaves so many MiB free. */
  async fill(leaveMib = 0): Promise<void> {
    await this.free();
    const { bavail, bsize } = await statfs(this.#folder);
    const bytes = bavail * bsize - leaveMib * MIB;
    if (bytes <= 0) return;
    // Others write at the same time: it may be full before.
    await writeFile(join(this.#folder, FILL), Buffer.alloc(bytes)).catch((error) => {
      if (error.code !== 'ENOSPC') throw error;
    });
  }

  async free(): Promise<void> {
    await rm(join(this.#folder, FILL), { force: true });
  }

  /** The folder is where it was, with what it holds now. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.free();
    await this.#users.stop();
    await rm(this.#aside, { recursive: true });
    await runProgram(['cp', '-a', this.#folder, this.#aside]);
    await runProgram(['umount', this.#folder]);
    await rmdir(this.#folder);
    await rename(this.#aside, this.#folder);
    await this.#users.start();
  }
}
