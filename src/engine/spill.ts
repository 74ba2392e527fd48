import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Up to this many bytes stay in memory. */
const MEMORY_BYTES = 4 * 2 ** 20;

/** A pile of pieces, taken off in the opposite order; what does not fit in memory lies in a temporary file that has no name any more. */
export class Spill implements AsyncDisposable {
  readonly #pieces: (Uint8Array | { at: number; length: number })[] = [];
  #inMemory = 0;
  #file: FileHandle | null = null;
  #fileBytes = 0;

  /** Copies the piece. */
  async push(piece: Uint8Array): Promise<void> {
    if (this.#inMemory + piece.length <= MEMORY_BYTES) {
      this.#inMemory += piece.length;
      this.#pieces.push(piece.slice());
      return;
    }
    this.#file ??= await openNameless();
    await this.#file.writev([piece], this.#fileBytes);
    this.#pieces.push({ at: this.#fileBytes, length: piece.length });
    this.#fileBytes += piece.length;
  }

  /** Takes off the piece that was pushed last; null when none is left. */
  async pop(): Promise<Uint8Array | null> {
    const top = this.#pieces.pop();
    if (!top) return null;
    if (top instanceof Uint8Array) {
      this.#inMemory -= top.length;
      return top;
    }
    const bytes = new Uint8Array(top.length);
    const { bytesRead } = await (this.#file as FileHandle).read(bytes, 0, top.length, top.at);
    if (bytesRead !== top.length) throw new Error('The temporary file is shorter than what was written to it.');
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

/** Unlinked at once: whatever ends the process, nothing is left behind. */
async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `faafo-${crypto.randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
