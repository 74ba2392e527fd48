import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Assignment } from '../../../src/domain/dispatcher.ts';
import { pixelBytes } from '../../../src/domain/spec.ts';
import { createPngFrame } from '../../../src/engine/png.ts';
import { ENGINE_VERSION } from '../../../src/engine/version.ts';
import { chunkOf, forgeRuns } from '../../support/forge-band.ts';

/** What a worker delivers: the band, behind it the thumbnail, and the words that describe both. */
export interface Result {
  readonly bytes: Uint8Array;
  readonly thumbnail: Uint8Array;
  readonly words: Record<string, string>;
}

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const HTML = '<!doctype html><script>alert(1)</script>';
const GIF = 'GIF89a\u0001\u0000\u0001\u0000';

/** Results that look like something, and are not what the engine drew. Their SHA-256 is right, but where that is the forgery. */
export async function forgeries(assignment: Assignment, genuine: Result): Promise<{ name: string; forged: Result }[]> {
  const { spec } = assignment;
  const frame = createPngFrame();
  const head = frame.head(spec, ENGINE_VERSION);
  const png = Buffer.concat([head, genuine.bytes, frame.tail(spec, [])]);
  const band = Buffer.from(genuine.bytes);
  const flipped = Buffer.from(band);
  flipped[Math.floor(band.length / 2)]! ^= 1;
  const bands: [string, Uint8Array][] = [
    ['a whole PNG file', png],
    ['the beginning of a PNG file', head],
    ['SVG', Buffer.from(SVG)],
    ['HTML', Buffer.from(HTML)],
    ['a GIF', Buffer.from(GIF, 'latin1')],
    ['a JPEG', Buffer.from('ffd8ffe000104a46494600', 'hex')],
    ['one byte', Buffer.of(0)],
    ['a flipped bit', flipped],
    ['a band cut off', band.subarray(0, -1)],
    ['a band with a byte before it', Buffer.concat([Buffer.of(0), band])],
    ['a band with HTML behind it', Buffer.concat([band, Buffer.from(HTML)])],
    ['a band with a chunk of text behind it', Buffer.concat([band, chunkOf('tEXt', Buffer.from(`Comment\0${HTML}`))])],
    ['a chunk of text', chunkOf('tEXt', Buffer.from(`Comment\0${HTML}`))],
    ['the end of a PNG file', chunkOf('IEND', Buffer.alloc(0))],
    ['zeros', Buffer.alloc(100_000)],
    ['deflated zeros', deflateRawSync(Buffer.alloc(10_000_000))],
  ];
  const { thumbnail, words } = genuine;
  return [
    ...forgedRuns(assignment, genuine),
    ...bands.map(([name, bytes]) => ({ name, forged: described({ bytes, thumbnail, words }) })),
    ...falseWords(genuine),
    ...(thumbnail.length > 0 ? falseThumbnails(genuine) : []),
  ];
}

/** Chunks that are whole, of a run that is none of this picture's. */
function forgedRuns({ spec, band }: Assignment, { bytes, thumbnail, words }: Result) {
  const split = Number(words.split);
  const hasHeader = band.rows.firstRow === 0;
  const run = { chunk: bytes.subarray(0, split), adler: Number(words.adler), hasHeader };
  return forgeRuns(run, 1 + spec.width * pixelBytes(spec)).map(({ name, chunk, adler }) => {
    const forged = Buffer.concat([chunk, bytes.subarray(split)]);
    const sha256 = createHash('sha256').update(forged).digest('hex');
    return {
      name,
      forged: { bytes: forged, thumbnail, words: { ...words, sha256, adler: String(adler), split: String(chunk.length) } },
    };
  });
}

/** A true band with words that are not true of it. */
function falseWords({ bytes, thumbnail, words }: Result) {
  const having = (name: string, value: string) => ({
    name: `${name} ${value}`,
    forged: { bytes, thumbnail, words: { ...words, [name]: value } },
  });
  const { split } = words;
  return [
    having('sha256', createHash('sha256').update('another').digest('hex')),
    having('sha256', words.sha256!.toUpperCase()),
    having('split', '0'),
    having('split', String(Number(split) - 1)),
    having('split', String(bytes.length + thumbnail.length + 1)),
    having('adler', words.adler === '7' ? '8' : '7'),
    having('mirror_adler', words.mirror_adler === '7' ? '8' : '7'),
    having('adler', '-1'),
    having('adler', '4294967296'),
    having('mirror_adler', 'NaN'),
    having('render_ms', '-1'),
    having('render_ms', 'Infinity'),
    having('render_ms', '1e400'),
    having('thumbnail_bytes', String(bytes.length + thumbnail.length)),
    having('thumbnail_bytes', '2000000'),
  ];
}

function falseThumbnails(genuine: Result) {
  const thumbnails: [string, Uint8Array][] = [
    ['no thumbnail', new Uint8Array()],
    ['SVG as the thumbnail', Buffer.from(SVG)],
    ['HTML as the thumbnail', Buffer.from(HTML)],
    ['a GIF as the thumbnail', Buffer.from(GIF, 'latin1')],
    ['a RIFF that is no WebP', Buffer.from('RIFF\u0004\u0000\u0000\u0000WAVE', 'latin1')],
    ['the first half of a thumbnail', genuine.thumbnail.subarray(0, Math.floor(genuine.thumbnail.length / 4) * 2)],
    ['the other half', genuine.thumbnail.subarray(Math.floor(genuine.thumbnail.length / 2))],
    ['a thumbnail of another size', resized(genuine.thumbnail)],
    ['a thumbnail with HTML behind its frame', withBehind(genuine.thumbnail, HTML)],
    ['HTML that begins as a WebP', Buffer.from(`RIFF\u0004\u0000\u0000\u0000WEBP${HTML}`, 'latin1')],
  ];
  return thumbnails.map(([name, thumbnail]) => ({ name, forged: described({ ...genuine, thumbnail }) }));
}

/** One pixel wider, says its frame. */
function resized(thumbnail: Uint8Array): Buffer {
  const bytes = Buffer.from(thumbnail);
  bytes.writeUInt16LE(bytes.readUInt16LE(26) + 1, 26);
  return bytes;
}

/** In a chunk that the file's own length takes in. */
function withBehind(thumbnail: Uint8Array, text: string): Buffer {
  const padded = text.padEnd(Math.ceil(text.length / 2) * 2);
  const head = Buffer.from('XMP \0\0\0\0', 'latin1');
  head.writeUInt32LE(padded.length, 4);
  const bytes = Buffer.concat([thumbnail, head, Buffer.from(padded)]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}

/** With the words that are true of its bytes. */
function described({ bytes, thumbnail, words }: Result): Result {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const split = String(Math.min(Number(words.split), bytes.length));
  return { bytes, thumbnail, words: { ...words, sha256, split, thumbnail_bytes: String(thumbnail.length) } };
}
