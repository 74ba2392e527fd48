import { crc32 } from 'node:zlib';
import type { Rows } from '../domain/band.ts';
import type { PngFrame } from '../domain/engine.ts';
import { PICTURE_TEXT_KEYWORD, pictureText } from '../domain/picture-text.ts';
import { isIndexed, pixelBytes, type Spec } from '../domain/spec.ts';
import { CLASSIC_BYTES } from '../kernel/palettes.ts';
import { adler32Combine } from './adler32.ts';
import { AROUND_CHUNK, ZLIB_HEADER } from './png-chunks.ts';
import { verifyBand } from './verify-band.ts';
import { verifyThumbnail } from './verify-thumbnail.ts';

/*
 * A PNG file is: head, the bands in order, tail. The zlib stream inside it begins in band 0 and ends in the tail; each
 * band is deflated by itself and ends byte-aligned, so that bands can be drawn anywhere and put together by concatenation.
 * Source: docs/references.md#png
 */

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const BIT_DEPTH = 8;
const COLOUR_TYPE_RGB = 2;
const COLOUR_TYPE_INDEXED = 3;
/** A final deflate block with nothing in it: fixed Huffman codes, end of block. */
const EMPTY_FINAL_BLOCK = Uint8Array.of(0x03, 0x00);

/** The frame of every PNG file that the engine's bands fit in. */
export function createPngFrame(): PngFrame {
  return {
    head: (spec, engineVersion) =>
      join([
        SIGNATURE,
        chunk('IHDR', [header(spec)]),
        chunk('tEXt', [latin1(`Software\0faafo engine ${engineVersion}`)]),
        chunk('iTXt', [latin1(`${PICTURE_TEXT_KEYWORD}\0\0\0\0\0`), Buffer.from(pictureText(spec))]),
        ...(isIndexed(spec) ? [chunk('PLTE', [CLASSIC_BYTES])] : []),
      ]),
    verifyBand,
    verifyThumbnail,
    tail: (spec, runs) => {
      const rowBytes = 1 + spec.width * pixelBytes(spec);
      let adler = 1;
      for (const { rows, adler: ofRun } of runs) {
        adler = adler32Combine(adler, ofRun, (rows.lastRow - rows.firstRow) * rowBytes);
      }
      return join([chunk('IDAT', [EMPTY_FINAL_BLOCK, u32(adler)]), chunk('IEND', [])]);
    },
  };
}

/** Bytes of the IDAT chunk around a deflated run of rows. */
export const imageDataLength = (deflated: Uint8Array, rows: Rows): number =>
  AROUND_CHUNK + deflated.length + (rows.firstRow === 0 ? ZLIB_HEADER.length : 0);

/** Writes that chunk. The zlib stream begins in row 0. @param chunk exactly as long as it is */
export function writeImageData(chunk: Uint8Array, deflated: Uint8Array, rows: Rows): void {
  const header = rows.firstRow === 0 ? ZLIB_HEADER : new Uint8Array();
  writeChunk(chunk, 'IDAT', [header, deflated]);
}

function header(spec: Spec): Uint8Array {
  return join([
    u32(spec.width),
    u32(spec.height),
    Uint8Array.of(BIT_DEPTH, isIndexed(spec) ? COLOUR_TYPE_INDEXED : COLOUR_TYPE_RGB, 0, 0, 0),
  ]);
}

function chunk(type: string, content: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(AROUND_CHUNK + lengthOf(content));
  writeChunk(bytes, type, content);
  return bytes;
}

/** Length, type, content, and the CRC of the latter two. */
function writeChunk(bytes: Uint8Array, type: string, content: readonly Uint8Array[]): void {
  const end = bytes.length - 4;
  put(bytes, [u32(bytes.length - AROUND_CHUNK), latin1(type), ...content]);
  bytes.set(u32(crc32(bytes.subarray(4, end))), end);
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

const lengthOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(lengthOf(pieces));
  put(bytes, pieces);
  return bytes;
}

function put(bytes: Uint8Array, pieces: readonly Uint8Array[]): void {
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
}
