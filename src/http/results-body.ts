import { Fault } from '../domain/fault.ts';

const LENGTH_BYTES = 4;
/** A head tells some hundred bytes of each result. */
const MAX_HEAD_BYTES = 2 ** 17;

/** Several results in one body: the length of the head, 4 bytes, big-endian; the head as JSON; the bytes of each. */
export function writeResults(head: unknown, pieces: readonly Uint8Array[]): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, ...pieces]);
}

/** The head, not looked at yet, and what stands behind it. @throws {Fault} `invalid` */
export function readResults(body: Buffer): { head: unknown; bytes: Buffer } {
  const invalid = (cause?: unknown) =>
    new Fault('invalid', 'The body does not begin with the length of its head, 4 bytes, and its head, JSON.', { cause });
  if (body.length < LENGTH_BYTES) throw invalid();
  const end = LENGTH_BYTES + body.readUInt32BE(0);
  if (end > body.length || end > MAX_HEAD_BYTES) throw invalid();
  try {
    return { head: JSON.parse(body.toString('utf8', LENGTH_BYTES, end)), bytes: body.subarray(end) };
  } catch (cause) {
    throw invalid(cause);
  }
}
