import type { Spec } from '../domain/spec.ts';
import { thumbnailSpec } from './thumbnail.ts';

/** RIFF, a length, WEBP; then VP8 and a length; a frame tag, the start code and two sides. */
const SHORTEST = 30;
const START_CODE = 0x2a_01_9d;
/** The upper two bits of a side ask for scaling. */
const SIDE = 0x3fff;

/**
 * Why these bytes are no thumbnail of that picture; null when they look like one: a WebP file with one lossy key frame of that very size, and nothing before, behind
 * or beside it. It is not decoded: a decoder in C is what a forged picture would be aimed at, and browsers put theirs in a sandbox.
 * Source: docs/references.md#webp
 */
export function verifyThumbnail(bytes: Uint8Array, spec: Spec): string | null {
  if (bytes.length < SHORTEST) return 'it is too short';
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = `${file.toString('latin1', 0, 4)} ${file.toString('latin1', 8, 16)}`;
  if (words !== 'RIFF WEBPVP8 ') return 'it is no WebP as the engine makes them';
  const frameBytes = file.readUInt32LE(16);
  // Chunks are padded to an even length.
  if (file.readUInt32LE(4) + 8 !== file.length || 20 + frameBytes + (frameBytes & 1) !== file.length) {
    return 'its length is not what it says';
  }
  const tag = file.readUIntLE(20, 3);
  const [isKeyFrame, isShown, firstPartBytes] = [(tag & 1) === 0, ((tag >> 4) & 1) === 1, tag >> 5];
  if (!isKeyFrame || !isShown || firstPartBytes + 10 > frameBytes || file.readUIntLE(23, 3) !== START_CODE) {
    return 'its frame is none that can be shown';
  }
  const { width, height } = thumbnailSpec(spec);
  const [itsWidth, itsHeight] = [file.readUInt16LE(26), file.readUInt16LE(28)];
  if (itsWidth !== width || itsHeight !== height) {
    return `it has ${itsWidth & SIDE} x ${itsHeight & SIDE} pixels in place of ${width} x ${height}`;
  }
  return null;
}
