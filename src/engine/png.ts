import { crc32 } from 'node:zlib';
import type { PngFrame } from '../domain/engine.ts';
import { PICTURE_TEXT_KEYWORD, pictureText } from '../domain/picture-text.ts';
import { isIndexed, type Spec } from '../domain/spec.ts';
import { adler32Combine } from './adler32.ts';
import { CLASSIC_BYTES } from './palettes.ts';
import { ENGINE_VERSION } from './version.ts';

/*
 * A PNG file is: head, the bands in order, tail. The zlib stream inside it begins in band 0 and ends in the tail; each
 * band is deflated by itself and ends byte-aligned, so that bands can be drawn anywhere and put together by concatenation.
 * Source: docs/references.md#png
 */

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const BIT_DEPTH = 8;
const COLOUR_TYPE_RGB = 2;
const COLOUR_TYPE_INDEXED = 3;
/** Deflate with a window of 32 KiB, no preset dictionary. */
const ZLIB_HEADER = Uint8Array.of(0x78, 0x01);
/** A final deflate block with nothing in it: fixed Huffman codes, end of block. */
const EMPTY_FINAL_BLOCK = Uint8Array.of(0x03, 0x00);

/** The frame of every PNG file that the engine's bands fit in. */
export function createPngFrame(): PngFrame {
  return {
    head: (spec) =>
      join([
        SIGNATURE,
        chunk('IHDR', [header(spec)]),
        chunk('tEXt', [latin1(`Software\0faafo engine ${ENGINE_VERSION}`)]),
        chunk('iTXt', [latin1(`${PICTURE_TEXT_KEYWORD}\0\0\0\0\0`), Buffer.from(pictureText(spec))]),
        ...(isIndexed(spec) ? [chunk('PLTE', [CLASSIC_BYTES])] : []),
      ]),
    tail: (spec, runs) => {
      const rowBytes = 1 + spec.width * (isIndexed(spec) ? 1 : 3);
      let adler = 1;
      for (const { rows, adler: ofRun } of runs) {
        adler = adler32Combine(adler, ofRun, (rows.lastRow - rows.firstRow) * rowBytes);
      }
      return join([chunk('IDAT', [EMPTY_FINAL_BLOCK, u32(adler)]), chunk('IEND', [])]);
    },
  };
}

/**
 * One IDAT chunk.
 * @param deflated pieces of a run of rows, in order
 * @param firstRow of the run: the zlib stream begins in row 0
 * @returns bytes in a buffer of their own, fit for transfer
 */
export function imageData(deflated: readonly Uint8Array[], firstRow: number): Uint8Array<ArrayBuffer> {
  return chunk('IDAT', firstRow === 0 ? [ZLIB_HEADER, ...deflated] : deflated);
}

function header(spec: Spec): Uint8Array {
  return join([
    u32(spec.width),
    u32(spec.height),
    Uint8Array.of(BIT_DEPTH, isIndexed(spec) ? COLOUR_TYPE_INDEXED : COLOUR_TYPE_RGB, 0, 0, 0),
  ]);
}

/** Length, type, content, and the CRC of the latter two. */
function chunk(type: string, content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = join([u32(length), latin1(type), ...content, u32(0)]);
  const end = bytes.length - 4;
  bytes.set(u32(crc32(bytes.subarray(4, end))), end);
  return bytes;
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
